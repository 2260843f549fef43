package qemu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

var errDied = errors.New("QEMU exited")

// VM is one running virtual machine.
type VM struct {
	Config  Config
	QMP     *QMP
	Agent   net.Conn // the agent channel
	Console net.Conn // the serial console; SysRq writes to it
	Argv    []string // the whole command line, to repeat it by hand

	listeners *listeners
	process   *process
	dir       string
}

// Start starts QEMU with its log and its disks' images in dir and connects to its sockets. The guest runs when Start returns. The caller must
// Close the VM.
func Start(ctx context.Context, c Config, dir string) (*VM, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	l, err := listen()
	if err != nil {
		return nil, err
	}
	vm := &VM{Config: c, listeners: l, dir: dir}
	log, err := os.OpenFile(vm.log(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		l.close()
		return nil, fmt.Errorf("open QEMU's log: %w", err)
	}
	defer log.Close()
	args := c.Args(l.Sockets, dir)
	vm.Argv = append([]string{c.Binary}, args...)
	if err = c.makeDisks(dir); err == nil {
		vm.process, err = startProcess(c.Binary, args, log)
	}
	if err != nil {
		l.close()
		c.removeDisks(dir)
		return nil, err
	}
	if err := vm.connect(ctx); err != nil {
		vm.Close()
		return nil, fmt.Errorf("start QEMU: %w%s", err, vm.said())
	}
	return vm, nil
}

func (vm *VM) connect(ctx context.Context) (err error) {
	if vm.Console, err = accept(ctx, vm.listeners.console, vm.process.done); err != nil {
		return err
	}
	if vm.Agent, err = accept(ctx, vm.listeners.agent, vm.process.done); err != nil {
		return err
	}
	conn, err := accept(ctx, vm.listeners.qmp, vm.process.done)
	if err != nil {
		return err
	}
	if vm.QMP, err = NewQMP(ctx, conn); err != nil || vm.Config.Restore == "" {
		return err
	}
	return vm.restore(ctx)
}

func (vm *VM) log() string { return filepath.Join(vm.dir, "qemu.log") }

// said returns what QEMU wrote to its log, for an error message.
func (vm *VM) said() string {
	f, err := os.Open(vm.log())
	if err != nil {
		return ""
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, 500))
	if len(text) == 0 {
		return ""
	}
	return ": " + strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", "; ")
}

// Events delivers QEMU's own events; see QMP.Events.
func (vm *VM) Events() <-chan QMPEvent { return vm.QMP.Events() }

// Died is closed when QEMU has exited, for whatever reason.
func (vm *VM) Died() <-chan struct{} { return vm.process.done }

// Sockets returns the paths of the VM's sockets, those of its network cards' links among them. They go with Close.
func (vm *VM) Sockets() Sockets { return vm.listeners.Sockets }

// PID returns QEMU's process id.
func (vm *VM) PID() int { return vm.process.cmd.Process.Pid }

// Close ends the VM at once and reaps it. It may be called twice.
func (vm *VM) Close() {
	vm.process.kill()
	vm.Config.removeDisks(vm.dir)
	vm.listeners.close()
	for _, c := range []net.Conn{vm.Agent, vm.Console} {
		if c != nil {
			c.Close()
		}
	}
	if vm.QMP != nil {
		vm.QMP.conn.Close()
	}
}

// CPU returns the CPU time QEMU used; valid after Close.
func (vm *VM) CPU() time.Duration {
	select {
	case <-vm.process.done:
		if u, ok := vm.process.cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			return time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	default:
	}
	return 0
}

// Exit says how QEMU ended: the signal that killed it, or 0, and a sentence. Valid once Died is closed.
func (vm *VM) Exit() (syscall.Signal, string) {
	status, ok := vm.process.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return status.Signal(), fmt.Sprintf("QEMU was killed by signal %d (%v)", status.Signal(), status.Signal())
	}
	return 0, fmt.Sprintf("QEMU exited with status %d%s", vm.process.cmd.ProcessState.ExitCode(), vm.said())
}
