//go:build linux

package guest

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// reclaimed is how much of the cgroup's memory one reclaim asks for, in bytes.
const reclaimed = 1 << 20

// ahead asks for blocks to be read (posix_fadvise(2)).
func (t *thread) ahead(f *file, s span) error {
	return t.advise(readingAhead, f, s, unix.FADV_WILLNEED)
}

// drop takes the clean pages of some blocks out of the page cache.
func (t *thread) drop(f *file, s span) error { return t.advise(dropping, f, s, unix.FADV_DONTNEED) }

func (t *thread) advise(c class, f *file, s span, advice int) error {
	err := t.do(c, func() error { return unix.Fadvise(f.fd, s.offset(), int64(s.bytes()), advice) })
	if err != nil {
		return fmt.Errorf("%s of %s at block %d: %w", c, f.name, s.first, err)
	}
	return nil
}

// sync writes what is dirty of a file.
func (t *thread) sync(f *file) error {
	if err := t.do(syncing, func() error { return unix.Fdatasync(f.fd) }); err != nil {
		return fmt.Errorf("sync %s: %w", f.name, err)
	}
	return nil
}

// reclaim takes memory away from the cgroup.
func (t *thread) reclaim() error {
	if t.bout.group == nil {
		return nil
	}
	return t.do(reclaiming, func() error {
		_, err := t.bout.group.Reclaim(reclaimed)
		return err
	})
}

// copyOf looks at the clone of a file that nobody changes meanwhile, now and then at a new one.
func (t *thread) copyOf(f *file, s span) error {
	if f.clone != nil && t.rand.IntN(8) == 0 {
		if err := f.clone.remove(); err != nil {
			return err
		}
		f.clone = nil
	}
	if f.clone == nil {
		return t.do(cloning, func() (err error) {
			f.clone, err = newClone(f)
			return err
		})
	}
	got, err := readAt(f.clone.fd, t.data[:s.bytes()], s.offset())
	if err != nil {
		return fmt.Errorf("read a clone of %s at block %d: %w", f.name, s.first, err)
	}
	return f.clone.check(s, t.data, got)
}
