//go:build linux

package guest

import (
	"fmt"
	"time"

	"brink/internal/guest"
	"brink/internal/trial"
	"brink/scenarios/pagecache"
)

// kept are the samples of the last bouts' actions, until their op's turn comes.
type kept map[string][]trial.Sample

// work lets all threads work at once.
func (s *scenario) work(m *guest.Meter) error {
	s.kept, s.keptRound = kept{}, m.Round
	for range m.Reps {
		err := m.Time(int64(s.shape.Threads*s.shape.Actions), func() error { return s.bout(m) })
		if err != nil {
			return err
		}
	}
	return nil
}

// part notes how long one class of actions took, in bouts that are done now if none were in this round.
func (s *scenario) part(op string, m *guest.Meter) error {
	if s.kept == nil || s.keptRound != m.Round {
		s.kept, s.keptRound = kept{}, m.Round
		for range m.Reps {
			if err := s.bout(m); err != nil {
				return err
			}
		}
	}
	samples := s.kept[op]
	if len(samples) == 0 {
		return fmt.Errorf("%w: nobody does that in mode %s", guest.ErrUnsupported, s.plan.Settings["mode"])
	}
	for _, sample := range samples {
		m.Note(sample)
	}
	return nil
}

// bout lets all threads work once, in the cgroup, and keeps what their actions took.
func (s *scenario) bout(m *guest.Meter) error {
	s.bouts++
	b, err := newBout(job{files: s.files, group: s.house.group, threads: s.shape.Threads, actions: s.shape.Actions,
		clones: pagecache.Clones(s.shape.FS), patience: s.patience(), seed: [2]uint64{s.plan.Seed, s.bouts}})
	if err != nil {
		return fmt.Errorf("%w: %w", guest.ErrScenario, err)
	}
	work := newMix(b)
	if s.shape.Shadow {
		work = newShadow(b)
	}
	ahead := make(chan struct{})
	settle := b.start(ahead, work)
	look := s.reporter(b, m)
	err = s.house.inside(func() error {
		close(ahead)
		return b.wait(func() { look(time.Second) })
	})
	look(lookEvery) // what is left, or all of a bout that is shorter than a second
	if err != nil {
		return err // threads may still be at work, and what they hold stays as it is
	}
	settle()
	s.kept.add(b)
	return b.free()
}

// add keeps the mean of each class.
func (k kept) add(b *bout) {
	for c := range classes {
		all := took{}
		for _, t := range b.team {
			all.count += t.took[c].count
			all.ns += t.took[c].ns
		}
		if all.count > 0 {
			k[c.String()] = append(k[c.String()], trial.Sample{Count: 1, WallNS: all.ns / all.count})
		}
	}
}

// reporter returns what tells how far a bout is, and how it went if so much time has passed since it was told last.
func (s *scenario) reporter(b *bout, m *guest.Meter) func(time.Duration) {
	type state struct{ at, actions, refaults float64 }
	read := func() state { return state{float64(now()), float64(b.doneActions()), s.house.refaults()} }
	last := read()
	return func(every time.Duration) {
		m.Progress(b.doneActions(), int64(b.threads*b.actions))
		if now()-int64(last.at) < int64(every) {
			return
		}
		is := read()
		seconds := (is.at - last.at) / 1e9
		charge, _ := s.house.group.Usage()
		_ = m.Signal(trial.Signals{"actions": (is.actions - last.actions) / seconds, "charge": float64(charge) / mib,
			"refaults": (is.refaults - last.refaults) / seconds, "huge": hugePages(),
			"folio": float64(s.folios.largest(b.files[0]))})
		last = is
	}
}
