//go:build linux

package guest

import (
	"fmt"

	"github.com/vishvananda/netlink"

	"brink/internal/guest"
)

// The names of the veth pairs that a control-plane request creates: the op's and that of the flood's watch, which may be
// under way at the same time.
const (
	opPair    = "ask0"
	watchPair = "ask1"
)

// takeRTNL sends a request that changes nothing and needs the RTNL lock. (Reading a link takes it no longer.)
func takeRTNL(nl *netlink.Handle) error {
	return nl.LinkSetMTU(device(1), 65536) // the loopback device's number and MTU are the same everywhere
}

// askVeth creates and deletes a veth pair: what a container engine does, with all its waiting for grace periods.
func askVeth(nl *netlink.Handle, name string) error {
	attrs := netlink.NewLinkAttrs()
	attrs.Name = name
	link := &netlink.Veth{LinkAttrs: attrs, PeerName: name + "p", PeerTxQLen: -1}
	if err := nl.LinkAdd(link); err != nil {
		return fmt.Errorf("create veth pair %s: %w", name, err)
	}
	if err := nl.LinkDel(link); err != nil {
		return fmt.Errorf("delete veth pair %s: %w", name, err)
	}
	return nil
}

func (h *host) control(_ int64, m *guest.Meter) error {
	for range m.Reps {
		if err := m.Time(1, func() error { return askVeth(h.bridge.nl, opPair) }); err != nil {
			return err
		}
	}
	return nil
}

func (h *host) rtnl(_ int64, m *guest.Meter) error {
	for range m.Reps {
		if err := m.Time(1, func() error { return takeRTNL(h.bridge.nl) }); err != nil {
			return err
		}
	}
	return nil
}
