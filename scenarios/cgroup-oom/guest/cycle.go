//go:build linux

package guest

import (
	"errors"
	"fmt"
	"time"

	"brink/internal/guest"
	"brink/internal/trial"
	cgroupoom "brink/scenarios/cgroup-oom"
)

// parts are the steps of a service's end. One cycle measures them all: the op that is done first at a size runs the
// cycles, and the samples of the others are kept for when their turn comes.
var parts = []string{"kill-to-port", "hit-to-kill", "kill-to-gone", "gone-to-reaped", "fill"}

// kept are the samples of the last cycles.
type kept struct {
	size    int64
	samples map[string][]trial.Sample
	fits    bool // the heap fits in the limit: nobody was killed
}

// part notes the samples of one step, from cycles that are run if they were not yet.
func (s *scenario) part(op string, size int64, shape shape, m *guest.Meter) error {
	if s.kept.size != size || s.kept.samples[op] == nil && !s.kept.fits {
		if err := s.cycles(size, shape, m); err != nil {
			return err
		}
	}
	samples := s.kept.samples[op]
	if len(samples) == 0 {
		return fmt.Errorf("%w: the heap fits in the limit, nobody is killed", guest.ErrUnsupported)
	}
	for _, sample := range samples {
		m.Note(sample)
	}
	delete(s.kept.samples, op)
	return nil
}

// cycles lets as many services end as samples are wanted.
func (s *scenario) cycles(size int64, shape shape, m *guest.Meter) error {
	s.kept = kept{size: size, samples: map[string][]trial.Sample{}}
	n := units(s.plan.Axis, size)
	for range m.Reps {
		d, err := s.cycle(shape, m)
		if err != nil {
			return err
		}
		s.kept.add(d, n)
	}
	if s.onService() { // as it was found
		return s.ensure(shape, m)
	}
	return nil
}

func (s *scenario) onService() bool {
	return s.plan.Axis != cgroupoom.Cgroups && s.plan.Axis != cgroupoom.Dying
}

// add keeps what one service's end took.
func (k *kept) add(d death, n int64) {
	note := func(op string, from, to int64) {
		if from > 0 && to > 0 {
			k.samples[op] = append(k.samples[op], trial.Sample{Count: n, WallNS: max(0, to-from)})
		}
	}
	k.fits = d.fitted()
	if k.fits {
		note("fill", d.pushed, d.full)
		return
	}
	note("fill", d.pushed, d.killed)
	note("hit-to-kill", d.hit, d.killed)
	note("kill-to-gone", d.killed, d.gone)
	note("gone-to-reaped", d.gone, d.reaped)
	note("kill-to-port", d.killed, d.free)
}

// cycle lets one service go over its limit. One that hangs is the kernel's failure, and the error says what came of it
// when the variant's trap was taken away.
func (s *scenario) cycle(shape shape, m *guest.Meter) (death, error) {
	err := s.attempt(shape, m)
	var stuck *guest.StuckError
	if errors.As(err, &stuck) && s.life.trap != nil {
		took, err := s.life.release()
		if err != nil {
			stuck.Text += fmt.Sprintf("; and not gone after %s was taken away: %v", s.life.trap.name, err)
		} else {
			stuck.Text += fmt.Sprintf("; all was gone %v after %s was taken away", took.Round(10*time.Microsecond), s.life.trap.name)
		}
		return death{}, stuck
	}
	if err != nil {
		return death{}, err
	}
	seen := s.life.seen
	return seen, s.done()
}

// attempt lets a service go over its limit.
func (s *scenario) attempt(shape shape, m *guest.Meter) error {
	if wait := time.Duration(s.last + int64(paceKills) - now()); wait > 0 {
		sleep(wait)
	}
	if err := s.ensure(shape, m); err != nil {
		return err
	}
	err := s.life.push()
	s.last = now()
	if errors.Is(err, guest.ErrUnsupported) {
		if failed := s.done(); failed != nil {
			return failed
		}
	}
	return err
}

// done ends what a cycle leaves: the trap, and all that lives of the service.
func (s *scenario) done() error {
	if t := s.life.trap; t != nil && s.life.seen.released == 0 {
		if err := t.release(); err != nil {
			return err
		}
	}
	return s.end()
}

// recover measures how long it takes until nothing is left of a service after the variant's trap was taken away.
func (s *scenario) recover(shape shape, m *guest.Meter, n int64) error {
	if !hasTrap(shape.Variant) {
		return fmt.Errorf("%w: variant %s has nothing that could be taken away", guest.ErrUnsupported, shape.Variant)
	}
	err := s.attempt(shape, m)
	var stuck *guest.StuckError
	switch {
	case errors.As(err, &stuck) && s.life.trap != nil:
	case err != nil:
		return err
	default:
		reason := "the service was gone by itself"
		if s.life.seen.fitted() {
			reason = "the heap fits in the limit, nobody is killed"
		}
		if err := s.done(); err != nil {
			return err
		}
		return fmt.Errorf("%w: %s", guest.ErrUnsupported, reason)
	}
	took, err := s.life.release()
	if err != nil {
		return err
	}
	m.Note(trial.Sample{Count: n, WallNS: int64(took)})
	return s.done()
}
