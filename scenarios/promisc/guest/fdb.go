//go:build linux

package guest

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
)

// Ageing times in the unit of sysfs, a hundredth of a second (USER_HZ): the bridge's default, and one that has passed.
const (
	defaultAgeing = "30000"
	noAgeing      = "1"
)

// fillFDB adds addresses behind the card until there are size.
func (h *host) fillFDB(size int64, m *guest.Meter) error {
	if h.macs >= size {
		return nil
	}
	a, err := newAdder(h.bridge.card, h.vlans)
	if err != nil {
		return err
	}
	defer a.close()
	for h.macs < size {
		next := min(size, h.macs+fdbBatch)
		if err := a.add(h.macs, next); err != nil {
			return fmt.Errorf("add addresses %d to %d to the FDB: %w", h.macs, next, err)
		}
		h.macs = next
		m.Progress(h.macs, size)
	}
	return nil
}

// dumpFDB reads the FDB and counts.
func (h *host) dumpFDB(size int64, m *guest.Meter) error {
	for range m.Reps {
		count := int64(0)
		err := m.Time(size, func() (err error) { count, err = dumpFDB(h.bridge.index); return err })
		if err != nil {
			return err
		}
		if count != h.macs {
			return fmt.Errorf("dump shows %d addresses where %d were added", count, h.macs)
		}
	}
	return nil
}

// flushFDB removes all addresses as `ip link set br0 type bridge fdb_flush` does.
func (h *host) flushFDB(size int64, m *guest.Meter) error {
	err := m.Time(size, func() error { return guest.WriteFile(ofLink(bridgeName, "bridge/flush"), "1") })
	if err != nil {
		return err
	}
	if err := h.emptied("the flush"); err != nil {
		return err
	}
	return h.flood.done(m)
}

// portDown takes down the card that all addresses lie behind: the kernel removes them under a spinlock.
func (h *host) portDown(size int64, m *guest.Meter) error {
	b := h.bridge
	for range m.Reps {
		err := m.Time(size, func() error { return b.nl.LinkSetDown(device(b.card)) })
		if err != nil {
			return fmt.Errorf("take %s down: %w", b.port, err)
		}
		if err := h.emptied("the port's end"); err != nil {
			return err
		}
		if err := b.nl.LinkSetUp(device(b.card)); err != nil {
			return fmt.Errorf("bring %s up: %w", b.port, err)
		}
		if err := b.forwards(); err != nil {
			return err
		}
		if err := h.fillFDB(size, m); err != nil {
			return err
		}
	}
	return nil
}

// ageing lets all addresses expire: the bridge's collector removes them one by one, the oldest last. The sample goes from the
// start of the collector until the notice of the last one.
func (h *host) ageing(size int64, m *guest.Meter) error {
	for range m.Reps {
		nap(100 * time.Millisecond) // the youngest address is older than noAgeing then
		n, err := listen(unix.RTNLGRP_NEIGH, onlyNotice(entry(0))...)
		if err != nil {
			return err
		}
		err = m.Time(size, func() error {
			if err := guest.WriteFile(ofLink(bridgeName, "bridge/ageing_time"), noAgeing); err != nil {
				return err
			}
			return n.until(goneLimit, func(kind uint16, body []byte) bool { return kind == unix.RTM_DELNEIGH })
		})
		n.close()
		if err != nil {
			return fmt.Errorf("expire the FDB: %w", err)
		}
		if err := guest.WriteFile(ofLink(bridgeName, "bridge/ageing_time"), defaultAgeing); err != nil {
			return err
		}
		if err := h.emptied("the ageing"); err != nil {
			return err
		}
		if err := h.fillFDB(size, m); err != nil {
			return err
		}
	}
	return nil
}

// emptied makes sure that the addresses are gone: what the kernel left would make the next size larger than it says.
func (h *host) emptied(what string) error {
	left, err := dumpFDB(h.bridge.index)
	if err != nil {
		return err
	}
	if left > 0 {
		return fmt.Errorf("%d of %d addresses are still in the FDB after %s", left, h.macs, what)
	}
	h.macs = 0
	return nil
}
