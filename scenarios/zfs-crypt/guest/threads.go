//go:build linux

package guest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
)

// writingThreads begin the names of the kernel threads in which ZFS makes checksums, ciphers and parity (module/zfs/spa.c,
// zio_taskqs). What a write costs is there: the writer only hands its data over, and a sync waits.
const writingThreads = "z_wr_iss"

// spent is the CPU time in ns of each of several kernel threads, by its folder in /proc.
type spent map[string]int64

// since is the CPU time that passed after before was read. A thread that has ended since then is left out with all that it ever
// took: to compare the sums would take its past off what the others did.
//
// Note: what a thread that ended did in between is missing. ZFS ends those that had nothing to do for a while, not those that just worked.
func (t spent) since(before spent) (total int64) {
	for thread, ns := range t {
		if past := before[thread]; past <= ns { // else it is another thread, with the number of one that ended
			ns -= past
		}
		total += ns
	}
	return total
}

// threadTimes reads the CPU time of the kernel threads whose names begin in one of these ways; of each there must be one.
func threadTimes(prefixes ...string) (spent, error) {
	names, err := filepath.Glob("/proc/[0-9]*/comm")
	if err != nil {
		return nil, err
	}
	all, missing := spent{}, slices.Clone(prefixes)
	for _, name := range names {
		comm, err := os.ReadFile(name)
		i := slices.IndexFunc(prefixes, func(p string) bool { return strings.HasPrefix(string(comm), p) })
		if err != nil || i < 0 {
			continue // it may have ended
		}
		text, err := os.ReadFile(filepath.Join(filepath.Dir(name), "schedstat"))
		if err != nil {
			continue
		}
		if all[filepath.Dir(name)], err = parseSchedstat(string(text)); err != nil {
			return nil, fmt.Errorf("%w: %w", guest.ErrScenario, err)
		}
		missing = slices.DeleteFunc(missing, func(p string) bool { return p == prefixes[i] })
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%w: no kernel thread is called %s", guest.ErrScenario, strings.Join(missing, ", "))
	}
	return all, nil
}

// poolThreads begin the names of the threads that work for a pool: its syncs, its I/O, and what syncs hand on.
var poolThreads = []string{"txg_sync", "z_", "dp_"}

// poolTimes is the CPU time of those threads and of this process, whose requests do a part of the work themselves.
func poolTimes() (spent, error) {
	var own unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &own); err != nil {
		return nil, fmt.Errorf("read the process's CPU time: %w", err)
	}
	all, err := threadTimes(poolThreads...)
	if err != nil {
		return nil, err
	}
	all["self"] = own.Nano()
	return all, nil
}

// parseSchedstat reads the time on a CPU from /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst).
func parseSchedstat(text string) (int64, error) {
	var ns int64
	if _, err := fmt.Sscan(text, &ns); err != nil || ns < 0 {
		return 0, fmt.Errorf("parse schedstat %q: no time on a CPU", text)
	}
	return ns, nil
}
