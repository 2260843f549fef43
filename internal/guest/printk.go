//go:build linux

package guest

import (
	"bytes"
	"io"
	"strconv"

	"golang.org/x/sys/unix"
)

// printkOffset returns how far the time stamps of the kernel log are ahead of CLOCK_MONOTONIC, in nanoseconds: it writes
// a line at debug level, which no console shows, and reads its stamp. The two clocks run alike and start apart. 0 when
// the log cannot be read.
func printkOffset() int64 {
	fd, err := unix.Open("/dev/kmsg", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(fd)
	if _, err := unix.Seek(fd, 0, io.SeekEnd); err != nil {
		return 0
	}
	before := now()
	if _, err := unix.Write(fd, []byte("<7>brink: clock\n")); err != nil {
		return 0
	}
	after := now()
	record := make([]byte, 8192)
	n, err := unix.Read(fd, record)
	if err != nil {
		return 0
	}
	stamp, ok := kmsgStamp(record[:n])
	if !ok {
		return 0
	}
	return stamp - (before+after)/2
}

// kmsgStamp returns the time of a record in nanoseconds: the third field, in microseconds
// (Documentation/ABI/testing/dev-kmsg).
func kmsgStamp(record []byte) (int64, bool) {
	head, _, _ := bytes.Cut(record, []byte(";"))
	fields := bytes.Split(head, []byte(","))
	if len(fields) < 3 {
		return 0, false
	}
	us, err := strconv.ParseInt(string(fields[2]), 10, 64)
	return us * 1000, err == nil
}
