//go:build linux

package guest

import (
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// clone is a copy of a file that shares its blocks (ioctl_ficlone(2)) and keeps what they held when it was made, whatever becomes of
// the file.
type clone struct {
	of   *file
	fd   int
	held []version
}

// newClone copies a file nobody changes meanwhile. The copy has no name, and goes with its descriptor.
func newClone(f *file) (*clone, error) {
	fd, err := unix.Open(filepath.Dir(f.path), unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create clone of %s: %w", f.name, err)
	}
	c := &clone{of: f, fd: fd, held: f.lows(span{0, f.blocks}, make([]version, 0, f.blocks))}
	if err := unix.IoctlFileClone(fd, f.fd); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("clone %s: %w", f.name, err)
	}
	return c, nil
}

// check compares what was read of the clone with what it was made of.
func (c *clone) check(s span, data []byte, got int) error {
	for i := range s.n {
		b := s.first + i
		block, v := data[i*blockSize:][:blockSize], c.held[b]
		if got < (i+1)*blockSize {
			return short("clone", c.of, b)
		}
		if at := differs(block, c.of.at(b).content(v)); at >= 0 {
			return corruption("clone", "a clone of "+c.of.name, block, c.of.at(b), v, v, at)
		}
	}
	return nil
}

func (c *clone) remove() error { return unix.Close(c.fd) }
