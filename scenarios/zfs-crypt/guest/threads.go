//go:build linux

package guest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
)

// writingThreads begin the names of the kernel threads in which ZFS makes checksums, ciphers and parity (module/zfs/spa.c,
// zio_taskqs). What a write costs is there: the writer only hands its data over, and a sync waits.
const writingThreads = "z_wr_iss"

// threadTime returns the CPU time in ns that the kernel threads have used whose names begin so.
//
// Note: a thread that has ended is missing. ZFS ends those that had nothing to do for a while, not those that just worked.
func threadTime(prefix string) (int64, error) {
	names, err := filepath.Glob("/proc/[0-9]*/comm")
	if err != nil {
		return 0, err
	}
	total, found := int64(0), false
	for _, name := range names {
		comm, err := os.ReadFile(name)
		if err != nil || !strings.HasPrefix(string(comm), prefix) {
			continue // it may have ended
		}
		text, err := os.ReadFile(filepath.Join(filepath.Dir(name), "schedstat"))
		if err != nil {
			continue
		}
		ns, err := parseSchedstat(string(text))
		if err != nil {
			return 0, fmt.Errorf("%w: %w", guest.ErrScenario, err)
		}
		total, found = total+ns, true
	}
	if !found {
		return 0, fmt.Errorf("%w: no kernel thread is called %s", guest.ErrScenario, prefix)
	}
	return total, nil
}

// poolThreads begin the names of the threads that work for a pool: its syncs, its I/O, and what syncs hand on.
var poolThreads = []string{"txg_sync", "z_", "dp_"}

// poolTime is the CPU time in ns of those threads and of this process, whose requests do a part of the work themselves.
func poolTime() (int64, error) {
	var own unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &own); err != nil {
		return 0, fmt.Errorf("read the process's CPU time: %w", err)
	}
	total := own.Nano()
	for _, prefix := range poolThreads {
		ns, err := threadTime(prefix)
		if err != nil {
			return 0, err
		}
		total += ns
	}
	return total, nil
}

// parseSchedstat reads the time on a CPU from /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst).
func parseSchedstat(text string) (int64, error) {
	var ns int64
	if _, err := fmt.Sscan(text, &ns); err != nil || ns < 0 {
		return 0, fmt.Errorf("parse schedstat %q: no time on a CPU", text)
	}
	return ns, nil
}
