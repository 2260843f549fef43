//go:build linux

package guest

import (
	"fmt"

	"brink/internal/guest"
	"brink/scenarios/promisc"
)

// addVLANs gives all VLANs to the ports, a range in one request a port, and loads what else is held.
func (h *host) addVLANs(size int64, m *guest.Meter) error {
	if err := h.fleet.grow(int(h.settings.containers), m); err != nil {
		return err
	}
	if err := m.Time(size, func() error { return h.giveVLANs(size) }); err != nil {
		return err
	}
	return h.hold(m, promisc.VLANs)
}

// giveVLANs gives the VLANs 1 to n to the ports. 1 is there already, for the frames without a tag.
func (h *host) giveVLANs(n int64) error {
	err := h.eachPort(func(port int) error {
		if n < 2 {
			return nil
		}
		return h.bridge.nl.BridgeVlanAddRange(device(port), 2, uint16(n), false, false, false, false)
	})
	if err != nil {
		return fmt.Errorf("add VLANs 2 to %d: %w", n, err)
	}
	h.vlans = n
	return nil
}

// deleteVLANs takes them from the ports; the FDB entries in them go, too. VLAN 1 stays.
func (h *host) deleteVLANs(size int64, m *guest.Meter) error {
	if err := m.Time(size, h.takeVLANs); err != nil {
		return err
	}
	h.vlans = 0
	if err := guest.WriteFile(ofLink(bridgeName, "bridge/flush"), "1"); err != nil {
		return err
	}
	h.macs = 0
	return h.flood.done(m)
}

func (h *host) takeVLANs() error {
	err := h.eachPort(func(port int) error {
		if h.vlans < 2 {
			return nil
		}
		return h.bridge.nl.BridgeVlanDelRange(device(port), 2, uint16(h.vlans), false, false, false, false)
	})
	if err != nil {
		return fmt.Errorf("delete VLANs 2 to %d: %w", h.vlans, err)
	}
	return nil
}

// eachPort does it to the card and to the ports of the first containers, as many as have VLANs.
func (h *host) eachPort(do func(index int) error) error {
	if err := do(h.bridge.card); err != nil {
		return fmt.Errorf("%s: %w", h.bridge.port, err)
	}
	for _, c := range h.fleet.all[:min(len(h.fleet.all), h.settings.ports)] {
		if err := do(c.index); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}
