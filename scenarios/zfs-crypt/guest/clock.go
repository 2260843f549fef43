//go:build linux

package guest

import "golang.org/x/sys/unix"

// now is the guest's monotonic clock in ns.
func now() int64 {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return ts.Nano()
}
