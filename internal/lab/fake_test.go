package lab

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
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

// fakeVM is a VM that a test plays: the guest's ends of its streams, and QEMU's own word. Time is synctest's.
type fakeVM struct {
	t              *testing.T
	agent, console net.Conn
	events         chan qemu.QMPEvent
	died           chan struct{}
	signal         syscall.Signal
	used           atomic.Int64 // CPU time, in ns
	running        bool         // and not idle
	masked         bool         // interrupts are disabled
	sysrq, nmi     string       // what the guest prints when asked
	keys           []byte       // that it was asked with
}

func (vm *fakeVM) Events() <-chan qemu.QMPEvent   { return vm.events }
func (vm *fakeVM) Died() <-chan struct{}          { return vm.died }
func (vm *fakeVM) Exit() (syscall.Signal, string) { return vm.signal, "QEMU said goodbye" }

// Registers answers as a CPU that is idle with interrupts enabled, unless the test says otherwise.
func (vm *fakeVM) Registers(context.Context) (string, error) {
	if vm.masked {
		return "CPU#0\r\nRIP=ffffffff81000000 RFL=00000046 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=0\r\n", nil
	}
	halted := "1"
	if vm.running {
		halted = "0"
	}
	return "CPU#0\r\nRIP=ffffffff81000000 RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=" + halted + "\r\n", nil
}

func (vm *fakeVM) SysRq(_ context.Context, key byte) error {
	vm.keys = append(vm.keys, key)
	if vm.sysrq != "" {
		vm.says(vm.sysrq)
	}
	return nil
}

func (vm *fakeVM) InjectNMI(context.Context) error {
	if vm.nmi != "" {
		vm.says(vm.nmi)
	}
	return nil
}

func (vm *fakeVM) Dump(_ context.Context, path string) error {
	return os.WriteFile(path, []byte("core"), 0o644)
}

func (vm *fakeVM) BusyTime() time.Duration { return time.Duration(vm.used.Load()) }

// burn uses a whole CPU for so long.
func (vm *fakeVM) burn(d time.Duration) {
	for range d / time.Second {
		<-time.After(time.Second)
		vm.used.Add(int64(time.Second))
	}
}

func (vm *fakeVM) send(e trial.Event) {
	e.V = trial.Version
	assert.NoError(vm.t, wire.Write(vm.agent, e))
}

func (vm *fakeVM) hello() {
	vm.send(trial.Event{Type: trial.EventHello, Step: -1, Hello: &trial.Hello{Build: wire.Build, Release: "6.1.0"}})
}

var begin = trial.Event{V: trial.Version, Type: trial.EventBegin, Step: 1, Kind: trial.StepOp, Size: 1024, Op: "load"}

// begin says hello and begins to load 1,024 of something. The host has heard it when begin returns.
func (vm *fakeVM) begin() {
	vm.hello()
	vm.send(begin)
	synctest.Wait()
}

func (vm *fakeVM) says(text string) {
	_, err := io.WriteString(vm.console, text)
	assert.NoError(vm.t, err)
}

// shutdown is what QEMU says of a guest that powered off or reset itself; it stays to be looked at.
func (vm *fakeVM) shutdown() {
	vm.events <- qemu.QMPEvent{Name: "SHUTDOWN", Data: []byte(`{"guest": true, "reason": "guest-reset"}`)}
}

// told is what QEMU says when a signal from outside tells it to end.
func (vm *fakeVM) told() {
	vm.events <- qemu.QMPEvent{Name: "SHUTDOWN", Data: []byte(`{"guest": false, "reason": "host-signal"}`)}
}

// full is what QEMU says when the image of a disk cannot grow.
func (vm *fakeVM) full() {
	vm.events <- qemu.QMPEvent{Name: "BLOCK_IO_ERROR", Data: []byte(`{"device": "disk0", "operation": "write", "action": "stop", "nospace": true}`)}
}

// panics is what QEMU says when the guest's kernel has told it of a panic.
func (vm *fakeVM) panics() { vm.events <- qemu.QMPEvent{Name: "GUEST_PANICKED"} }

// die ends QEMU itself: all its sockets close.
func (vm *fakeVM) die(signal syscall.Signal) {
	vm.signal = signal
	vm.agent.Close()
	vm.console.Close()
	close(vm.died)
	close(vm.events)
}

// ending is what a watch concluded.
type ending struct {
	outcome trial.Outcome
	err     error
	events  []trial.Event
	took    time.Duration // of the fake clock
	console string
}

var limits = Limits{Hello: 30 * time.Second, Late: 8 * time.Second, Silence: time.Minute}

// follow lets a watch follow a VM in which play happens.
func follow(t *testing.T, play func(context.CancelFunc, *fakeVM)) (end ending) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		agent, guestAgent := net.Pipe()
		console, guestConsole := net.Pipe()
		vm := &fakeVM{t: t, agent: guestAgent, console: guestConsole, events: make(chan qemu.QMPEvent, 2), died: make(chan struct{})}
		w, err := newWatch(vm, dir, limits, "6.1.0", func(e trial.Event) error { end.events = append(end.events, e); return nil })
		require.NoError(t, err)
		w.follow(agent, console)
		w.vmcore = true
		ctx, cancel := context.WithCancel(t.Context())
		played := make(chan struct{})
		go func() { defer close(played); play(cancel, vm) }()
		start := time.Now()
		end.outcome, end.err = w.run(ctx, 7)
		end.took = time.Since(start)
		for _, c := range []io.Closer{agent, console, guestAgent, guestConsole} {
			c.Close()
		}
		w.close()
		cancel()
		<-played
	})
	text, err := os.ReadFile(filepath.Join(dir, "console.log"))
	require.NoError(t, err)
	end.console = string(text)
	return end
}
