//go:build linux

package guest

import (
	"fmt"
	"net"

	"github.com/vishvananda/netlink"
	"golang.zx2c4.com/wireguard/wgctrl"
	"golang.zx2c4.com/wireguard/wgctrl/wgtypes"

	"brink/internal/guest"
)

// Up to these bounds wgctrl puts all peers of a call into one netlink message; above them it sends one message a *peer*,
// which costs 13% of a bulk load (peerBatchChunk and ipBatchChunk in wgctrl's internal/wglinux/configure_linux.go).
const (
	maxPeersPerCall = 32
	maxIPsPerCall   = 256
)

// serverPort is the listen port of the first device; device d listens on serverPort+d.
const serverPort = 51820

// routes lead to all allowed IPs.
var routes = []net.IPNet{
	{IP: net.IPv4(10, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
	{IP: append(net.IP{0xfd}, make(net.IP, 15)...), Mask: net.CIDRMask(8, 128)},
}

// device is one WireGuard interface.
type device struct {
	name string
	wg   *wgctrl.Client
	key  *wgtypes.Key // private key, nil for none
	port int
}

func deviceName(d int) string { return fmt.Sprintf("wg%d", d) }

// create adds the empty device with its key.
func (d device) create() error {
	err := netlink.LinkAdd(&netlink.Wireguard{LinkAttrs: netlink.LinkAttrs{Name: d.name}})
	if err != nil {
		return fmt.Errorf("create %s: %w", d.name, err)
	}
	return d.configure(wgtypes.Config{PrivateKey: d.key, ListenPort: &d.port})
}

func (d device) configure(c wgtypes.Config) error {
	if err := d.wg.ConfigureDevice(d.name, c); err != nil {
		return fmt.Errorf("configure %s: %w", d.name, err)
	}
	return nil
}

// add gives the device more peers, and says how far it is.
func (d device) add(list []wgtypes.PeerConfig, m *guest.Meter, done, total int64) error {
	if len(list) == 0 {
		return nil
	}
	chunk := max(1, min(maxPeersPerCall, maxIPsPerCall/len(list[0].AllowedIPs)))
	for start := 0; start < len(list); start += chunk {
		part := list[start:min(start+chunk, len(list))]
		if err := d.configure(wgtypes.Config{Peers: part}); err != nil {
			return err
		}
		done += int64(len(part))
		m.Progress(done, total)
	}
	return nil
}

// up brings the interface up.
func (d device) up() error {
	link, err := netlink.LinkByName(d.name)
	if err != nil {
		return fmt.Errorf("find %s: %w", d.name, err)
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return fmt.Errorf("bring up %s: %w", d.name, err)
	}
	return nil
}

// route sends packets for all allowed IPs into the interface. The metric keeps the routes of several devices apart.
func (d device) route() error {
	link, err := netlink.LinkByName(d.name)
	if err != nil {
		return fmt.Errorf("find %s: %w", d.name, err)
	}
	for _, r := range routes {
		err := netlink.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Dst: &r, Priority: d.port})
		if err != nil {
			return fmt.Errorf("route %v to %s: %w", r.String(), d.name, err)
		}
	}
	return nil
}

func (d device) delete() error {
	link, err := netlink.LinkByName(d.name)
	if err != nil {
		return fmt.Errorf("find %s: %w", d.name, err)
	}
	if err := netlink.LinkDel(link); err != nil {
		return fmt.Errorf("delete %s: %w", d.name, err)
	}
	return nil
}
