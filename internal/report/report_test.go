package report

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

var update = flag.Bool("update", false, "write the golden files")

func spec() scenario.Spec {
	return scenario.Spec{Name: "fake", Title: "made up", Axes: []scenario.Axis{{Name: "peers"}}, Ops: []scenario.Op{
		{Name: "load", From: scenario.Empty, To: scenario.Full, Growth: scenario.Linear, Budget: scenario.Budget{PerUnit: time.Millisecond}},
		{Name: "get", From: scenario.Full, To: scenario.Full, Growth: scenario.Constant, Budget: scenario.Budget{Base: 5 * time.Millisecond}},
		{Name: "talk", From: scenario.Full, To: scenario.Full, Growth: scenario.Constant, Budget: scenario.Budget{Base: time.Second}},
	}, Options: []scenario.Option{{Name: "hot", Default: "64"}, {Name: "ipv6", Default: "0"}}}
}

func run(id string) trial.Run {
	return trial.Run{V: 1, ID: id, Scenario: "fake", Axis: "peers", Sizes: []int64{1000, 2000, 4000}, Settings: map[string]string{"hot": "128", "ipv6": "0"},
		Kernel:  trial.Kernel{Name: "debian:6.12.1", Release: "6.12.1-amd64"},
		Machine: trial.Machine{Accel: "tcg", Clock: trial.ClockICount, MemoryMB: 1024, CPUs: 1, CPU: "max", Board: "microvm", QEMU: "7.2.22"}}
}

func op(name string, size, count int64, walls ...time.Duration) trial.Event {
	e := trial.Event{Type: trial.EventEnd, Trial: 1, Kind: trial.StepOp, Size: size, Op: name}
	for _, w := range walls {
		e.Samples = append(e.Samples, trial.Sample{Count: count, WallNS: int64(w)})
	}
	return e
}

func canary(size int64, fork *trial.OpError) trial.Event {
	return trial.Event{Type: trial.EventEnd, Trial: 1, Kind: trial.StepCanary, Size: size,
		Canaries: []trial.Canary{{Name: "fork", NS: 1_500_000, Err: fork}, {Name: "timer", NS: 1_050_000}},
		Health:   &trial.Health{Threads: 80, LastPID: 1234 + size, MemFreeKB: 900_000, SlabKB: 30_000, PercpuKB: 2_000, StackKB: 1_280, Taint: 512, KernelCount: 1}}
}

// broken is a ramp that shows one of everything.
func broken() *judge.Table {
	enomem := &trial.OpError{Errno: 12, Name: "ENOMEM", Message: "cannot allocate memory"}
	f := &trial.Failure{Kind: trial.Panic, Title: "BUG: null-deref in foo", Signature: "panic:foo:wireguard", Function: "foo"}
	steps := []trial.Step{{Deadline: time.Minute}}
	return judge.Read(spec(), run("20260102-030405-fake-6.12.1"), []trial.Event{
		{Type: trial.EventTrial, Trial: 1, Plan: &trial.Plan{Steps: steps}, Start: trial.StartBoot},
		canary(0, nil), op("load", 1000, 1000, 123*time.Millisecond), canary(1000, nil), op("get", 1000, 1, 2*time.Millisecond, 3*time.Millisecond, 4*time.Millisecond),
		{Type: trial.EventSkip, Trial: 1, Kind: trial.StepOp, Size: 1000, Op: "talk", Text: "no key"}, canary(1000, nil),
		op("load", 2000, 2000, 2500*time.Millisecond), op("get", 2000, 1, 3*time.Millisecond, 4*time.Millisecond, 1234*time.Millisecond),
		{Type: trial.EventDeadline, Trial: 1, Kind: trial.StepOp, Size: 2000, Op: "talk", Task: &trial.Task{State: "D", Wchan: "rtnl_lock"}},
		{Type: trial.EventOutcome, Trial: 1, Outcome: &trial.Outcome{Kind: trial.Deadline, Size: 2000, Op: "talk", Text: "still running at its deadline"}},
		{Type: trial.EventTrial, Trial: 2, Plan: &trial.Plan{}, Start: trial.StartClone},
		canary(4000, enomem),
		{Type: trial.EventOpError, Trial: 2, Kind: trial.StepOp, Size: 4000, Op: "get", Err: enomem},
		{Type: trial.EventOutcome, Trial: 2, Outcome: &trial.Outcome{Kind: trial.Panic, Size: 4000, Op: "load", Failure: f, Text: f.Title}},
		{Type: trial.EventOutcome, Trial: 3, Outcome: &trial.Outcome{Kind: trial.Harness, Text: "QEMU was killed by signal 9 (killed)"}},
	})
}

// healthy is a whole ramp without a finding; every time is the given multiple of broken's.
func healthy(id string, factor time.Duration) *judge.Table {
	events := []trial.Event{{Type: trial.EventTrial, Trial: 1, Plan: &trial.Plan{}, Start: trial.StartBoot}}
	for _, n := range run("").Sizes {
		events = append(events, op("load", n, n, factor*time.Duration(n)*time.Microsecond), op("get", n, 1, factor*time.Millisecond),
			op("talk", n, 1, factor*time.Millisecond))
	}
	events = append(events, trial.Event{Type: trial.EventOutcome, Trial: 1, Outcome: &trial.Outcome{Kind: trial.Completed}})
	return judge.Read(spec(), run(id), events)
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

func TestText(t *testing.T) {
	for name, table := range map[string]*judge.Table{
		"broken": broken(), "healthy": healthy("h", 1), "empty": judge.Read(spec(), run("e"), nil),
	} {
		t.Run(name, func(t *testing.T) {
			var text bytes.Buffer
			require.NoError(t, Text(&text, table))
			golden(t, name+".txt", text.Bytes())
		})
	}
}

func TestCompare(t *testing.T) {
	var text bytes.Buffer
	slow := healthy("b", 3)
	slow.Sizes = []int64{1000, 2000, 8000} // only what both have is compared
	side := func(a, b *judge.Table) { require.NoError(t, Compare(&text, a, b, judge.Compare(a, b))) }
	side(healthy("a", 1), slow)
	text.WriteString("====\n")
	side(broken(), healthy("b", 6))
	golden(t, "compare.txt", text.Bytes())
}

// full is a disk without room.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrorsAreTold(t *testing.T) {
	require.ErrorIs(t, Text(full{}, broken()), errFull)
	require.ErrorIs(t, Compare(full{}, broken(), broken(), judge.Compare(broken(), broken())), errFull)
}
