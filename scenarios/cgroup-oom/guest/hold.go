//go:build linux

package guest

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// HoldName is the name of the service that keeps the other one from ending.
const HoldName = "cgroup-oom-hold"

// Hold is the process that holds the service up, until it is killed: a tracer, or the server of a file system or a block
// device.
func Hold(args []string, ready func()) error {
	if len(args) != 2 {
		return fmt.Errorf("want two arguments")
	}
	switch kind, arg := args[0], args[1]; kind {
	case "tracer":
		return traceExit(arg, ready)
	case "fuse":
		return serveFuse(arg, ready)
	case "nbd":
		return serveNBD(arg, ready)
	default:
		return fmt.Errorf("unknown kind %q", kind)
	}
}

// traceExit stops every thread of a process at its exit, and lets none go on (ptrace(2), PTRACE_O_TRACEEXIT): a debugger
// or a crash handler that hangs.
func traceExit(pid string, ready func()) error {
	runtime.LockOSThread() // who traces is a thread
	threads, err := filepath.Glob("/proc/" + pid + "/task/*")
	if err != nil || len(threads) == 0 {
		return fmt.Errorf("find threads of process %s: %v", pid, err)
	}
	for _, dir := range threads {
		tid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			return err
		}
		_, _, errno := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(tid), 0, unix.PTRACE_O_TRACEEXIT, 0, 0)
		if errno != 0 {
			return fmt.Errorf("trace thread %d: %w", tid, errno)
		}
	}
	ready()
	for { // until it is killed
		if err := passOn(); err != nil && err != unix.EINTR {
			return fmt.Errorf("wait for traced threads: %w", err)
		}
	}
}

// passOn lets a traced thread go on with the signal it has got. One that is at its exit is left there.
func passOn() error {
	var status unix.WaitStatus
	tid, err := unix.Wait4(-1, &status, unix.WALL, nil)
	if err != nil || !status.Stopped() {
		return err
	}
	signal := int(status.StopSignal())
	switch event := int(status) >> 16; event {
	case unix.PTRACE_EVENT_EXIT:
		return nil
	case unix.PTRACE_EVENT_STOP:
		signal = 0
	}
	if err := unix.PtraceCont(tid, signal); err != nil && err != unix.ESRCH {
		return fmt.Errorf("continue thread %d: %w", tid, err)
	}
	return nil
}
