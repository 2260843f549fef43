//go:build linux

package guest

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Bits of /proc/PID/pagemap and /proc/kpageflags (Documentation/admin-guide/mm/pagemap.rst).
const (
	pagePresent  = 1 << 63
	pageFrame    = 1<<55 - 1
	compoundHead = 1 << 15
	compoundTail = 1 << 16
)

// folios looks at how large the folios are that a file's pages belong to.
type folios struct {
	pagemap, flags int // descriptors; -1 where the kernel has no CONFIG_PROC_PAGE_MONITOR
	entries        [hugeBlocks]uint64
}

func newFolios() *folios {
	open := func(name string) int {
		fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return -1
		}
		return fd
	}
	return &folios{pagemap: open("/proc/self/pagemap"), flags: open("/proc/kpageflags")}
}

// largest returns the size in KiB of the largest folio whose first page is mapped among the first 2 MiB of a file; 0 for none.
func (l *folios) largest(f *file) (kb int) {
	address := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(f.mem))))
	mapped := l.entries[:min(len(l.entries), f.blocks)]
	if !readWords(l.pagemap, address/blockSize, mapped) {
		return 0
	}
	for _, e := range mapped {
		if e&pagePresent != 0 {
			kb = max(kb, l.pages(e&pageFrame)*blockSize/1024)
		}
	}
	return kb
}

// pages is of how many pages the folio is that begins at a page frame; 0 where none does.
func (l *folios) pages(frame uint64) int {
	var flags [hugeBlocks]uint64
	switch {
	case !readWords(l.flags, frame, flags[:1]) || flags[0]&compoundTail != 0:
		return 0
	case flags[0]&compoundHead == 0:
		return 1
	case !readWords(l.flags, frame, flags[:]):
		return 0
	}
	n := 1
	for n < len(flags) && flags[n]&compoundTail != 0 {
		n++
	}
	return n
}

// readWords reads words of a file of words, from the one with that number on.
func readWords(fd int, number uint64, to []uint64) bool {
	if fd < 0 {
		return false
	}
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(to))), 8*len(to))
	n, err := unix.Pread(fd, bytes, int64(number*8))
	return err == nil && n == len(bytes)
}
