package lab

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/qemu"
	"brink/internal/trial"
	"brink/internal/wire"
)

// panics is a console as 6.1 writes it with oops=panic.
const panics = `[    5.000001] BUG: kernel NULL pointer dereference, address: 0000000000000008
[    5.000002] #PF: supervisor read access in kernel mode
[    5.000003] Oops: 0000 [#1] PREEMPT SMP NOPTI
[    5.000004] CPU: 0 PID: 71 Comm: init Not tainted 6.1.0 #1
[    5.000005] RIP: 0010:wg_peer_remove+0x2a/0x90 [wireguard]
[    5.000006] Call Trace:
[    5.000007]  <TASK>
[    5.000008]  wg_set_device+0x11/0x40 [wireguard]
[    5.000009]  genl_family_rcv_msg_doit+0xf1/0x130
[    5.000010]  </TASK>
[    5.000011] Kernel panic - not syncing: Fatal exception in interrupt
[    5.000012] Rebooting in 1 seconds..
`

const oom = `[    5.000001] init invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
[    5.000002] Out of memory: Killed process 71 (init) total-vm:901232kB, anon-rss:801232kB, file-rss:0kB
`

const initKilled = "[    5.000001] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100\n"

const warning = `[    5.000001] ------------[ cut here ]------------
[    5.000002] WARNING: CPU: 0 PID: 71 at net/core/dev.c:5790 flush_backlog+0x1c/0x80
[    5.000003] RIP: 0010:flush_backlog+0x1c/0x80
[    5.000004] ---[ end trace 0000000000000000 ]---
`

func TestOutcomes(t *testing.T) {
	op := func(typ trial.EventType) trial.Event {
		return trial.Event{Type: typ, Step: 1, Kind: trial.StepOp, Size: 1024, Op: "load"}
	}
	done := trial.Event{Type: trial.EventDone, Step: -1}
	sick := op(trial.EventEnd)
	sick.Canaries = []trial.Canary{{Name: "timer"}, {Name: "fork", Err: &trial.OpError{Name: "EAGAIN", Message: "no more"}}}
	refused := op(trial.EventOpError)
	refused.Err = &trial.OpError{Name: "ENOMEM", Message: "cannot allocate"}
	late := op(trial.EventDeadline)
	late.Task = &trial.Task{State: "D"}
	killed := op(trial.EventWorker)
	killed.Text = "worker killed by SIGKILL"
	fault := func(kind trial.Kind) trial.Event {
		e := op(trial.EventFault)
		e.Failure = &trial.Failure{Kind: kind, Title: "killed outside", Signature: "oom:outside", Function: "f"}
		return e
	}

	for name, c := range map[string]struct {
		play     func(*fakeVM)
		kind     trial.Kind
		size     int64
		op       string
		text     string
		function string
	}{
		"done":  {func(vm *fakeVM) { vm.begin(); vm.send(op(trial.EventEnd)); vm.send(done) }, trial.Completed, 0, "", "", ""},
		"fault": {func(vm *fakeVM) { vm.begin(); vm.send(fault(trial.OOM)) }, trial.OOM, 1024, "load", "killed outside", "f"},
		"fault that ends no ramp": {func(vm *fakeVM) { vm.begin(); vm.send(fault(trial.Warning)) }, trial.Harness, 1024, "load",
			`a fault of kind "warning", which ends no ramp: killed outside`, ""},
		"done, and then off": {func(vm *fakeVM) {
			vm.begin()
			vm.send(done)
			vm.shutdown()
		}, trial.Completed, 0, "", "", ""},
		"done, and QEMU killed":  {func(vm *fakeVM) { vm.begin(); vm.send(done); vm.die(syscall.SIGKILL) }, trial.Completed, 0, "", "", ""},
		"healthy boot chatter":   {func(vm *fakeVM) { vm.says(warning); synctest.Wait(); vm.hello(); vm.send(done) }, trial.Completed, 0, "", "", ""},
		"canary":                 {func(vm *fakeVM) { vm.begin(); vm.send(sick); vm.send(done) }, trial.OpRefused, 1024, "load", "canary fork: no more", ""},
		"refused":                {func(vm *fakeVM) { vm.begin(); vm.send(refused) }, trial.OpRefused, 1024, "load", "cannot allocate", ""},
		"late":                   {func(vm *fakeVM) { vm.begin(); vm.send(late) }, trial.Deadline, 1024, "load", "task in state D", ""},
		"warning":                {func(vm *fakeVM) { vm.begin(); vm.says(warning); vm.send(done) }, trial.Warning, 1024, "load", "flush_backlog", "flush_backlog"},
		"panic":                  {func(vm *fakeVM) { vm.begin(); vm.says(panics); vm.shutdown() }, trial.Oops, 1024, "load", "wg_peer_remove", "wg_peer_remove"},
		"panic without SHUTDOWN": {func(vm *fakeVM) { vm.begin(); vm.says(panics) }, trial.Oops, 1024, "load", "wg_peer_remove", "wg_peer_remove"},
		"panic of its own": {func(vm *fakeVM) {
			vm.begin()
			vm.says("[    5.1] x\n[    5.100000] Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: wg_xmit+0x1/0x2 [wireguard]\n")
			vm.shutdown()
		}, trial.Panic, 1024, "load", "wg_xmit", "wg_xmit"},
		"panic told after an op failed": {func(vm *fakeVM) { vm.begin(); go vm.says(panics); vm.send(refused) }, trial.Oops, 1024, "load", "wg_peer_remove", "wg_peer_remove"},
		"oom kill of the worker":        {func(vm *fakeVM) { vm.begin(); vm.says(oom); vm.send(killed) }, trial.OOM, 1024, "load", "out of memory", ""},
		"worker killed by nobody":       {func(vm *fakeVM) { vm.begin(); vm.says("all is well\n"); vm.send(killed) }, trial.Harness, 1024, "load", "worker killed by SIGKILL; last console line: all is well", ""},
		"init killed":                   {func(vm *fakeVM) { vm.begin(); vm.says(initKilled); vm.shutdown() }, trial.Harness, 1024, "load", "", ""},
		"init killed before hello":      {func(vm *fakeVM) { vm.says(initKilled); vm.shutdown() }, trial.Harness, 0, "", "stopped before the agent answered; last console line: [    5.000001] Kernel panic", ""},
		"reset without a word":          {func(vm *fakeVM) { vm.begin(); vm.shutdown() }, trial.VMDied, 1024, "load", "reset itself without a word", ""},
		"QEMU killed from outside":      {func(vm *fakeVM) { vm.begin(); vm.die(syscall.SIGKILL) }, trial.Harness, 0, "", "goodbye", ""},
		"QEMU told to end":              {func(vm *fakeVM) { vm.begin(); vm.die(syscall.SIGTERM) }, trial.Harness, 0, "", "goodbye", ""},
		"QEMU told to end, and says so": {func(vm *fakeVM) { vm.begin(); vm.told() }, trial.Harness, 0, "", "told from outside to stop", ""},
		"disk of the host is full":      {func(vm *fakeVM) { vm.begin(); vm.full() }, trial.Harness, 0, "", "does not fit on the host's disk", ""},
		"QEMU gives up":                 {func(vm *fakeVM) { vm.begin(); vm.die(0) }, trial.Harness, 0, "", "goodbye", ""},
		"QEMU crashes":                  {func(vm *fakeVM) { vm.begin(); vm.die(syscall.SIGSEGV) }, trial.VMDied, 1024, "load", "goodbye", ""},
		"QEMU crashes mid-event": {func(vm *fakeVM) {
			vm.begin()
			io.WriteString(vm.agent, `{"v":1,"type":"en`)
			vm.die(syscall.SIGSEGV)
		}, trial.VMDied, 1024, "load", "goodbye", ""},
		"QEMU ends before hello": {func(vm *fakeVM) { vm.die(0) }, trial.Harness, 0, "", "goodbye", ""},
		"garbage":                {func(vm *fakeVM) { vm.begin(); io.WriteString(vm.agent, "garbage\n") }, trial.Harness, 0, "", "agent channel: malformed message", ""},
		"hollow event":           {func(vm *fakeVM) { vm.begin(); vm.send(trial.Event{Type: trial.EventOpError}) }, trial.Harness, 0, "", "op-error lacks", ""},
		"no hello":               {func(vm *fakeVM) { vm.says("hi there\r\n") }, trial.Harness, 0, "", "did not answer within 30s; last console line: hi there", ""},
		"no hello, no console":   {func(*fakeVM) {}, trial.Harness, 0, "", "the console is empty", ""},
		"silence":                {func(vm *fakeVM) { vm.begin() }, trial.Unresponsive, 1024, "load", "no sign of life for 1m9s", ""},
		"console is no sign of life": {func(vm *fakeVM) {
			vm.begin()
			for range 600 {
				if _, err := io.WriteString(vm.console, "still printing\n"); err != nil {
					return
				}
				<-time.After(time.Second)
			}
		}, trial.Unresponsive, 1024, "load", "no sign of life", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for range 20 { // whatever of two things is seen first
				end := follow(t, func(_ context.CancelFunc, vm *fakeVM) { c.play(vm) })
				require.NoError(t, end.err)
				o := end.outcome
				assert.Equal(t, c.kind, o.Kind, o.Text)
				assert.Equal(t, c.size, o.Size)
				assert.Equal(t, c.op, o.Op)
				assert.Contains(t, o.Text, c.text)
				if c.function != "" && assert.NotNil(t, o.Failure) {
					assert.Equal(t, c.function, o.Failure.Function)
				}
				for _, e := range end.events {
					assert.Equal(t, 7, e.Trial)
				}
			}
		})
	}
}

func TestProgressIsASignOfLife(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) {
		vm.begin()
		for range 30 {
			<-time.After(limits.Silence - time.Second)
			vm.send(trial.Event{Type: trial.EventProgress, Progress: &trial.Progress{State: "R"}})
		}
		vm.send(trial.Event{Type: trial.EventDone})
	})
	require.NoError(t, end.err)
	assert.Equal(t, trial.Completed, end.outcome.Kind)
	assert.Greater(t, end.took, 25*time.Minute)
	assert.Len(t, end.events, 33, "every event is recorded")
}

func TestEventsUnderWayAreRecorded(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) {
		vm.hello()
		for i := range 40 {
			vm.send(trial.Event{Type: trial.EventBegin, Step: i, Size: int64(i), Op: "load"})
		}
		vm.shutdown()
	})
	assert.Equal(t, trial.VMDied, end.outcome.Kind)
	assert.Equal(t, int64(39), end.outcome.Size, "the last begin says where it was lost")
	assert.Len(t, end.events, 43, "verdict and capture included")
}

// TestEventUnderWaySettlesTheTrial: a guest powers off right after its done, and the host may see that first.
func TestEventUnderWaySettlesTheTrial(t *testing.T) {
	died := &fakeVM{signal: syscall.SIGKILL}
	for name, conclude := range map[string]func(*watch) *trial.Outcome{"off": (*watch).stopped, "killed": (*watch).died} {
		t.Run(name, func(t *testing.T) {
			agent := make(chan message, 2)
			agent <- message{event: begin}
			agent <- message{event: trial.Event{Type: trial.EventDone}}
			var types []trial.EventType
			w, err := newWatch(died, t.TempDir(), limits, "", func(e trial.Event) error { types = append(types, e.Type); return nil })
			require.NoError(t, err)
			defer w.close()
			w.hello, w.agent = true, agent
			assert.Equal(t, trial.Completed, conclude(w).Kind)
			assert.Equal(t, []trial.EventType{trial.EventBegin, trial.EventDone}, types)
		})
	}
}

// TestStepComesBeforeTheConsole: a busy host finds a begin and the error that followed it at the same time.
func TestStepComesBeforeTheConsole(t *testing.T) {
	for range 50 {
		agent, console := make(chan message, 1), make(chan []byte, 1)
		agent <- message{event: begin}
		console <- []byte("[    5.000001] neighbour: ndisc_cache: neighbor table overflow!\n") // reported at once
		var sizes []int64
		w, err := newWatch(&fakeVM{}, t.TempDir(), limits, "", func(e trial.Event) error { sizes = append(sizes, e.Size); return nil })
		require.NoError(t, err)
		w.hello, w.agent, w.console = true, agent, console
		for range 2 {
			_, err := w.next(t.Context(), nil)
			require.NoError(t, err)
		}
		w.close()
		require.Equal(t, []int64{1024, 1024}, sizes, "of the begin and of the failure")
	}
}

func TestFailureIsRecordedWithItsStep(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) { vm.begin(); vm.says(panics); vm.shutdown() })
	require.Len(t, end.events, 5)
	e := end.events[2]
	assert.Equal(t, trial.EventKernel, e.Type)
	assert.Equal(t, int64(1024), e.Size)
	assert.Equal(t, "load", e.Op)
	assert.True(t, e.Failure.Fatal)
	assert.Equal(t, "oops:wg_peer_remove:wireguard", e.Failure.Signature)
	assert.Contains(t, e.Failure.Text, "wg_set_device")
	assert.Equal(t, panics, end.console)
}

func TestWrongGuestIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		hello trial.Hello
		want  string
	}{
		"build":  {trial.Hello{Build: "other", Release: "6.1.0"}, "agent of build other does not fit brink of build " + wire.Build},
		"kernel": {trial.Hello{Build: wire.Build, Release: "5.10.0"}, "guest runs kernel 5.10.0 where 6.1.0 was to be booted"},
	} {
		t.Run(name, func(t *testing.T) {
			end := follow(t, func(_ context.CancelFunc, vm *fakeVM) {
				vm.send(trial.Event{Type: trial.EventHello, Hello: &c.hello})
			})
			require.ErrorContains(t, end.err, c.want)
			assert.Empty(t, end.events)
		})
	}
}

// TestSettingsThatDoNotFitTheGuest: what only the guest can refuse ends the run with its words.
func TestSettingsThatDoNotFitTheGuest(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) {
		vm.begin()
		vm.send(trial.Event{Type: trial.EventUnfit, Text: "no AVX here: choose impl=generic"})
	})
	var unfit *UnfitError
	require.ErrorAs(t, end.err, &unfit)
	assert.EqualError(t, unfit, "no AVX here: choose impl=generic")
}

func TestParkedHelloIsNotTheStart(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) {
		vm.send(trial.Event{Type: trial.EventHello, Hello: &trial.Hello{Build: wire.Build, Release: "6.1.0", Parked: true}})
		vm.shutdown()
	})
	assert.Equal(t, trial.Harness, end.outcome.Kind)
	assert.Empty(t, end.events)
}

func TestInterrupted(t *testing.T) {
	end := follow(t, func(cancel context.CancelFunc, vm *fakeVM) { vm.begin(); cancel() })
	require.ErrorIs(t, end.err, context.Canceled)
}

func TestRecordThatCannotBeWrittenEndsTheTrial(t *testing.T) {
	full := errors.New("disk full")
	for name, bad := range map[string]trial.EventType{"event": trial.EventBegin, "failure": trial.EventKernel} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				agent, guestAgent := net.Pipe()
				console, guestConsole := net.Pipe()
				vm := &fakeVM{t: t, agent: guestAgent, console: guestConsole, events: make(chan qemu.QMPEvent, 1), died: make(chan struct{})}
				w, err := newWatch(vm, dir, limits, "", func(e trial.Event) error {
					if e.Type == bad {
						return full
					}
					return nil
				})
				require.NoError(t, err)
				w.follow(agent, console)
				go func() { vm.begin(); _, _ = io.WriteString(vm.console, panics) }()
				_, err = w.run(t.Context(), 1)
				assert.ErrorIs(t, err, full)
				for _, c := range []io.Closer{agent, console, guestAgent, guestConsole} {
					c.Close()
				}
				w.close()
			})
		})
	}
}

func TestConsoleIsBounded(t *testing.T) {
	dir := t.TempDir()
	w, err := newWatch(nil, dir, limits, "", nil)
	require.NoError(t, err)
	defer w.close()
	w.written = maxConsole - 10
	w.listen([]byte(strings.Repeat("x", 100)), true)
	w.listen([]byte("more\n"), true)
	text, err := os.ReadFile(filepath.Join(dir, "console.log"))
	require.NoError(t, err)
	assert.Len(t, text, 10)
	assert.Equal(t, maxConsole, w.written)
	assert.True(t, strings.HasSuffix(w.lastLine(), "xmore"), "messages still show the end")
	w.listen([]byte(strings.Repeat("y", 10_000)), true)
	assert.Len(t, w.tail, 4096)
}
