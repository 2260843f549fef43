//go:build linux

package guest

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
	"brink/internal/trial"
	"brink/scenarios/cgroup-oom/guest/groups"
)

// scenario is the state of one trial.
type scenario struct {
	plan  trial.Plan
	place *place
	page  *page
	cache *groups.Cache
	fifo  int
	life  *life // the service that runs; nil for none
	last  int64 // when the last service was killed, ns

	kept kept
}

// New makes the scenario for a plan.
func New(plan trial.Plan) (guest.Scenario, error) {
	version := groups.V2
	if plan.Settings["cgroup"] == "1" {
		version = groups.V1
	}
	s := &scenario{plan: plan}
	if err := s.sysctls(); err != nil {
		return nil, err
	}
	var err error
	if s.place, err = newPlace(version); err != nil {
		return nil, err
	}
	if s.page, err = newPage(); err != nil {
		return nil, err
	}
	if s.fifo, err = unix.Open(commandFile, unix.O_RDWR|unix.O_CLOEXEC, 0); err != nil {
		return nil, fmt.Errorf("open fifo: %w", err)
	}
	if _, err := os.Stat(groups.CacheDevice); err == nil {
		s.cache, err = groups.OpenCache(groups.CacheStart)
		return s, err
	}
	return s, nil
}

// sysctls makes room for the tasks, and keeps the kernel from logging each of them at every kill unless it is asked to.
func (s *scenario) sysctls() error {
	dump := map[bool]string{true: "1", false: "0"}[s.plan.Settings.Bool("dump-tasks")]
	for name, value := range map[string]string{"kernel/threads-max": "100000", "vm/oom_dump_tasks": dump} {
		if err := guest.WriteFile("/proc/sys/"+name, value); err != nil {
			return fmt.Errorf("set sysctl: %w", err)
		}
	}
	return nil
}

// Do runs one op.
func (s *scenario) Do(op string, size int64, m *guest.Meter) error {
	n, shape := units(s.plan.Axis, size), shapeAt(s.plan, size)
	defer s.signals(m)
	switch op {
	case "start":
		return m.Time(n, func() error { return s.begin(shape, m) })
	case "stop":
		if err := s.ensure(shape, m); err != nil {
			return err
		}
		if err := m.Time(n, s.life.end); err != nil {
			return err
		}
		return s.clean()
	case "load":
		return m.Time(n, func() error { return s.place.have(shape, m) })
	case "clear":
		return s.clear(m, n)
	case "recover":
		return s.recover(shape, m, n)
	}
	if slices.Contains(parts, op) {
		return s.part(op, size, shape, m)
	}
	return s.cost(op, shape, m)
}

// clear removes the cgroups beside the service, and what keeps dying ones. That those are gone then is waited for apart:
// it takes grace periods.
func (s *scenario) clear(m *guest.Meter, n int64) error {
	if err := s.end(); err != nil {
		return err
	}
	err := m.Time(n, func() error {
		if err := s.place.removeSiblings(); err != nil {
			return err
		}
		return s.place.groups.Forget()
	})
	if err != nil {
		return err
	}
	_, err = s.place.groups.Settle()
	return err
}

// begin starts a service that is confined and furnished. Nobody but the caller's clock waits for the pause between two.
func (s *scenario) begin(shape shape, m *guest.Meter) error {
	if err := s.place.have(shape, m); err != nil {
		return err
	}
	log, err := openLog()
	if err != nil {
		return fmt.Errorf("%w: %w", guest.ErrScenario, err)
	}
	s.life = &life{at: s.place, shape: shape, limit: s.patience(shape), page: s.page, cache: s.cache, fifo: s.fifo, log: log}
	if err := s.life.begin(); err != nil {
		return err
	}
	if err := s.life.confine(); err != nil {
		return err
	}
	return s.life.furnish()
}

// ensure starts a service if none runs.
func (s *scenario) ensure(shape shape, m *guest.Meter) error {
	if s.life != nil {
		return nil
	}
	return s.begin(shape, m)
}

// end leaves nothing of the service that runs.
func (s *scenario) end() error {
	if s.life == nil {
		return nil
	}
	if err := s.life.end(); err != nil {
		return err
	}
	return s.clean()
}

func (s *scenario) clean() error {
	err := s.life.clean()
	s.life = nil
	return err
}

// patience is how long a step of a service's end may take: less than the kernel's own look for hung tasks, so that what is
// found has one name, and longer where there is more to look through.
func (s *scenario) patience(shape shape) time.Duration {
	more := shape.Cgroups + 2*shape.Dying + shape.Processes + shape.Threads
	return s.plan.Detectors.HungTask*3/4 + time.Duration(more)*time.Millisecond
}

// signals records what is beside the steps.
func (s *scenario) signals(m *guest.Meter) {
	values := trial.Signals{}
	if rss, err := agentRSS(); err == nil {
		values["agent"] = rss
	}
	if n, err := s.place.groups.DyingCount(); err == nil {
		values["dying"] = float64(n)
	}
	if s.life != nil {
		values["charge"] = float64(s.life.base) / mib
	}
	_ = m.Signal(values)
}

// agentRSS returns the worker's resident memory in MiB (proc(5), /proc/PID/statm).
func agentRSS() (float64, error) {
	var size, resident int64
	if _, err := fmt.Sscan(readText("/proc/self/statm"), &size, &resident); err != nil {
		return 0, fmt.Errorf("read statm of %s: %w", strconv.Itoa(os.Getpid()), err)
	}
	return float64(resident) * float64(os.Getpagesize()) / mib, nil
}
