//go:build linux

package guest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"brink/internal/trial"
	"brink/internal/wire"
)

func TestEnsureGuestLeavesTheHostAlone(t *testing.T) {
	require.NotEqual(t, 1, os.Getpid(), "don't run tests as pid 1")
	mounts := func() string {
		text, err := os.ReadFile("/proc/self/mountinfo")
		require.NoError(t, err)
		return string(text)
	}
	before := mounts()
	require.ErrorContains(t, EnsureGuest(), "does not run anywhere else; start a VM with `brink run`")
	assert.Equal(t, before, mounts(), "nothing was mounted")
}

func TestParseLoadavg(t *testing.T) {
	for text, want := range map[string][2]int64{
		"0.10 0.20 0.30 1/123 456\n": {123, 456},
		"9 9 9 12/70000 4194303":     {70000, 4194303},
		"":                           {}, "0.1 0.2 0.3": {}, "a b c d e": {}, "0 0 0 5 7": {0, 7},
	} {
		threads, pid := parseLoadavg(text)
		assert.Equal(t, want, [2]int64{threads, pid}, "%q", text)
	}
}

func TestParseMeminfo(t *testing.T) {
	got := parseMeminfo(strings.NewReader("MemTotal:         499728 kB\nMemFree:            1024 kB\nHugePages_Total:       5\n" +
		"no colon\nEmpty:\nOdd: x kB\n"))
	assert.Equal(t, map[string]int64{"MemTotal": 499728, "MemFree": 1024, "HugePages_Total": 5, "Odd": 0}, got)
}

func TestParseKmsg(t *testing.T) {
	for record, want := range map[string]string{
		"3,339,5140900,-;bad page\n SUBSYSTEM=acpi\n DEVICE=+acpi:PNP0A03:00\n": "bad page",
		"0,1,2,-;emergency\n":                              "emergency",
		"2,1,2,-,caller=T1;a; b, c\n":                      "a; b, c",
		"4,339,5140900,-;a mere warning\n":                 "",
		"6,339,5140900,-;information\n":                    "",
		"11,339,5140900,-;a daemon's error (facility 1)\n": "",
		"-1,1,1,-;negative\n":                              "", "x,1;text\n": "", "3,1,2,-": "", "": "", ";": "",
	} {
		text, ok := parseKmsg([]byte(record))
		assert.Equal(t, want != "", ok, "%q", record)
		assert.Equal(t, want, text, "%q", record)
	}
}

func FuzzParseKmsg(f *testing.F) {
	f.Add([]byte("3,339,5140900,-;text\n SUBSYSTEM=acpi\n"))
	f.Fuzz(func(t *testing.T, record []byte) {
		text, ok := parseKmsg(record)
		if !ok && text != "" || strings.Contains(text, "\n") {
			t.Fatalf("%q gives %q, %v", record, text, ok)
		}
	})
}

func TestKernelLogWithoutDevice(t *testing.T) {
	lines, count := (&kernelLog{-1}).errors()
	assert.Empty(t, lines)
	assert.Zero(t, count)
}

func TestParseStatState(t *testing.T) {
	for stat, want := range map[string]string{
		"71 (init) S 1 71": "S", "71 (a) b (c)) D 1": "D", "71 (x) t": "t", "71 (kworker/0:1-events) I 2": "I",
		"": "", "71 (init)": "", "71 (init) ": "",
	} {
		assert.Equal(t, want, parseStatState(stat), "%q", stat)
	}
}

func TestReadTask(t *testing.T) {
	child := exec.Command("true")
	require.NoError(t, child.Start())
	pid := child.Process.Pid
	// Wait until it is a zombie, and leave it one.
	require.NoError(t, unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil))
	assert.Equal(t, trial.Task{PID: pid, Comm: "true", State: "Z"}, withoutWhere(readTask(pid)), "a state that is neither D, R nor S is told too")
	require.NoError(t, child.Wait())
	assert.Equal(t, trial.Task{PID: pid}, readTask(pid), "a task that is gone has no state")
	assert.Contains(t, "RS", readTask(os.Getpid()).State)
}

func withoutWhere(task trial.Task) trial.Task {
	task.Wchan, task.Stack = "", ""
	return task
}

func TestPageIsShared(t *testing.T) {
	a, f, err := newPage()
	require.NoError(t, err)
	defer f.Close()
	b, err := mapPage(f) // as the worker does, in its process
	require.NoError(t, err)
	a.step.Store(5)
	a.deadline.Store(1 << 62)
	b.done.Store(-7)
	b.total.Store(9)
	assert.Equal(t, []int64{5, 1 << 62, -7, 9}, []int64{b.step.Load(), b.deadline.Load(), a.done.Load(), a.total.Load()})
}

func TestMeter(t *testing.T) {
	p, f, err := newPage()
	require.NoError(t, err)
	defer f.Close()
	m := &Meter{Reps: 2, page: p}
	boom := errors.New("boom")
	require.NoError(t, m.Time(10, func() error { return nil }))
	require.ErrorIs(t, m.Time(10, func() error { return boom }), boom)
	require.NoError(t, m.Time(20, func() error { sleep(5 * time.Millisecond); return nil }))
	require.Len(t, m.samples, 2, "what failed leaves no sample")
	for i, s := range m.samples {
		assert.Equal(t, i, s.Rep)
		assert.Equal(t, int64(10*(i+1)), s.Count)
		assert.Positive(t, s.WallNS)
	}
	assert.GreaterOrEqual(t, m.samples[1].WallNS, int64(5*time.Millisecond))
	m.Progress(3, 4)
	assert.Equal(t, []int64{3, 4}, []int64{p.done.Load(), p.total.Load()})
	(&Meter{}).Progress(1, 2) // outside of a worker there is no page
}

// TestMeterSignal: a second is recorded with its step, and a value that JSON does not have breaks nothing.
func TestMeterSignal(t *testing.T) {
	var sent []trial.Event
	m := &Meter{event: trial.Event{Step: 3, Kind: trial.StepOp, Size: 40, Op: "flood", Untimed: true},
		send: func(e trial.Event) error { _, err := json.Marshal(e); sent = append(sent, e); return err }}
	require.NoError(t, m.Signal(trial.Signals{"offered": 5, "share": math.NaN(), "rate": math.Inf(1)}))
	assert.Equal(t, []trial.Event{{Type: trial.EventSignals, Step: 3, Kind: trial.StepOp, Size: 40, Op: "flood", Untimed: true,
		Signals: trial.Signals{"offered": 5}}}, sent)
	assert.NoError(t, (&Meter{}).Signal(trial.Signals{"offered": 5}), "outside of a worker nobody listens")
}

func TestOpError(t *testing.T) {
	assert.Equal(t, &trial.OpError{Errno: 12, Name: "ENOMEM", Message: "add wg0: cannot allocate memory"},
		opError(fmt.Errorf("add wg0: %w", unix.ENOMEM)))
	assert.Equal(t, &trial.OpError{Message: "no errno"}, opError(errors.New("no errno")))
}

func TestProcessClock(t *testing.T) {
	assert.Positive(t, clock(processClock(os.Getpid())))
	assert.Zero(t, clock(processClock(1<<22+1)), "no such process")
}

func TestWarmThreads(t *testing.T) {
	threads := func() int {
		dirs, err := os.ReadDir("/proc/self/task")
		require.NoError(t, err)
		return len(dirs)
	}
	want := max(threads(), 32)
	warmThreads(want)
	assert.GreaterOrEqual(t, threads(), want, "they are kept")
}

// scenarioFunc is a scenario that is one function.
type scenarioFunc func(op string, size int64, m *Meter) error

func (f scenarioFunc) Do(op string, size int64, m *Meter) error { return f(op, size, m) }

// work lets a worker follow steps and returns what it sent.
func work(t *testing.T, s Scenario, steps ...trial.Step) ([]trial.Event, *page, error) {
	t.Helper()
	return workPlan(t, s, trial.Plan{V: trial.Version, Trial: 3, Steps: steps})
}

// workPlan is work with a whole plan.
func workPlan(t *testing.T, s Scenario, plan trial.Plan) ([]trial.Event, *page, error) {
	t.Helper()
	p, shared, err := newPage()
	require.NoError(t, err)
	defer shared.Close()
	read, write, err := os.Pipe()
	require.NoError(t, err)
	w := &worker{plan: plan, scenario: s, out: write, page: p, log: &kernelLog{-1}}
	got := make(chan []byte)
	go func() { text, _ := io.ReadAll(read); got <- text }()
	failed := w.run()
	write.Close()
	in := wire.NewReader(bytes.NewReader(<-got))
	var events []trial.Event
	for {
		e, err := in.Event()
		if err == io.EOF {
			return events, p, failed
		}
		require.NoError(t, err)
		assert.Equal(t, 3, e.Trial)
		assert.Positive(t, e.GuestNS)
		events = append(events, e)
	}
}

func TestWorker(t *testing.T) {
	once := func(m *Meter) error { return m.Time(1, func() error { return nil }) }
	var deadlines []int64
	s := scenarioFunc(func(op string, size int64, m *Meter) error {
		deadlines = append(deadlines, m.page.deadline.Load())
		switch op {
		case "refused":
			return errors.Join(once(m), fmt.Errorf("add: %w", unix.ENOSPC))
		case "impossible":
			return fmt.Errorf("no key: %w", ErrUnsupported)
		case "fault":
			return fmt.Errorf("%w: oops", ErrScenario)
		case "unfit":
			return fmt.Errorf("impl=avx: %w", ErrSettings)
		}
		return once(m)
	})
	op := func(name string) trial.Step { return trial.Step{Kind: trial.StepOp, Size: 10, Op: name, Reps: 1} }
	timed, untimed := op("good"), op("good")
	timed.Deadline, untimed.Untimed = 1e9, true
	for name, c := range map[string]struct {
		steps   []trial.Step
		want    string
		samples int
		err     error
	}{
		"good":      {[]trial.Step{timed, untimed}, "begin end begin end done", 1, nil},
		"skipped":   {[]trial.Step{op("impossible"), op("good")}, "begin skip begin end done", 1, nil},
		"refused":   {[]trial.Step{op("refused"), op("good")}, "begin op-error done", 1, nil},
		"unfit":     {[]trial.Step{op("unfit"), op("good")}, "begin unfit done", 0, nil},
		"own fault": {[]trial.Step{op("fault"), op("good")}, "begin", 0, ErrScenario},
		"unknown":   {[]trial.Step{{Kind: "dance"}}, "begin", 0, ErrScenario},
	} {
		t.Run(name, func(t *testing.T) {
			events, p, err := work(t, s, c.steps...)
			require.ErrorIs(t, err, c.err)
			var types []string
			samples := 0
			for _, e := range events {
				types = append(types, string(e.Type))
				samples += len(e.Samples)
				if e.Type == trial.EventOpError {
					assert.Equal(t, "ENOSPC", e.Err.Name)
					assert.NotNil(t, e.Health)
				}
			}
			assert.Equal(t, c.want, strings.Join(types, " "))
			assert.Equal(t, c.samples, samples)
			assert.Zero(t, p.deadline.Load(), "no step runs")
			if c.err == nil {
				assert.Equal(t, int64(-1), p.step.Load())
			}
		})
	}
	var set int
	for _, d := range deadlines {
		if d != 0 {
			set++
		}
	}
	assert.Equal(t, 1, set, "only the step with a deadline has one, while it runs")
}
