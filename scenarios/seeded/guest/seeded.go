//go:build linux

// Package guest grows the list of the seeded module and does the ops on it.
package guest

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
	"brink/internal/trial"
	"brink/scenarios/seeded"
)

// device is the module's: each write is one command, see vmimages/seeded.
const device = "/dev/brink-seeded"

// ServiceName is the name of the scenario's service.
const ServiceName = "seeded"

// list is the state that grows.
type list struct {
	dev   *os.File
	size  int64
	limit time.Duration // a service that was killed must be gone after so long
}

// New makes the scenario for a plan.
func New(plan trial.Plan) (guest.Scenario, error) {
	f, err := os.OpenFile(device, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	l := &list{dev: f, limit: plan.Detectors.StuckTask}
	oneIn := max(1, plan.Settings.Int("one-in")) // plans of before the option have none
	return l, l.command("plan %s %d %d %d", plan.Settings["mode"], plan.Settings.Int("at"), oneIn, plan.Seed)
}

// command writes one command. The file is not handed to the runtime's poller: a write may hang in the kernel, and must
// then hang as a plain system call.
func (l *list) command(format string, args ...any) error {
	_, err := unix.Write(int(l.dev.Fd()), fmt.Appendf(nil, format+"\n", args...))
	return err
}

// Do runs one op.
func (l *list) Do(op string, size int64, m *guest.Meter) error {
	switch op {
	case "grow", "load":
		more := size - l.size
		err := m.Time(more, func() error { return l.command("grow %d", more) })
		l.size = size
		return err
	case "clear":
		l.size = 0
		return m.Time(size, func() error { return l.command("clear") })
	case "walk":
		for range m.Reps {
			if err := m.Time(size, func() error { return l.command("walk") }); err != nil {
				return fmt.Errorf("walk: %w", err)
			}
		}
		return nil
	case "service":
		return l.service(m)
	}
	return fmt.Errorf("%w: no op %q", guest.ErrScenario, op)
}

// service lets a process live, die and be gone.
func (l *list) service(m *guest.Meter) error {
	s, err := guest.StartService(ServiceName)
	if err != nil {
		return err
	}
	return m.Time(1, func() error {
		if err := s.Kill(l.limit); err != nil {
			return err
		}
		return guest.WaitPort(seeded.ServicePort, l.limit)
	})
}
