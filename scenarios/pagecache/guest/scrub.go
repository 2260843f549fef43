//go:build linux

package guest

import (
	"fmt"

	"brink/internal/guest"
	"brink/scenarios/cgroup-oom/guest/groups"
)

// scrub reads all files back from the disk and compares them, and their clones.
func (s *scenario) scrub(m *guest.Meter) error {
	b, err := newBout(job{threads: 1})
	if err != nil {
		return fmt.Errorf("%w: %w", guest.ErrScenario, err)
	}
	t := b.team[0]
	return s.house.inside(func() error {
		for range m.Reps {
			if err := m.Time(s.shape.total(), func() error { return s.scrubAll(t, m) }); err != nil {
				return err
			}
		}
		return b.free()
	})
}

func (s *scenario) scrubAll(t *thread, m *guest.Meter) error {
	if err := syncAll(); err != nil {
		return err
	}
	if err := groups.DropCaches(); err != nil {
		return err
	}
	for i, f := range s.files {
		if err := t.scrub(f); err != nil {
			return err
		}
		m.Progress(int64(i+1), int64(len(s.files)))
	}
	return nil
}

// scrub compares a whole file that nobody changes.
func (t *thread) scrub(f *file) error {
	for s := (span{0, 0}); s.first < f.blocks; s.first += s.n {
		s.n = min(maxSpan, f.blocks-s.first)
		t.lows = f.lows(s, t.lows)
		got, err := readAt(f.fd, t.data[:s.bytes()], s.offset())
		if err != nil {
			return fmt.Errorf("read %s at block %d: %w", f.name, s.first, err)
		}
		if err := f.check("scrub", s, t.data, got, t.lows); err != nil {
			return err
		}
		if f.clone == nil {
			continue
		}
		if got, err = readAt(f.clone.fd, t.data[:s.bytes()], s.offset()); err != nil {
			return fmt.Errorf("read the clone of %s at block %d: %w", f.name, s.first, err)
		}
		if err := f.clone.check(s, t.data, got); err != nil {
			return err
		}
	}
	return nil
}
