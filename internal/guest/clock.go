//go:build linux

package guest

import (
	"time"

	"golang.org/x/sys/unix"
)

// now returns CLOCK_MONOTONIC in nanoseconds: time since boot, the clock of every event.
func now() int64 { return clock(unix.CLOCK_MONOTONIC) }

// cpuTime returns the CPU time of the whole process, to the nanosecond.
func cpuTime() int64 { return clock(unix.CLOCK_PROCESS_CPUTIME_ID) }

func clock(id int32) int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(id, &ts); err != nil {
		return 0
	}
	return ts.Nano()
}

// systemTime returns the part of the process's CPU time spent in the kernel.
func systemTime() int64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Stime.Nano()
}

// sleep sleeps without the Go runtime's timers, so that nothing else wakes up meanwhile.
func sleep(d time.Duration) {
	ts := unix.NsecToTimespec(int64(d))
	for unix.Nanosleep(&ts, &ts) == unix.EINTR {
	}
}
