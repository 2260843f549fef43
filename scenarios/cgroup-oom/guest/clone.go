//go:build linux

package guest

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// clone is clone(2) with the parent's stack and flags. The child does one system call, nr(a1, a2, a3), and then sleeps for
// ever. It returns the child's id, or a negative errno.
//
// Note: goroutines that hold their threads, and the agent itself started again, were the other ways to have tasks. A
// thread of the Go runtime ends at 10,000, and starting the agent costs 4 ms of guest time and 3 MiB.
//
//go:noescape
func clone(flags, nr, a1, a2, a3 uintptr) (pid int)

// flags of the tasks.
const (
	asThread  = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND | unix.CLONE_THREAD | unix.CLONE_SYSVSEM
	asProcess = uintptr(unix.SIGCHLD)
	sharingMM = unix.CLONE_VM | uintptr(unix.SIGCHLD)
	asVFork   = unix.CLONE_VM | unix.CLONE_VFORK | uintptr(unix.SIGCHLD)
)

// spawn makes n tasks that sleep.
func spawn(n int, flags uintptr) error {
	for i := range n {
		if err := spawnDoing(flags, unix.SYS_GETPID, 0, 0, 0); err != nil {
			return fmt.Errorf("clone task %d: %w", i, err)
		}
	}
	return nil
}

// spawnDoing makes one task that does a system call and sleeps. All its signals are blocked: the handlers are those of the
// Go runtime, which does not know the task.
func spawnDoing(flags, nr, a1, a2, a3 uintptr) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all, old unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^uint64(0)
	}
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &all, &old); err != nil {
		return err
	}
	pid := clone(flags, nr, a1, a2, a3)
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil); err != nil {
		return err
	}
	if pid < 0 {
		return unix.Errno(-pid)
	}
	return nil
}
