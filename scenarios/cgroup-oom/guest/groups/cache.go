//go:build linux

package groups

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// CacheModule is the kernel module behind the page cache: a block device that has no memory and takes no time. A guest
// has no disk; the pages of its file systems (tmpfs, ramfs) are not page cache that can be dropped. What is read
// through the device's own file is: clean, on the file LRU, charged to who read it first. What it holds is of no
// meaning.
const CacheModule = "null_blk"

// CacheDevice is the device, of 250 GiB when the module is loaded without parameters.
const CacheDevice = "/dev/nullb0"

// CacheStart is the offset in bytes from which a service's stretch begins: away from the device's first pages, which the
// kernel has read when it looked for partitions.
const CacheStart = 128 << 30

// Cache is a stretch of page cache. It lasts while some process has the device open, so keep one open beside a service
// that dies: when the last one closes it the kernel drops it all.
type Cache struct {
	f     *os.File
	start int64
}

// OpenCache opens the device for the stretch that begins at offset start. Reading it charges the process that reads.
func OpenCache(start int64) (*Cache, error) {
	f, err := os.OpenFile(CacheDevice, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open page cache (kernel module %s): %w", CacheModule, err)
	}
	return &Cache{f, start}, nil
}

// Read brings the first size bytes of the stretch into the page cache, clean.
func (c *Cache) Read(size int64) error {
	return c.chunks(size, func(b []byte, at int64) (int, error) { return unix.Pread(int(c.f.Fd()), b, at) })
}

// Write makes the first size bytes of the stretch dirty page cache. The kernel begins to write it back after 5 s
// (dirty_writeback_centisecs) if it is 30 s old (dirty_expire_centisecs), or when there is too much.
func (c *Cache) Write(size int64) error {
	return c.chunks(size, func(b []byte, at int64) (int, error) { return unix.Pwrite(int(c.f.Fd()), b, at) })
}

func (c *Cache) chunks(size int64, move func([]byte, int64) (int, error)) error {
	buffer := make([]byte, 64<<10)
	for done := int64(0); done < size; {
		n, err := move(buffer[:min(int64(len(buffer)), size-done)], c.start+done)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return fmt.Errorf("fill page cache at %d: %w", c.start+done, err)
		case n == 0:
			return fmt.Errorf("fill page cache at %d: %w: the device is too small", c.start+done, io.ErrUnexpectedEOF)
		}
		done += int64(n)
	}
	return nil
}

// Drop writes the first size bytes of the stretch back and drops them.
func (c *Cache) Drop(size int64) error {
	if err := c.f.Sync(); err != nil {
		return err
	}
	return unix.Fadvise(int(c.f.Fd()), c.start, size, unix.FADV_DONTNEED)
}

// Close gives the device up.
func (c *Cache) Close() error { return c.f.Close() }
