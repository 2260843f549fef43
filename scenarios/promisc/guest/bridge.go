//go:build linux

package guest

import (
	"bytes"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"brink/internal/guest"
	"brink/scenarios/promisc"
)

// The names of the devices.
const (
	bridgeName = "br0"
	cardName   = "nic0"
	senderName = "snd0"
)

// The addresses of the network cards, the flooded one first (internal/qemu, MAC), and that of the bridge, which would otherwise
// change whenever a port with a lower one comes.
var (
	cardMAC   = net.HardwareAddr{0x52, 0x54, 0, 0, 0, 1}
	senderMAC = net.HardwareAddr{0x52, 0x54, 0, 0, 0, 2}
	bridgeMAC = net.HardwareAddr{0x02, 0xb0, 0, 0, 0, 1}
)

// carrier is how long a card may take until the bridge forwards its frames, in guest time: tulip takes seconds.
const carrier = 20 * time.Second

// bridge is the bridge with the flooded card.
type bridge struct {
	nl    *netlink.Handle
	index int
	card  int    // index of the device that is the port; it changes when the driver is bound anew
	port  string // its name
	// driver is the folder of the card's driver in sysfs, device its name there.
	driver, device string
	seeded         bool
	at             int
}

// newBridge makes the bridge, and the card its port.
func newBridge(s setting) (*bridge, error) {
	nl, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("open netlink: %w", err)
	}
	b := &bridge{nl: nl, port: cardName, seeded: s.nic == promisc.Seeded, at: s.at}
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.HardwareAddr = bridgeName, bridgeMAC
	on, pvid := s.filter, uint16(0)
	if on {
		pvid = 1 // a bridge that does not filter has it, too, by default, and then keeps each address twice
	}
	link := &netlink.Bridge{LinkAttrs: attrs, VlanFiltering: &on, VlanDefaultPVID: &pvid}
	if err := nl.LinkAdd(link); err != nil {
		return nil, fmt.Errorf("create %s: %w", bridgeName, err)
	}
	b.index = link.Attrs().Index
	if err := nl.LinkSetUp(link); err != nil {
		return nil, fmt.Errorf("bring up %s: %w", bridgeName, err)
	}
	if s.source != promisc.FromHost {
		if _, err := b.adopt(senderMAC, senderName); err != nil {
			return nil, err
		}
	}
	return b, b.plugIn()
}

// plugIn finds the card, gives it its name and makes it a port of the bridge.
func (b *bridge) plugIn() error {
	index, err := b.adopt(cardMAC, cardName)
	if err != nil {
		return err
	}
	if err := b.findDriver(); err != nil {
		return err
	}
	b.card = index
	if b.seeded {
		if err := b.stackSeeded(); err != nil {
			return err
		}
	}
	return b.join()
}

// join makes the card a port, and waits until the bridge forwards its frames.
func (b *bridge) join() error {
	if err := b.nl.LinkSetMasterByIndex(device(b.card), b.index); err != nil {
		return fmt.Errorf("make %s a port: %w", b.port, err)
	}
	return b.forwards()
}

// forwards waits until the bridge forwards the card's frames.
func (b *bridge) forwards() error { return b.forwardsTo(b.port) }

// forwardsTo waits until a port is in the state BR_STATE_FORWARDING, which needs the carrier.
func (b *bridge) forwardsTo(port string) error {
	return wait(port+" forwards", carrier, func() bool {
		n, err := number(ofLink(port, "brport/state"))
		return err == nil && n == 3
	})
}

// adopt gives the card with that address its name, and brings it up.
func (b *bridge) adopt(mac net.HardwareAddr, name string) (int, error) {
	l, err := b.find(mac)
	if err != nil {
		return 0, err
	}
	if l.Attrs().Name != name {
		if err := b.nl.LinkSetName(l, name); err != nil {
			return 0, fmt.Errorf("rename %s to %s: %w", l.Attrs().Name, name, err)
		}
	}
	if err := b.nl.LinkSetUp(l); err != nil {
		return 0, fmt.Errorf("bring up %s: %w", name, err)
	}
	return l.Attrs().Index, nil
}

// find returns the card with that address. The seeded device has the address of the card that it lies over.
func (b *bridge) find(mac net.HardwareAddr) (netlink.Link, error) {
	links, err := b.nl.LinkList()
	if err != nil {
		return nil, fmt.Errorf("list network devices: %w", err)
	}
	for _, l := range links {
		if bytes.Equal(l.Attrs().HardwareAddr, mac) && l.Attrs().Name != promisc.SeededDevice {
			return l, nil
		}
	}
	return nil, fmt.Errorf("%w: the guest has no network card %v", guest.ErrScenario, mac)
}

// present reports whether the flooded card is there.
func (b *bridge) present() bool {
	_, err := b.find(cardMAC)
	return err == nil
}

// findDriver notes where the card can be unbound. A virtio device has one of its own, between the card and the PCI device.
func (b *bridge) findDriver() (err error) {
	path, err := filepath.EvalSymlinks(ofLink(cardName, "device"))
	if err != nil {
		return err
	}
	b.device = filepath.Base(path)
	b.driver, err = filepath.EvalSymlinks(filepath.Join(path, "driver"))
	return err
}

// stackSeeded puts the device of the seeded driver over the card; it is the port then.
func (b *bridge) stackSeeded() error {
	for _, set := range [][2]string{{"at", fmt.Sprint(b.at)}, {"lower", cardName}} {
		if err := guest.WriteFile(filepath.Join(promisc.SeededParameters, set[0]), set[1]); err != nil {
			return err
		}
	}
	link, err := b.nl.LinkByName(promisc.SeededDevice)
	if err != nil {
		return fmt.Errorf("find %s: %w", promisc.SeededDevice, err)
	}
	b.card, b.port = link.Attrs().Index, promisc.SeededDevice
	return b.nl.LinkSetUp(link)
}

// device is a device that is known by its index.
func device(index int) netlink.Link {
	return &netlink.Device{LinkAttrs: netlink.LinkAttrs{Index: index}}
}
