package lab

import (
	"context"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/trial"
)

// nmi is what 6.1 prints on an NMI with unknown_nmi_panic.
const nmi = `[   29.000001] Kernel panic - not syncing: NMI: Not continuing
[   29.000002] CPU: 0 PID: 71 Comm: init Tainted: G           OE      6.1.0 #1
[   29.000003] Call Trace:
[   29.000004]  <NMI>
[   29.000005]  dump_stack_lvl+0x44/0x5c
[   29.000006]  panic+0x118/0x2ed
[   29.000007]  nmi_panic.cold+0xc/0xc
[   29.000008]  unknown_nmi_error+0x6c/0x80
[   29.000009]  exc_nmi+0x13d/0x140
[   29.000010]  end_repeat_nmi+0x16/0x67
[   29.000011] RIP: 0010:seeded_hard_lockup+0x12/0x20 [seeded]
[   29.000012]  </NMI>
[   29.000013]  <TASK>
[   29.000014]  seeded_write+0x11/0x40 [seeded]
[   29.000015]  vfs_write+0xf1/0x130
[   29.000016]  </TASK>
`

func captured(end ending) map[string]trial.Capture {
	found := map[string]trial.Capture{}
	for _, e := range end.events {
		for _, c := range e.Captures {
			found[c.What] = c
		}
	}
	return found
}

func TestHostNoticesALockupWithInterruptsDisabled(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) {
		vm.masked, vm.nmi = true, nmi
		vm.begin()
		vm.burn(40 * time.Second)
	})
	require.NoError(t, end.err)
	o := end.outcome
	assert.Equal(t, trial.HardLockup, o.Kind, o.Text)
	assert.Less(t, end.took, 30*time.Second)
	require.NotNil(t, o.Failure, "the NMI tells where")
	assert.Equal(t, "hard-lockup:seeded_hard_lockup:seeded", o.Failure.Signature)
	assert.Contains(t, end.console, "NMI: Not continuing", "the console is kept whole")
	for _, e := range end.events {
		assert.NotEqual(t, trial.EventKernel, e.Type, "a panic that was asked for is no failure")
	}
	assert.Equal(t, "tasks.txt", captured(end)["task stacks"].File)
	assert.Positive(t, captured(end)["registers"].Bytes)
	assert.NotContains(t, captured(end), "guest files", "nobody is there to answer")
}

func TestALateGuestThatTakesInterruptsIsNotLockedUp(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) {
		vm.begin()
		for range 40 { // masked for most of the time, but not always
			vm.masked = true
			<-time.After(8 * time.Second)
			vm.masked = false
			<-time.After(time.Second)
			vm.send(trial.Event{Type: trial.EventProgress, Progress: &trial.Progress{}})
		}
		vm.send(trial.Event{Type: trial.EventDone})
	})
	assert.Equal(t, trial.Completed, end.outcome.Kind, end.outcome.Text)
}

// TestAStarvedGuestIsNotLockedUp: each look finds it in the same long section, because the host gives it no time.
func TestAStarvedGuestIsNotLockedUp(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) {
		vm.begin()
		vm.masked = true
		<-time.After(60 * time.Second)
		vm.masked = false
		vm.send(trial.Event{Type: trial.EventDone})
	})
	assert.Equal(t, trial.Completed, end.outcome.Kind, end.outcome.Text)
}

func TestCaptureAsksAgentAndKernel(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) {
		vm.sysrq = "[   30.1] sysrq: Show State\n[   30.2] task:init state:D\n"
		vm.begin()
		vm.send(trial.Event{Type: trial.EventDeadline, Step: 1, Kind: trial.StepOp, Size: 1024, Op: "load", Task: &trial.Task{State: "D",
			Stack: "[<0>] synchronize_rcu+0x13b/0x140\n[<0>] wg_peer_remove_all+0x9a/0x170 [wireguard]\n"}})
		request := make([]byte, 1000)
		n, _ := vm.agent.Read(request)
		assert.Contains(vm.t, string(request[:n]), "/proc/slabinfo")
		for _, piece := range []string{"kmalloc", " 1 2 3\n"} {
			vm.send(trial.Event{Type: trial.EventGuest, Step: -1, Name: "/proc/slabinfo", Text: piece})
		}
		vm.send(trial.Event{Type: trial.EventProgress}) // under way
		vm.send(trial.Event{Type: trial.EventGuest, Step: -1})
		assert.Eventually(vm.t, func() bool { return len(vm.keys) == 5 }, time.Minute, time.Second)
		assert.Equal(vm.t, "8lwmt", string(vm.keys), "a hang wants every task")
	})
	require.NoError(t, end.err)
	assert.Equal(t, "deadline:wg_peer_remove_all:wireguard", end.outcome.Failure.Signature)
	files := captured(end)
	assert.Empty(t, files["guest files"].Err)
	assert.Equal(t, int64(len("== /proc/slabinfo\nkmalloc 1 2 3\n")), files["guest files"].Bytes)
	assert.Equal(t, 5, strings.Count(end.console, "task:init"))
}

func TestCaptureOfAGuestThatIsGone(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) { vm.begin(); vm.die(syscall.SIGSEGV) })
	assert.Equal(t, trial.VMDied, end.outcome.Kind)
	assert.Empty(t, captured(end))
}

func TestCaptureSaysWhatItCouldNotHave(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) { vm.begin() }) // silent for good
	assert.Equal(t, trial.Unresponsive, end.outcome.Kind)
	assert.Equal(t, errNoAnswer.Error(), captured(end)["task stacks"].Err)
	assert.Empty(t, captured(end)["task stacks"].File)
}

func TestCoreOfAStoppedGuest(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) { vm.begin(); vm.says(panics); vm.shutdown() })
	assert.Equal(t, trial.Oops, end.outcome.Kind)
	assert.Equal(t, int64(4), captured(end)["vmcore"].Bytes)
	assert.NotContains(t, captured(end), "task stacks", "a stopped guest does not speak")
}

func TestAPanicWithoutAWordIsAPanic(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) { vm.begin(); vm.panics(); vm.shutdown() })
	assert.Equal(t, trial.Panic, end.outcome.Kind)
	assert.Contains(t, captured(end), "pvpanic event")
}

func TestWorkerKilledWithoutAWord(t *testing.T) {
	for name, c := range map[string]struct {
		killed *trial.Killed
		kind   trial.Kind
	}{
		"by the kernel":       {&trial.Killed{Signal: "SIGKILL"}, trial.WorkerKilled},
		"when memory ran out": {&trial.Killed{Signal: "SIGKILL", OOMKills: 1}, trial.OOM},
		"by its own fault":    {&trial.Killed{Signal: "SIGABRT"}, trial.Harness},
		"ended with an error": {nil, trial.Harness},
	} {
		t.Run(name, func(t *testing.T) {
			end := follow(t, func(_ context.CancelFunc, vm *fakeVM) {
				vm.begin()
				vm.send(trial.Event{Type: trial.EventWorker, Step: 1, Size: 1024, Op: "load", Text: "worker ended", Killed: c.killed})
				go io.Copy(io.Discard, vm.agent)
			})
			assert.Equal(t, c.kind, end.outcome.Kind, end.outcome.Text)
		})
	}
}

func TestLaterSignsAreSecondary(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) {
		vm.begin()
		vm.says(panics + warning)
		vm.shutdown()
	})
	var secondary []bool
	for _, e := range end.events {
		if e.Failure != nil {
			secondary = append(secondary, e.Failure.Secondary)
		}
	}
	if assert.NotEmpty(t, secondary) {
		assert.False(t, secondary[0])
		for _, s := range secondary[1:] {
			assert.True(t, s)
		}
	}
}

// blocked is what 6.12 answers to SysRq w.
const blocked = `[   30.3] sysrq: Show Blocked State
[   30.400001] task:other           state:D stack:0     pid:13    tgid:13    ppid:1
[   30.400001] Call Trace:
[   30.400001]  <TASK>
[   30.400001]  nfs_wait+0x1/0x2 [nfs]
[   30.400001]  </TASK>
[   30.400001] task:init            state:D stack:0     pid:129   tgid:129   ppid:1      flags:0x00000002
[   30.400001] Call Trace:
[   30.400001]  <TASK>
[   30.400001]  __schedule+0x505/0xbf0
[   30.400001]  schedule+0x27/0xf0
[   30.400001]  seeded_hung_task+0x7d/0xb0 [seeded]
[   30.400001]  seeded_write+0x11/0x40 [seeded]
[   30.400001]  </TASK>
`

func TestHungTaskIsNamedByTheListOfBlockedTasks(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) {
		vm.sysrq = blocked
		vm.begin()
		vm.says("[   22.3] INFO: task init:129 blocked for more than 20 seconds.\n[   22.3]       Not tainted 6.12.1 #1\n" +
			"[   22.3] \"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.\n")
		io.Copy(io.Discard, vm.agent)
	})
	require.NoError(t, end.err)
	require.Equal(t, trial.HungTask, end.outcome.Kind, end.outcome.Text)
	assert.Equal(t, "hung-task:seeded_hung_task:seeded", end.outcome.Failure.Signature)
	assert.Equal(t, "task hung in seeded_hung_task", end.outcome.Text)
}

func TestSilenceOfAGuestThatHadNoCPU(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) {
		vm.running = true
		vm.begin()
		for range 20 { // a busy host: a sixth of the time
			<-time.After(6 * time.Second)
			vm.used.Add(int64(time.Second))
		}
		vm.send(trial.Event{Type: trial.EventDone})
	})
	assert.Equal(t, trial.Completed, end.outcome.Kind, end.outcome.Text)
}

func TestStallWithoutATraceIsNamedByTheBacktraceOfItsCPU(t *testing.T) {
	o := &trial.Outcome{Kind: trial.RCUStall, Text: "INFO: rcu detected stall", Failure: &trial.Failure{Kind: trial.RCUStall, Title: "INFO: rcu detected stall"}}
	blameCPU(o, []byte("[   16.000001] sysrq: Show backtrace of all active CPUs\n[   16.000002] NMI backtrace for cpu 0\n[   16.000003] Call Trace:\n"+
		"[   16.000004]  <IRQ>\n[   16.000005]  nmi_cpu_backtrace+0x1/0x2\n[   16.000006]  </IRQ>\n[   16.000007]  asm_common_interrupt+0x1e/0x40\n"+
		"[   16.000008] RIP: 0010:foo_loop+0x1/0x2 [foo]\n[   16.000009]  foo_write+0x1/0x2 [foo]\n[   16.000010]  vfs_write+0x1/0x2\n[   17.000001] sysrq: Show Memory\n"))
	assert.Equal(t, "rcu-stall:foo_loop:foo", o.Failure.Signature)
	assert.Equal(t, "INFO: rcu detected stall in foo_loop", o.Text)
}

func TestGuestThatNeverHasTheCPUIsNoFailureOfTheKernel(t *testing.T) {
	end := follow(t, func(_ context.CancelFunc, vm *fakeVM) { vm.running = true; vm.begin() })
	assert.Equal(t, trial.Harness, end.outcome.Kind, end.outcome.Text)
	assert.Contains(t, end.outcome.Text, "the host gave QEMU 0s of CPU")
}
