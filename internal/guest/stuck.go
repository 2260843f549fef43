//go:build linux

package guest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"brink/internal/trial"
)

// stuckTasks finds processes that stay a zombie, or in D state without being scheduled once, for too long. The kernel
// reports the second by itself where it was built to, and earlier (khungtaskd); nobody reports the first.
type stuckTasks struct {
	limit time.Duration // guest time
	since map[int]sighting
	told  bool
}

// sighting is what a suspicious process looked like when it was first seen so.
type sighting struct {
	at       int64 // nanoseconds of the guest's clock
	state    string
	switches string
}

// look is given the processes there are. It returns the first one that has been stuck for the limit, once. The worker
// is left to the deadline of its op.
func (s *stuckTasks) look(at int64, pids []int, worker int) (*trial.Task, string) {
	seen := map[int]sighting{}
	for _, pid := range pids {
		state := parseStatState(read(fmt.Sprintf("/proc/%d/stat", pid)))
		if pid == worker || state != "Z" && state != "D" {
			continue
		}
		now := sighting{at, state, contextSwitches(read(fmt.Sprintf("/proc/%d/status", pid)))}
		if before, ok := s.since[pid]; ok && before.state == now.state && before.switches == now.switches {
			now.at = before.at
		}
		seen[pid] = now
		if waited := time.Duration(at - now.at); waited >= s.limit && s.limit > 0 && !s.told {
			s.told = true
			task := readStuckThread(pid)
			return &task, fmt.Sprintf("process %d (%s) has been in state %s for %v", pid, task.Comm, state, waited.Round(time.Second))
		}
	}
	s.since = seen
	return nil, ""
}

// contextSwitches returns the two counters of /proc/PID/status as text.
func contextSwitches(status string) string {
	_, after, _ := strings.Cut(status, "voluntary_ctxt_switches:")
	return after
}

// descendants returns the processes below pid, itself left out. Kernel threads are none: they descend from pid 2.
func descendants(pid int) []int {
	var found []int
	for queue := []int{pid}; len(queue) > 0; queue = queue[1:] {
		lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", queue[0]))
		for _, list := range lists {
			for _, field := range strings.Fields(read(list)) {
				if child, err := strconv.Atoi(field); err == nil && !slices.Contains(found, child) {
					found, queue = append(found, child), append(queue, child)
				}
			}
		}
	}
	return found
}

// reapOrphans takes the exit status of every child but the worker, as pid 1 must: a process whose parent died becomes
// its child. It stops at the worker, whose end has a reader already.
func reapOrphans(worker int) {
	for {
		var info [128]byte // siginfo_t: a union follows three ints, aligned to 8 (include/uapi/asm-generic/siginfo.h); it begins with si_pid
		const flags = unix.WEXITED | unix.WNOHANG | unix.WNOWAIT
		_, _, errno := unix.Syscall6(unix.SYS_WAITID, unix.P_ALL, 0, uintptr(unsafe.Pointer(&info)), flags, 0, 0)
		pid := int(*(*int32)(unsafe.Pointer(&info[16])))
		if errno != 0 || pid == 0 || pid == worker {
			return
		}
		if _, err := unix.Wait4(pid, nil, unix.WNOHANG, nil); err != nil {
			return
		}
	}
}

// StuckError is returned by a scenario when something outlived its owner's end: the kernel's failure, not the
// scenario's.
type StuckError struct {
	Task trial.Task
	Text string
}

// Error implements error.
func (e *StuckError) Error() string { return e.Text }
