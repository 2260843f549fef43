//go:build linux

package guest

import (
	"fmt"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
)

// phase is a step of creating a container.
type phase int

const (
	netnsPhase phase = iota + 1
	vethPhase
	enslavePhase
	upPhase
)

// phase times one step of creating the last container, which is destroyed for it: the bridge never holds more ports than
// the size says.
func (h *host) phase(timed phase) func(int64, *guest.Meter) error {
	return func(_ int64, m *guest.Meter) error {
		return h.again(m, func(c *container) error {
			steps := []func() error{c.newNamespace, func() error { return c.newPair(h.bridge.nl) },
				func() error { return c.enslave(h.bridge) }, func() error { return c.up(h.bridge.nl) }}
			for i, step := range steps {
				err := error(nil)
				if phase(i+1) == timed {
					err = m.Time(1, step)
				} else {
					err = step()
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// create times all of creating the last container.
func (h *host) create(_ int64, m *guest.Meter) error {
	return h.again(m, func(c *container) error { return m.Time(1, func() error { return c.create(h.bridge) }) })
}

// again destroys the last container and has it made anew, as often as samples are wanted.
func (h *host) again(m *guest.Meter, build func(*container) error) error {
	for range m.Reps {
		going, err := h.fleet.take(1)
		if err != nil {
			return err
		}
		if err := h.fleet.dismiss(going[0]); err != nil {
			return err
		}
		nap(settle)
		c := h.fleet.next()
		if err := build(c); err != nil {
			return fmt.Errorf("container %d: %w", c.number, err)
		}
		h.fleet.add(c)
		if err := h.dressed(c); err != nil {
			return err
		}
	}
	return nil
}

// dressed waits until the bridge forwards frames to a container that was made anew, and gives its port the VLANs that it had.
func (h *host) dressed(c *container) error {
	if err := h.bridge.forwardsTo(c.name); err != nil {
		return err
	}
	return h.giveVLANs(h.vlans)
}

// destroy times the end of the last container, until the kernel says that its port is gone.
func (h *host) destroy(_ int64, m *guest.Meter) error {
	for range m.Reps {
		going, err := h.fleet.take(1)
		if err != nil {
			return err
		}
		n, err := listen(unix.RTNLGRP_LINK)
		if err != nil {
			return err
		}
		err = m.Time(1, func() error { return h.fleet.dismissHeard(going[0], n) })
		n.close()
		if err != nil {
			return err
		}
		nap(settle)
		if err := h.fleet.grow(len(h.fleet.all)+1, m); err != nil {
			return err
		}
		if err := h.dressed(h.fleet.all[len(h.fleet.all)-1]); err != nil {
			return err
		}
	}
	return nil
}
