//go:build linux

package guest

import "golang.org/x/sys/unix"

// now returns CLOCK_MONOTONIC in nanoseconds, the clock of every event.
func now() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return 0
	}
	return ts.Nano()
}
