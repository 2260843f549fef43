//go:build linux

package guest

import (
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Files that service and worker share.
const (
	pageFile    = "/run/cgroup-oom.page"
	commandFile = "/run/cgroup-oom.command" // a FIFO: one byte is one command
	tmpfsFile   = "/run/cgroup-oom.tmpfs"
)

// Commands to the service.
const (
	furnish = 'f' // cache, dirty, tmpfs, mlock
	hang    = 'x' // one task waits for what never answers
	push    = 'h' // the heap
)

// page is memory that service and worker share. The service says there where it is, so that the worker knows to the page
// fault when the limit was met: a message could not be sent from inside one.
type page struct {
	furnished atomic.Int64 // 1 when it is
	at        atomic.Int64 // when the touch of the next page began, CLOCK_MONOTONIC in ns
	full      atomic.Int64 // when the heap was complete, ns; 0 before
}

// newPage makes the shared files anew, charged to the worker.
func newPage() (*page, error) {
	_ = os.Remove(commandFile)
	if err := unix.Mkfifo(commandFile, 0o600); err != nil {
		return nil, fmt.Errorf("make fifo: %w", err)
	}
	if err := os.WriteFile(pageFile, make([]byte, os.Getpagesize()), 0o600); err != nil {
		return nil, err
	}
	return mapPage()
}

func mapPage() (*page, error) {
	fd, err := unix.Open(pageFile, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open shared page: %w", err)
	}
	defer unix.Close(fd)
	mem, err := unix.Mmap(fd, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map shared page: %w", err)
	}
	return (*page)(unsafe.Pointer(&mem[0])), nil
}

// reset is done before a new service starts.
func (p *page) reset() {
	p.furnished.Store(0)
	p.at.Store(0)
	p.full.Store(0)
}
