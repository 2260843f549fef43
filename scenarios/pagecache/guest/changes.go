//go:build linux

package guest

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// change does something to a file that nobody else changes meanwhile, or reports that somebody does.
func (t *thread) change(f *file, do func() error) (done bool, err error) {
	if !f.modify.TryLock() {
		return false, nil
	}
	defer f.modify.Unlock()
	return true, do()
}

// write writes blocks through a descriptor.
func (t *thread) write(c class, f *file, fd int, s span) error {
	f.begin(s, nextData)
	f.fill(s, t.data)
	err := t.do(c, func() error { return writeAt(fd, t.data[:s.bytes()], s.offset()) })
	if err != nil {
		return fmt.Errorf("%s %s at block %d: %w", c, f.name, s.first, err)
	}
	f.finish(s)
	return nil
}

func writeAt(fd int, data []byte, offset int64) error {
	for len(data) > 0 {
		n, err := unix.Pwrite(fd, data, offset)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		data, offset = data[n:], offset+int64(n)
	}
	return nil
}

// store writes blocks through the mapping.
func (t *thread) store(f *file, s span) error {
	f.stores.Add(1)
	defer f.stores.Add(1)
	f.begin(s, nextData)
	f.fill(s, t.data)
	mem, whole := f.mem[s.offset():][:s.bytes()], true
	_ = t.do(storing, func() error {
		for i := 0; i < s.n && whole; i++ {
			whole = copied(mem[i*blockSize:][:blockSize], t.data[i*blockSize:][:blockSize])
		}
		return nil
	})
	if !whole {
		return fmt.Errorf("store to %s at block %d: SIGBUS: %w", f.name, s.first, noRoom(f))
	}
	f.finish(s)
	return nil
}

// noRoom is the error behind a SIGBUS of who stores to a hole.
func noRoom(f *file) error {
	var st unix.Statfs_t
	if err := unix.Fstatfs(f.fd, &st); err == nil && st.Bavail < 1024 {
		return unix.ENOSPC
	}
	return unix.EIO
}

// punch makes a hole (fallocate(2)).
func (t *thread) punch(f *file, s span) error {
	f.begin(s, nextHole)
	err := t.do(punching, func() error {
		return unix.Fallocate(f.fd, unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, s.offset(), int64(s.bytes()))
	})
	if err != nil {
		return fmt.Errorf("punch %s at block %d: %w", f.name, s.first, err)
	}
	f.finish(s)
	return nil
}

// truncate cuts a file inside a block, looks at what is left of that, makes the file long again and writes it anew from there on.
func (t *thread) truncate(f *file, first int) error {
	kept := 8 * t.rand.IntN(words) // bytes of the block
	cut, rest := span{first, 1}, span{first + 1, f.blocks - first - 1}
	was := f.done[first].Load()
	f.begin(cut, nextCut)
	f.begin(rest, nextHole)
	err := t.do(truncating, func() error { return unix.Ftruncate(f.fd, cut.offset()+int64(kept)) })
	if err == nil {
		err = unix.Ftruncate(f.fd, f.size())
	}
	if err != nil {
		return fmt.Errorf("truncate %s at block %d: %w", f.name, first, err)
	}
	f.finish(rest)
	if err := t.checkCut(f, first, kept, was); err != nil {
		return err
	}
	f.fill(cut, t.data)
	if err := writeAt(f.fd, t.data[:blockSize], cut.offset()); err != nil {
		return fmt.Errorf("write %s at block %d: %w", f.name, first, err)
	}
	f.finish(cut)
	return t.refill(f, rest)
}

// checkCut compares a block that was cut with what it held: zeros follow.
func (t *thread) checkCut(f *file, b, kept int, was version) error {
	block := t.data[:blockSize]
	got, err := readAt(f.fd, block, int64(b)*blockSize)
	if err != nil {
		return fmt.Errorf("read %s at block %d: %w", f.name, b, err)
	}
	if got < blockSize {
		return short("truncate", f, b)
	}
	left := f.at(b).content(was)
	for i, w := range asWords(block) {
		want := uint64(0)
		if i < kept/8 {
			want = left.word(i)
		}
		if w != want {
			return corruption("truncate", f.name, block, f.at(b), was, was, i)
		}
	}
	return nil
}

// refill writes data to all blocks of a run.
func (t *thread) refill(f *file, s span) error {
	for n := 0; s.n > 0; s = (span{s.first + n, s.n - n}) {
		n = min(s.n, maxSpan)
		if err := t.write(writing, f, f.fd, span{s.first, n}); err != nil {
			return err
		}
	}
	return nil
}
