//go:build linux

package guest

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// WriteFile writes value to a file that is there, of procfs, sysfs, configfs or a cgroup file system. It is one open(2)
// and one write(2), with nothing of the Go runtime's between: a write that hangs in the kernel hangs as that system call.
//
// Note: os.WriteFile will not do: it opens with O_CREAT, and where a cgroup has no such file the kernel then answers
// EACCES instead of ENOENT (fs/namei.c: lookup_open).
//
// The error names value and file, and wraps the kernel's errno.
func WriteFile(name, value string) error {
	fd, err := unix.Open(name, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err == nil {
		defer unix.Close(fd)
		_, err = unix.Write(fd, []byte(value))
	}
	if err != nil {
		return fmt.Errorf("write %q to %s: %w", value, name, err)
	}
	return nil
}
