//go:build linux

package guest

import (
	"fmt"
	"net"
	"runtime"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
	"golang.zx2c4.com/wireguard/wgctrl"
	"golang.zx2c4.com/wireguard/wgctrl/wgtypes"

	"brink/internal/guest"
)

// pause lies between two handshakes of a peer: the kernel refuses more than INITIATIONS_PER_SECOND = 50
// (drivers/net/wireguard/messages.h), and a timestamp must be newer than the last one.
const pause = 100 * time.Millisecond

// serverIP is the address inside the tunnel that the client sends to.
var serverIP = net.IPv4(172, 31, 255, 1).To4()

const serverUDP = 7

// handshake lets a client be one of the peers: its initiation must find the peer by public key among all of them. A
// sample runs from the client's first packet until the server has read it.
func (g *gateway) handshake(size int64, m *guest.Meter) error {
	if g.devices[0].key == nil {
		return fmt.Errorf("handshake needs private-key=true: %w", guest.ErrUnsupported)
	}
	listener, err := g.listen()
	if err != nil {
		return err
	}
	defer listener.Close()
	c, err := newClient()
	if err != nil {
		return err
	}
	defer c.close()
	for range m.Reps {
		// Reachable peers of the first device, so that all of them meet the same server.
		i := g.random.Int64N((size+reachable-1)/reachable) * reachable
		i -= i % (reachable * int64(len(g.devices)))
		if err := g.meet(c, listener, i, m); err != nil {
			return fmt.Errorf("handshake of peer %d: %w", i, err)
		}
	}
	return nil
}

// listen gives the server its address in the tunnel and listens there.
func (g *gateway) listen() (*net.UDPConn, error) {
	link, err := netlink.LinkByName(g.devices[0].name)
	if err != nil {
		return nil, err
	}
	address := &netlink.Addr{IPNet: &net.IPNet{IP: serverIP, Mask: net.CIDRMask(32, 32)}}
	if err := netlink.AddrReplace(link, address); err != nil {
		return nil, fmt.Errorf("give %s an address: %w", g.devices[0].name, err)
	}
	return net.ListenUDP("udp4", &net.UDPAddr{IP: serverIP, Port: serverUDP})
}

// meet takes one sample.
func (g *gateway) meet(c *client, server *net.UDPConn, i int64, m *guest.Meter) error {
	address := g.peers.allowedIP(i, 0)
	if address.IP.To4() == nil {
		return fmt.Errorf("its first allowed IP is IPv6: %w", guest.ErrUnsupported)
	}
	conn, err := c.become(g.peers.privateKey(i), address.IP, g.devices[0])
	if err != nil {
		return err
	}
	defer conn.Close()
	time.Sleep(pause)
	buffer := make([]byte, 64)
	server.SetReadDeadline(time.Now().Add(10 * time.Second))
	return m.Time(1, func() error {
		if _, err := conn.Write([]byte("brink")); err != nil {
			return err
		}
		_, _, err := server.ReadFromUDP(buffer)
		return err
	})
}

// client is a WireGuard device in a network namespace of its own. Its UDP socket stays in the namespace the device was
// born in, so that it reaches the server over the loopback interface.
type client struct {
	home, away netns.NsHandle
	wg         *wgctrl.Client
	handle     *netlink.Handle
	link       netlink.Link
}

const clientName = "wgclient"

func newClient() (*client, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c := &client{}
	var err error
	if c.home, err = netns.Get(); err != nil {
		return nil, fmt.Errorf("get network namespace: %w", err)
	}
	if c.away, err = netns.New(); err != nil {
		return nil, fmt.Errorf("make network namespace: %w", err)
	}
	defer netns.Set(c.home)
	if c.wg, err = wgctrl.New(); err != nil {
		return nil, err
	}
	if c.handle, err = netlink.NewHandleAt(c.away, unix.NETLINK_ROUTE); err != nil {
		return nil, fmt.Errorf("open netlink in the client's namespace: %w", err)
	}
	if err := netns.Set(c.home); err != nil {
		return nil, err
	}
	return c, c.move()
}

// move makes the device at home and sends it away.
func (c *client) move() error {
	err := netlink.LinkAdd(&netlink.Wireguard{LinkAttrs: netlink.LinkAttrs{Name: clientName}})
	if err != nil {
		return fmt.Errorf("create client: %w", err)
	}
	link, err := netlink.LinkByName(clientName)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetNsFd(link, int(c.away)); err != nil {
		return fmt.Errorf("move client: %w", err)
	}
	if c.link, err = c.handle.LinkByName(clientName); err != nil {
		return err
	}
	if err := c.handle.LinkSetUp(c.link); err != nil {
		return fmt.Errorf("bring up client: %w", err)
	}
	return nil
}

// become makes the client the peer with that key and address, with no session yet, and returns a socket to the server.
func (c *client) become(key wgtypes.Key, ip net.IP, server device) (net.Conn, error) {
	err := c.wg.ConfigureDevice(clientName, wgtypes.Config{PrivateKey: &key, ReplacePeers: true, Peers: []wgtypes.PeerConfig{{
		PublicKey: server.key.PublicKey(), Endpoint: &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: server.port},
		AllowedIPs: []net.IPNet{{IP: serverIP, Mask: net.CIDRMask(32, 32)}}}}})
	if err != nil {
		return nil, fmt.Errorf("configure client: %w", err)
	}
	address := &netlink.Addr{IPNet: &net.IPNet{IP: ip, Mask: net.CIDRMask(32, 32)}}
	if err := c.handle.AddrReplace(c.link, address); err != nil {
		return nil, fmt.Errorf("address client: %w", err)
	}
	route := &netlink.Route{LinkIndex: c.link.Attrs().Index, Dst: &net.IPNet{IP: serverIP, Mask: net.CIDRMask(32, 32)}, Src: ip}
	if err := c.handle.RouteReplace(route); err != nil {
		return nil, fmt.Errorf("route client: %w", err)
	}
	return c.dial(ip)
}

// dial makes the socket in the client's namespace; it stays there.
func (c *client) dial(from net.IP) (net.Conn, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := netns.Set(c.away); err != nil {
		return nil, err
	}
	defer netns.Set(c.home)
	return net.DialUDP("udp4", &net.UDPAddr{IP: from}, &net.UDPAddr{IP: serverIP, Port: serverUDP})
}

// close gives the device back with its namespace. The kernel deletes both in the background.
func (c *client) close() {
	if c.link != nil {
		_ = c.handle.LinkDel(c.link)
	}
	c.handle.Close()
	c.wg.Close()
	c.away.Close()
	c.home.Close()
}
