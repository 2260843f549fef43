//go:build linux

package guest

import (
	"fmt"

	"brink/internal/guest"
	cgroupoom "brink/scenarios/cgroup-oom"
	"brink/scenarios/cgroup-oom/guest/groups"
)

// cost does an op on the cgroups themselves.
func (s *scenario) cost(op string, shape shape, m *guest.Meter) error {
	if err := s.place.have(shape, m); err != nil { // what an op before this one took
		return err
	}
	parent := s.place.parent
	simple := map[string]func() error{
		"read-stat": parent.ReadStat, "read-current": parent.ReadCurrent, "read-cgroups": groups.ReadProcCgroups, "list": parent.List,
	}
	if do := simple[op]; do != nil {
		return repeat(m, 1, do)
	}
	switch op {
	case "create":
		return s.create(m)
	case "remove":
		return s.remove(m)
	case "fork":
		return s.place.with(forkPath, 0, func(c *groups.Group) error { return s.forks(c, m) })
	case "fork-deep":
		return s.place.with(deepPath, deep, func(c *groups.Group) error { return s.forks(c, m) })
	case "read-procs":
		if err := s.ensure(shape, m); err != nil {
			return err
		}
		return repeat(m, 1, s.place.service.ReadProcs)
	case "reclaim", "drop-caches":
		return s.takeBack(op, shape, m)
	}
	return fmt.Errorf("%w: no op %q", guest.ErrScenario, op)
}

// repeat times as many samples as the plan asks for.
func repeat(m *guest.Meter, count int64, do func() error) error {
	for range m.Reps {
		if err := m.Time(count, do); err != nil {
			return err
		}
	}
	return nil
}

func (s *scenario) create(m *guest.Meter) error {
	for range m.Reps {
		if err := m.Time(1, func() error { _, err := s.place.parent.CreateOne(); return err }); err != nil {
			return err
		}
		if err := s.place.parent.RemoveOne(); err != nil {
			return err
		}
	}
	return nil
}

func (s *scenario) remove(m *guest.Meter) error {
	for range m.Reps {
		if _, err := s.place.parent.CreateOne(); err != nil {
			return err
		}
		if err := m.Time(1, s.place.parent.RemoveOne); err != nil {
			return err
		}
	}
	return nil
}

func (s *scenario) forks(c *groups.Group, m *guest.Meter) error {
	return repeat(m, groups.Forks, func() error { return c.ForkIn(s.place.forker) })
}

// reclaimed is how much one sample of reclaim asks for, in bytes.
const reclaimed = 1 << 20

// takeBack takes memory from the cgroups, or drops all caches, with as much there as the size says each time. Reclaim
// needs a service that has page cache: where there is nothing to be had the kernel looks 16 times and gives up.
func (s *scenario) takeBack(op string, shape shape, m *guest.Meter) error {
	do := groups.DropCaches
	if op == "reclaim" {
		do = func() error { _, err := s.place.parent.Reclaim(reclaimed); return err }
		if s.plan.Axis != cgroupoom.Cache { // there the size says how much
			shape.Cache = max(shape.Cache, int64(4*m.Reps)*reclaimed)
		}
	}
	for range m.Reps {
		if s.plan.Axis == cgroupoom.Cache {
			if err := s.end(); err != nil { // it has read its page cache once
				return err
			}
		}
		if op == "reclaim" || s.plan.Axis == cgroupoom.Cache {
			if err := s.ensure(shape, m); err != nil {
				return err
			}
		}
		if err := s.place.have(shape, m); err != nil {
			return err
		}
		if err := m.Time(units(s.plan.Axis, int64(shape.Cgroups+shape.Dying)), do); err != nil {
			return err
		}
	}
	if !s.onService() { // as it was found
		return s.end()
	}
	return nil
}
