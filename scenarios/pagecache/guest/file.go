//go:build linux

package guest

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
	"brink/internal/trial"
)

// file is one file of blocks. Anybody may read it at any time; who changes it holds modify, so that each block has one
// version before a change and one after it.
type file struct {
	id     uint64
	name   string
	path   string
	blocks int

	fd     int    // through the page cache, with readahead
	random int    // the same without
	direct int    // past the page cache (O_DIRECT)
	mem    []byte // all of it, mapped shared
	huge   bool   // the mapping asks for huge pages

	modify sync.Mutex
	stores atomic.Int64    // how often a store to the mapping has begun or ended: odd while one runs
	begun  []atomic.Uint32 // version of each block when the changes that run are done
	done   []atomic.Uint32 // when only those that have ended are
	clone  *clone          // under modify
}

// createFile makes a file of holes.
func createFile(dir string, id uint64, blocks int, huge bool) (*file, error) {
	name := fmt.Sprintf("f%05d", id)
	f := &file{id: id, name: name, path: filepath.Join(dir, name), blocks: blocks, fd: -1, random: -1, direct: -1, huge: huge,
		begun: make([]atomic.Uint32, blocks), done: make([]atomic.Uint32, blocks)}
	err := f.open()
	if err == nil {
		err = unix.Ftruncate(f.fd, f.size())
	}
	if err == nil {
		err = f.mapAll()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create %s: %w", name, err), f.close())
	}
	return f, nil
}

func (f *file) open() (err error) {
	const flags = unix.O_RDWR | unix.O_CLOEXEC
	if f.fd, err = unix.Open(f.path, flags|unix.O_CREAT|unix.O_EXCL, 0o600); err != nil {
		return err
	}
	if f.random, err = unix.Open(f.path, flags, 0); err != nil {
		return err
	}
	if err := unix.Fadvise(f.random, 0, 0, unix.FADV_RANDOM); err != nil {
		return err
	}
	f.direct, err = unix.Open(f.path, flags|unix.O_DIRECT, 0)
	return err
}

func (f *file) mapAll() (err error) {
	f.mem, err = unix.Mmap(f.fd, 0, int(f.size()), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil || !f.huge {
		return err
	}
	err = unix.Madvise(f.mem, unix.MADV_HUGEPAGE)
	if errors.Is(err, unix.EINVAL) { // a kernel without transparent huge pages
		err = nil
	}
	return err
}

// close gives the file up, its clone too.
func (f *file) close() error {
	var errs []error
	if f.clone != nil {
		errs = append(errs, f.clone.remove())
	}
	if f.mem != nil {
		errs = append(errs, unix.Munmap(f.mem))
	}
	for _, fd := range []int{f.fd, f.random, f.direct} {
		if fd >= 0 {
			errs = append(errs, unix.Close(fd))
		}
	}
	f.clone, f.mem, f.fd, f.random, f.direct = nil, nil, -1, -1, -1
	return errors.Join(errs...)
}

// remove closes and deletes the file.
func (f *file) remove() error {
	return errors.Join(f.close(), unix.Unlink(f.path))
}

func (f *file) size() int64 { return int64(f.blocks) * blockSize }

func (f *file) at(block int) place { return place{f.id, uint64(block)} }

// span is a run of blocks of a file.
type span struct{ first, n int }

func (s span) offset() int64 { return int64(s.first) * blockSize }
func (s span) bytes() int    { return s.n * blockSize }

// lows notes the versions that the blocks have at least, before they are read.
func (f *file) lows(s span, to []version) []version {
	to = to[:0]
	for b := s.first; b < s.first+s.n; b++ {
		to = append(to, f.done[b].Load())
	}
	return to
}

// begin says which version the blocks will have after a change; finish, that they have it.
func (f *file) begin(s span, next func(version) version) {
	for b := s.first; b < s.first+s.n; b++ {
		f.begun[b].Store(next(f.done[b].Load()))
	}
}

func (f *file) finish(s span) {
	for b := s.first; b < s.first+s.n; b++ {
		f.done[b].Store(f.begun[b].Load())
	}
}

// fill makes the data of the versions that were begun.
func (f *file) fill(s span, data []byte) {
	for i := range s.n {
		b := s.first + i
		f.at(b).content(f.begun[b].Load()).fill(data[i*blockSize:][:blockSize])
	}
}

// most is how far the version of a block may go while it is read for it to be compared.
const most = 64

// check compares what was read with what the blocks held between lows and now. got is how many bytes came; a file that is cut
// while it is read ends earlier, and only then.
func (f *file) check(via string, s span, data []byte, got int, lows []version) error {
	var of [most]content
	for i := range s.n {
		b := s.first + i
		low, high := lows[i], f.begun[b].Load()
		block := data[i*blockSize:][:blockSize]
		switch {
		case high-low >= most: // so slow a read tells nothing
		case got < (i+1)*blockSize && low == high:
			return short(via, f, b)
		case got < (i+1)*blockSize:
		default:
			if at := differs(block, f.at(b).contents(low, high, of[:0])...); at >= 0 {
				return corruption(via, f.name, block, f.at(b), low, high, at)
			}
		}
	}
	return nil
}

// short is the error of a file that ends where nobody cut it.
func short(via string, f *file, block int) error {
	return &guest.FaultError{Failure: trial.Failure{Kind: trial.Corruption, Signature: "corruption:short:" + via,
		Subsystem: "mm/filemap", Title: fmt.Sprintf("%s of %s ends before block %d of %d", via, f.name, block, f.blocks)}}
}
