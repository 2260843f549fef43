//go:build linux

package guest

import (
	"errors"
	"fmt"
	"net"
	"runtime"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// inner is the name of the interface inside each container.
const inner = "eth0"

// container is what is left of a container when only its network counts: a namespace, and a veth pair whose outer end is a
// port of the bridge. The namespace lives as long as its file descriptor.
type container struct {
	number int
	name   string // of the outer end
	ns     netns.NsHandle
	index  int // of the outer end
}

// outerName is the name of the outer end of a container's veth pair.
func outerName(number int) string { return fmt.Sprintf("c%04d", number) }

// address is the MAC address of one end; that of an outer end is never the lowest on the bridge.
func address(first byte, number int) net.HardwareAddr {
	return net.HardwareAddr{first, 0xb0, 0, 1, byte(number >> 8), byte(number)}
}

// newNamespace makes the namespace, without IPv6.
func (c *container) newNamespace() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	outside, err := netns.Get()
	if err != nil {
		return fmt.Errorf("open namespace: %w", err)
	}
	defer outside.Close()
	if c.ns, err = netns.New(); err != nil {
		return fmt.Errorf("create namespace of %s: %w", c.name, err)
	}
	return errors.Join(quietIPv6(), back(outside))
}

// back returns the thread to the namespace it came from. A thread that is stuck elsewhere must not run other goroutines: it
// stays locked, and ends with its goroutine.
func back(to netns.NsHandle) error {
	err := netns.Set(to)
	if err != nil {
		runtime.LockOSThread()
	}
	return err
}

// newPair makes the veth pair, the inner end in the namespace.
func (c *container) newPair(nl *netlink.Handle) error {
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.HardwareAddr = c.name, address(0xfe, c.number)
	link := &netlink.Veth{LinkAttrs: attrs, PeerName: inner, PeerHardwareAddr: address(0x02, c.number),
		PeerNamespace: netlink.NsFd(c.ns), PeerTxQLen: -1}
	if err := nl.LinkAdd(link); err != nil {
		return fmt.Errorf("create veth pair %s: %w", c.name, err)
	}
	c.index = link.Index
	return nil
}

// enslave makes the outer end a port of the bridge.
func (c *container) enslave(b *bridge) error {
	if err := b.nl.LinkSetMasterByIndex(device(c.index), b.index); err != nil {
		return fmt.Errorf("make %s a port: %w", c.name, err)
	}
	return nil
}

// up brings up the outer end, and inside the namespace the loopback device and the inner end.
func (c *container) up(nl *netlink.Handle) error {
	if err := nl.LinkSetUp(device(c.index)); err != nil {
		return fmt.Errorf("bring up %s: %w", c.name, err)
	}
	inside, err := netlink.NewHandleAt(c.ns, unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("open netlink inside %s: %w", c.name, err)
	}
	defer inside.Close()
	for _, name := range []string{"lo", inner} {
		link, err := inside.LinkByName(name)
		if err != nil {
			return fmt.Errorf("find %s inside %s: %w", name, c.name, err)
		}
		if err := inside.LinkSetUp(link); err != nil {
			return fmt.Errorf("bring up %s inside %s: %w", name, c.name, err)
		}
	}
	return nil
}

// create does all phases.
func (c *container) create(b *bridge) error {
	if err := c.newNamespace(); err != nil {
		return err
	}
	if err := c.newPair(b.nl); err != nil {
		return err
	}
	if err := c.enslave(b); err != nil {
		return err
	}
	return c.up(b.nl)
}

// destroy lets go of the namespace. The kernel then deletes it, and the veth pair with it, in its own time.
func (c *container) destroy() { c.ns.Close() }
