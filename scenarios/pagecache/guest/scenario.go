//go:build linux

package guest

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
	"brink/internal/trial"
)

// scenario is the state of one trial.
type scenario struct {
	plan    trial.Plan
	house   *house
	folios  *folios
	mounted bool
	shape   shape
	files   []*file
	made    uint64 // files so far
	bouts   uint64 // so far
	kept    kept
	// keptRound is guest.Meter.Round of the bouts that they are from.
	keptRound int
}

// New makes the scenario for a plan.
func New(plan trial.Plan) (guest.Scenario, error) {
	h, err := newHouse()
	if err != nil {
		return nil, err
	}
	return &scenario{plan: plan, house: h, folios: newFolios()}, nil
}

// Do runs one op.
func (s *scenario) Do(op string, size int64, m *guest.Meter) error {
	s.shape = shapeAt(s.plan, size)
	ops := map[string]func(*guest.Meter) error{"load": s.load, "work": s.work, "scrub": s.scrub, "clear": s.clear}
	do, ok := ops[op]
	if !ok {
		do = func(m *guest.Meter) error { return s.part(op, m) }
	}
	return full(do(m))
}

// full tells a disk that is full from what the kernel does wrong.
func full(err error) error {
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return fmt.Errorf("%w: the guest's disk is full: take a larger one (--set disk=), or fewer or smaller files: %w", guest.ErrScenario, err)
	}
	return err
}

// prepare makes the file system, once, and sets what the size asks for.
func (s *scenario) prepare(m *guest.Meter) error {
	if !s.mounted {
		if err := makeDisk(s.shape.FS); err != nil {
			return err
		}
		s.mounted = true
	}
	if err := readAhead(s.shape.Folio); err != nil {
		return fmt.Errorf("%w: %w", guest.ErrScenario, err)
	}
	if err := s.house.limit(s.shape.Limit, s.shape.High); err != nil {
		return err
	}
	return errors.Join(m.Fact("file system", s.shape.FS),
		m.Fact("cgroup limit", fmt.Sprintf("%d MiB for %d MiB of files", s.shape.Limit/mib, s.shape.total())),
		m.Fact("read_ahead_kb", readAheadIs()))
}

// load writes all files.
func (s *scenario) load(m *guest.Meter) error {
	if err := s.prepare(m); err != nil {
		return err
	}
	return s.house.inside(func() error {
		return m.Time(s.shape.total(), func() error {
			for i := range s.shape.Files {
				if err := s.newFile(); err != nil {
					return err
				}
				m.Progress(int64(i+1), int64(s.shape.Files))
			}
			return syncAll()
		})
	})
}

// newFile makes one more file of data.
func (s *scenario) newFile() error {
	s.made++
	f, err := createFile(mountDir, s.made, s.shape.Blocks, s.shape.huge())
	if err != nil {
		return err
	}
	s.files = append(s.files, f)
	b, err := newBout(job{threads: 1})
	if err != nil {
		return err
	}
	return errors.Join(b.team[0].refill(f, span{0, f.blocks}), b.free())
}

// clear removes all files.
func (s *scenario) clear(m *guest.Meter) error {
	err := m.Time(int64(len(s.files)), func() error {
		for _, f := range s.files {
			if err := f.remove(); err != nil {
				return fmt.Errorf("remove %s: %w", f.name, err)
			}
		}
		return syncAll()
	})
	s.files, s.kept = nil, nil
	return err
}

// patience is how long one action may take: longer than the kernel's own look for hung tasks, so that what hangs has one name.
func (s *scenario) patience() time.Duration { return s.plan.Detectors.StuckTask }
