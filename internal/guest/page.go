//go:build linux

package guest

import (
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// page is a few words of memory that worker and supervisor share. The worker says there how far it is: a store costs
// nothing, where a message would disturb what is being timed.
type page struct {
	step     atomic.Int64 // index of the running step, -1 when none
	deadline atomic.Int64 // CLOCK_MONOTONIC at which the step is late, 0 for never
	done     atomic.Int64
	total    atomic.Int64
}

// newPage returns a page and the file through which the worker maps it.
func newPage() (*page, *os.File, error) {
	fd, err := unix.MemfdCreate("brink-page", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, nil, fmt.Errorf("create shared page: %w", err)
	}
	f := os.NewFile(uintptr(fd), "brink-page")
	if err := f.Truncate(int64(os.Getpagesize())); err != nil {
		return nil, nil, fmt.Errorf("size shared page: %w", err)
	}
	p, err := mapPage(f)
	return p, f, err
}

func mapPage(f *os.File) (*page, error) {
	mem, err := unix.Mmap(int(f.Fd()), 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map shared page: %w", err)
	}
	return (*page)(unsafe.Pointer(&mem[0])), nil
}
