// Package lab executes trials. Local boots one VM at a time on this machine, Twins two that are fed with the same frames. It
// follows the agent's events, the console and QEMU's own word, and decides how the trial ended. It does not know what a size
// or an op means.
package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"brink/internal/qemu"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/internal/wire"
	"brink/vmimages"
)

// Local runs trials in VMs on this machine.
type Local struct {
	VM        qemu.Config // all but Initrd
	Initramfs string      // without a plan
	Release   string      // what uname -r must say
	Build     string      // of the agent; empty: the same as this program's
	TrialDir  func(trial int) (string, error)
	Snapshot  string // folder for the snapshot that clones start from
	Limits    Limits
	VMCore    bool // save the memory of guests that fail
	// CPU adds up what QEMU used, for the benchmark of brink's own share.
	CPU time.Duration

	counting sync.Mutex // of CPU: twins end at the same time
}

// Limits are host times after which a silent guest is given up.
type Limits struct {
	Hello   time.Duration // from start to the agent's hello
	Late    time.Duration // without an event, from which on the CPUs are looked at
	Silence time.Duration // between two events; the agent sends one every few seconds of guest time
}

// DefaultLimits fit the machine. A guest under TCG runs 10 to 50 times slower, and more on a busy host, of which guests that share its
// CPUs make one.
func DefaultLimits(c qemu.Config) Limits {
	l := Limits{Hello: 120 * time.Second, Late: 20 * time.Second, Silence: 240 * time.Second}
	if c.Accel == qemu.KVM {
		l = Limits{Hello: 30 * time.Second, Late: 8 * time.Second, Silence: 60 * time.Second}
	}
	crowd := time.Duration(max(1, c.Crowd))
	return Limits{Hello: l.Hello * crowd, Late: l.Late * crowd, Silence: l.Silence * crowd}
}

// Trial implements engine.Executor.
func (l *Local) Trial(ctx context.Context, plan trial.Plan, start trial.Start, record func(trial.Event) error) (trial.Outcome, error) {
	dir, err := l.TrialDir(plan.Trial)
	if err != nil {
		return trial.Outcome{}, err
	}
	d := newFeed(1)
	defer d.close()
	return l.one(ctx, dir, newSeat(d, 0), plan, start, record)
}

// one runs a trial in one VM, which has its place among those that are fed together.
func (l *Local) one(ctx context.Context, dir string, s *seat, plan trial.Plan, start trial.Start, record func(trial.Event) error) (trial.Outcome, error) {
	if err := writePlan(dir, plan); err != nil {
		return trial.Outcome{}, err
	}
	vm, cleanup, err := l.start(ctx, dir, plan, start)
	defer cleanup()
	if err != nil {
		return trial.Outcome{}, err
	}
	defer l.end(vm)
	if err := s.feed.plug(s.vm, l.VM.NICs, vm.Sockets()); err != nil {
		return trial.Outcome{}, err
	}
	if err := store.WriteFile(filepath.Join(dir, "argv"), []byte(strings.Join(quoteAll(vm.Argv), " ")+"\n")); err != nil {
		return trial.Outcome{}, err
	}
	if start == trial.StartClone {
		if err := wire.Write(vm.Agent, plan); err != nil {
			return trial.Outcome{}, err
		}
	}
	w, err := newWatch(vm, dir, l.Limits, l.Release, record)
	if err != nil {
		return trial.Outcome{}, err
	}
	defer w.close()
	w.vmcore, w.expects, w.seat = l.VMCore, plan.Expects, s
	if l.Build != "" {
		w.build = l.Build
	}
	w.follow(vm.Agent, s.sights.reader(vm.Console))
	return w.run(ctx, plan.Trial)
}

// end ends a VM and counts what it used.
func (l *Local) end(vm *qemu.VM) {
	vm.Close()
	l.counting.Lock()
	defer l.counting.Unlock()
	l.CPU += vm.CPU()
}

func writePlan(dir string, plan trial.Plan) error {
	text, err := json.MarshalIndent(plan, "", "  ")
	if err != nil {
		return err
	}
	return store.WriteFile(filepath.Join(dir, "plan.json"), append(text, '\n'))
}

// start boots a VM with its plan in the initramfs, or restores one. The cleanup is never nil.
func (l *Local) start(ctx context.Context, dir string, plan trial.Plan, start trial.Start) (*qemu.VM, func(), error) {
	c := l.VM
	if start == trial.StartClone {
		if err := l.snapshot(ctx, dir); err != nil {
			return nil, func() {}, err
		}
		c.Restore, c.Initrd = l.Snapshot, l.Initramfs
		vm, err := qemu.Start(ctx, c, dir)
		return vm, func() {}, err
	}
	c.Initrd = filepath.Join(dir, "initrd")
	cleanup := func() { os.Remove(c.Initrd) }
	if err := WithPlan(c.Initrd, l.Initramfs, plan); err != nil {
		return nil, cleanup, err
	}
	vm, err := qemu.Start(ctx, c, dir)
	return vm, cleanup, err
}

// WithPlan writes the initramfs with the plan behind it; the kernel unpacks one archive after the other
// (Documentation/driver-api/early-userspace/buffer-format.rst).
func WithPlan(path, initramfs string, plan trial.Plan) error {
	text, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	in, err := os.Open(initramfs)
	if err != nil {
		return fmt.Errorf("open initramfs: %w", err)
	}
	defer in.Close()
	out, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write initrd: %w", err)
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = vmimages.AppendFile(out, map[string][]byte{wire.PlanPath: text})
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("write initrd: %w", err)
	}
	return nil
}

// snapshot boots a guest without a plan, waits until it is parked, and saves it; once a run.
func (l *Local) snapshot(ctx context.Context, dir string) error {
	if _, err := os.Stat(filepath.Join(l.Snapshot, "done")); err == nil {
		return nil
	}
	if err := errors.Join(os.RemoveAll(l.Snapshot), os.MkdirAll(l.Snapshot, 0o700)); err != nil {
		return fmt.Errorf("make snapshot: %w", err)
	}
	c := l.VM
	c.Initrd, c.Snapshot = l.Initramfs, qemu.MemoryFile(l.Snapshot)
	vm, err := qemu.Start(ctx, c, dir)
	if err != nil {
		return fmt.Errorf("make snapshot: %w", err)
	}
	defer l.end(vm)
	if err := l.parked(ctx, vm); err != nil {
		return fmt.Errorf("make snapshot: %w", err)
	}
	if err := vm.Save(ctx, l.Snapshot); err != nil {
		return err
	}
	return store.WriteFile(filepath.Join(l.Snapshot, "done"), nil)
}

// parked waits for the hello of a guest without a plan.
func (l *Local) parked(ctx context.Context, vm *qemu.VM) error {
	go io.Copy(io.Discard, vm.Console)
	if err := vm.Agent.SetReadDeadline(time.Now().Add(l.Limits.Hello)); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { vm.Agent.Close() })
	defer stop()
	e, err := wire.NewReader(vm.Agent).Event()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("wait for the agent: %w", err)
	case e.Hello == nil || !e.Hello.Parked:
		return fmt.Errorf("the agent said %q where a parked hello was expected", e.Type)
	}
	return nil
}

// Close removes what only this run needed.
func (l *Local) Close() error { return os.RemoveAll(l.Snapshot) }

// quoteAll makes an argument list that can be pasted into a shell.
func quoteAll(args []string) []string {
	quoted := make([]string, len(args))
	for i, a := range args {
		if quoted[i] = a; a == "" || strings.ContainsAny(a, " \t\n'\"$&|;<>()*?[]#~`\\") {
			quoted[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return quoted
}
