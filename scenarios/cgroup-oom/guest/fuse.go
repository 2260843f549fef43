//go:build linux

package guest

import (
	"encoding/binary"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// fuseDir is where the file system is that never answers.
const fuseDir = "/run/hung"

// Of include/uapi/linux/fuse.h.
const (
	fuseInit      = 26 // opcode
	fuseInHeader  = 40 // bytes: len, opcode, unique, nodeid, uid, gid, pid, padding
	fuseOutHeader = 16 // len, error, unique
	fuseInitOut   = 64 // major, minor, max_readahead, flags, max_background and congestion_threshold, max_write, …
	fuseMajor     = 7
	fuseMinor     = 31 // of Linux 5.4
	fuseMaxWrite  = 4096
	fuseBuffer    = 128 << 10 // at least max_write and a page
)

// serveFuse mounts a file system whose server takes every request and answers none but the first. A task that waits
// for a request that its server has taken cannot be killed (fs/fuse/dev.c: request_wait_answer).
func serveFuse(dir string, ready func()) error {
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open /dev/fuse: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := unix.Mount("brink", dir, "fuse", 0, fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fd)); err != nil {
		return fmt.Errorf("mount fuse: %w", err)
	}
	buffer := make([]byte, fuseBuffer)
	for {
		n, err := unix.Read(fd, buffer)
		switch {
		case err == unix.EINTR || err == unix.ENOENT: // the request was taken back
			continue
		case err != nil:
			return fmt.Errorf("read from /dev/fuse: %w", err)
		case n >= fuseInHeader && binary.NativeEndian.Uint32(buffer[4:]) == fuseInit:
			if _, err := unix.Write(fd, fuseHello(binary.NativeEndian.Uint64(buffer[8:]))); err != nil {
				return fmt.Errorf("answer FUSE_INIT: %w", err)
			}
			ready()
		}
	}
}

// fuseHello is the answer to FUSE_INIT.
func fuseHello(unique uint64) []byte {
	e := binary.NativeEndian
	b := e.AppendUint32(nil, fuseOutHeader+fuseInitOut)
	b = e.AppendUint32(b, 0) // no error
	b = e.AppendUint64(b, unique)
	for _, field := range []uint32{fuseMajor, fuseMinor, 0, 0, 0, fuseMaxWrite} {
		b = e.AppendUint32(b, field)
	}
	return append(b, make([]byte, fuseOutHeader+fuseInitOut-len(b))...)
}
