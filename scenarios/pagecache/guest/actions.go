//go:build linux

package guest

import (
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// class is a kind of action.
type class int

// The classes of actions.
const (
	reading class = iota
	readingDirect
	faulting
	writing
	writingDirect
	storing
	truncating
	punching
	cloning
	readingAhead
	dropping
	syncing
	reclaiming
	classes
)

// String is the op's name where the class has one.
func (c class) String() string {
	return [classes]string{"read", "direct", "fault", "write", "direct-write", "store", "truncate", "punch", "clone",
		"readahead", "drop", "sync", "reclaim"}[c]
}

// readDirect reads blocks past the page cache and compares them. It may fail with EIO where somebody stores to the mapping of the file at the
// same time, and that is how it is said to be: a store to a hole, or to a large folio with a hole in it, gets its place on the disk later, and such a
// read may come between ("Direct I/O collision with buffered writes", fs/iomap/direct-io.c; seen on ext4 of 6.18).
func (t *thread) readDirect(f *file, s span) error {
	before := f.stores.Load()
	err := t.read(readingDirect, f, f.direct, s)
	if errors.Is(err, unix.EIO) && (before%2 == 1 || f.stores.Load() != before) {
		return nil
	}
	return err
}

// read reads blocks through a descriptor and compares them.
func (t *thread) read(c class, f *file, fd int, s span) error {
	t.lows = f.lows(s, t.lows)
	got := 0
	err := t.do(c, func() (err error) {
		got, err = readAt(fd, t.data[:s.bytes()], s.offset())
		return err
	})
	if err != nil {
		return fmt.Errorf("%s %s at block %d: %w", c, f.name, s.first, err)
	}
	return f.check(c.String(), s, t.data, got, t.lows)
}

// readAt reads until data is full or the file ends. A read that ends inside a block has met the end: past the page cache, no other one could
// begin there.
func readAt(fd int, data []byte, offset int64) (got int, err error) {
	for got < len(data) {
		n, err := unix.Pread(fd, data[got:], offset+int64(got))
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return got, err
		case n%blockSize != 0 || n == 0:
			return got + n, nil
		default:
			got += n
		}
	}
	return got, nil
}

// stream reads a run of blocks in order through a descriptor of its own, as a program that reads a file from one end to the other: only then
// do the kernel's windows of readahead grow, and its folios with them.
func (t *thread) stream(f *file, s span) error {
	fd, err := unix.Open(f.path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", f.name, err)
	}
	defer unix.Close(fd)
	for n := 0; s.n > 0; s = (span{s.first + n, s.n - n}) {
		n = min(s.n, maxSpan/2)
		if err := t.read(reading, f, fd, span{s.first, n}); err != nil {
			return err
		}
	}
	return nil
}

// fault takes the pages of some blocks out of the mapping, has them faulted in again, and compares them.
func (t *thread) fault(f *file, s span) error {
	mem := f.mem[s.offset():][:s.bytes()]
	if err := unix.Madvise(mem, unix.MADV_DONTNEED); err != nil {
		return fmt.Errorf("unmap %s at block %d: %w", f.name, s.first, err)
	}
	t.lows = f.lows(s, t.lows)
	there := 0
	_ = t.do(faulting, func() error {
		for there < s.n && copied(t.data[there*blockSize:][:blockSize], mem[there*blockSize:][:blockSize]) {
			there++
		}
		return nil
	})
	if there < s.n && t.lows[there] == f.begun[s.first+there].Load() { // nobody cuts it there
		return fmt.Errorf("page fault on %s at block %d: SIGBUS: %w", f.name, s.first+there, unix.EIO)
	}
	return f.check(faulting.String(), s, t.data, there*blockSize, t.lows)
}

// copied copies a block between memory and a mapping. It reports false where the kernel answers with SIGBUS: the file ends before,
// or its page cannot be had. The goroutine must have called debug.SetPanicOnFault.
func copied(to, from []byte) (ok bool) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case interface {
			runtime.Error
			Addr() uintptr
		}:
			ok = false
		default:
			panic(r)
		}
	}()
	copy(to, from)
	return true
}
