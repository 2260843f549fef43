//go:build linux

package guest

import (
	"slices"

	"brink/internal/guest"
	"brink/internal/trial"
	zfscrypt "brink/scenarios/zfs-crypt"
)

// cost is what a write took, in ns.
type cost struct{ wall, cpu int64 }

// kept are the costs of both twins at one size. The op that comes first there measures, the others take what is kept.
type kept struct {
	round            int // guest.Meter.Round: each round measures anew
	plain, encrypted []cost
}

// part notes the costs of one twin, from writes that are made if they were not yet.
func (s *scenario) part(op string, shape shape, m *guest.Meter) error {
	if s.kept.round != m.Round {
		s.kept = kept{round: m.Round}
	}
	if err := s.measure(s.plain, &s.kept.plain, shape, m.Reps); err != nil {
		return err
	}
	costs := s.kept.plain
	if op == "write" || op == "write-cpu" {
		if err := s.measure(s.encrypted, &s.kept.encrypted, shape, m.Reps); err != nil {
			return err
		}
		costs = s.kept.encrypted
	}
	for _, c := range costs {
		ns := c.wall
		if op == "write-cpu" || op == "write-plain-cpu" {
			ns = c.cpu
		}
		m.Note(trial.Sample{Count: shape.MiB, WallNS: ns})
	}
	if op != "write-cpu" {
		return nil
	}
	return s.signals(shape, m)
}

// signals says what the two cost for each other.
func (s *scenario) signals(shape shape, m *guest.Meter) error {
	each := func(costs []cost) float64 { return float64(middle(costs)) / 1e6 / float64(shape.MiB) }
	plain, encrypted := each(s.kept.plain), each(s.kept.encrypted)
	name := "ratio"
	if s.plan.Settings["cipher"] == zfscrypt.CCM {
		name = "ratio-ccm"
	}
	return m.Signal(trial.Signals{"plain-cpu": plain, "encrypted-cpu": encrypted, name: encrypted / plain})
}

// middle is the median CPU time.
func middle(costs []cost) int64 {
	var all []int64
	for _, c := range costs {
		all = append(all, c.cpu)
	}
	slices.Sort(all)
	n := len(all)
	return (all[(n-1)/2] + all[n/2]) / 2
}

// measure writes to a twin as often as samples are wanted, unless it has been done.
func (s *scenario) measure(t *twin, costs *[]cost, shape shape, reps int) error {
	if len(*costs) > 0 {
		return nil
	}
	for range reps {
		c, err := t.marginal(shape)
		if err != nil {
			return err
		}
		*costs = append(*costs, c)
	}
	return nil
}

// marginal is what the shape's MiB cost above a first one: a sync has a price of its own, whatever there is to sync.
func (t *twin) marginal(shape shape) (cost, error) {
	first, err := t.cost(func() error { return t.file("first", mib) })
	if err != nil {
		return cost{}, err
	}
	all, err := t.cost(func() error {
		if err := t.file("first", mib); err != nil {
			return err
		}
		return t.write(shape)
	})
	return cost{wall: max(0, all.wall-first.wall), cpu: max(0, all.cpu-first.cpu)}, err
}

// cost is what a write and its sync take. What was written is removed.
func (t *twin) cost(write func() error) (c cost, err error) {
	if err := t.pool.sync(); err != nil { // what is left of before
		return c, err
	}
	before, err := threadTimes(writingThreads)
	if err != nil {
		return c, err
	}
	start := now()
	if err := write(); err != nil {
		return c, err
	}
	if err := t.pool.sync(); err != nil {
		return c, err
	}
	c.wall = now() - start
	after, err := threadTimes(writingThreads)
	if err != nil {
		return c, err
	}
	c.cpu = after.since(before)
	return c, t.empty()
}

// txgSync syncs the pool after a small write.
func (s *scenario) txgSync(m *guest.Meter) error {
	for range m.Reps {
		if err := s.encrypted.file("small", 4<<10); err != nil {
			return err
		}
		if err := m.Time(1, s.pool.sync); err != nil {
			return err
		}
	}
	return s.encrypted.empty()
}
