//go:build linux

package guest

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	cgroupoom "brink/scenarios/cgroup-oom"
)

// grow makes the heap: one write a page, each announced before it is done.
func grow(p *page, size int64) error {
	heap, err := unix.Mmap(-1, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return fmt.Errorf("map heap: %w", err)
	}
	for i := 0; i < len(heap); i += os.Getpagesize() {
		p.at.Store(now())
		heap[i] = 1
	}
	p.full.Store(now())
	return nil
}

// fillTmpfs writes a file that only memory holds.
func fillTmpfs(size int64) error {
	if size == 0 {
		return nil
	}
	fd, err := unix.Open(tmpfsFile, unix.O_CREAT|unix.O_WRONLY|unix.O_TRUNC|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return fmt.Errorf("make file in tmpfs: %w", err)
	}
	defer unix.Close(fd)
	buffer := make([]byte, 64<<10)
	for done := int64(0); done < size; done += int64(len(buffer)) {
		if _, err := unix.Write(fd, buffer); err != nil {
			return fmt.Errorf("fill tmpfs: %w", err)
		}
	}
	return nil
}

// lock takes memory that cannot be reclaimed.
func lock(size int64) error {
	if size == 0 {
		return nil
	}
	memory, err := unix.Mmap(-1, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return fmt.Errorf("map locked memory: %w", err)
	}
	if err := unix.Mlock(memory); err != nil {
		return fmt.Errorf("lock memory: %w", err)
	}
	return nil
}

// hang lets one task of the service wait for what never answers.
func (o order) hang() error {
	switch o.Shape.Variant {
	case cgroupoom.HungFS:
		go func() { _, _ = unix.Open(o.Hang, unix.O_RDONLY|unix.O_CLOEXEC, 0) }()
	case cgroupoom.VFork: // the child is in the file system that hangs, as one that looks for its program is
		path, err := unix.BytePtrFromString(o.Hang)
		if err != nil {
			return err
		}
		at := unix.AT_FDCWD
		go func() {
			_ = spawnDoing(asVFork, unix.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(path)), unix.O_RDONLY)
		}()
	case cgroupoom.HungDevice:
		fd, err := unix.Open(o.Hang, unix.O_RDONLY|unix.O_DIRECT|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("open device that hangs: %w", err)
		}
		buffer, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
		if err != nil {
			return err
		}
		go func() { _, _ = unix.Pread(fd, buffer, hangOffset) }()
	}
	return nil
}
