//go:build linux

package guest

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"golang.org/x/sys/unix"
	"golang.zx2c4.com/wireguard/wgctrl/wgtypes"

	"brink/internal/guest"
)

// pick chooses a peer at random; never a reachable one, which a handshake may have given an endpoint.
func (g *gateway) pick() int64 {
	for range 1000 {
		if i := g.random.Int64N(g.size); i%reachable != 0 {
			return i
		}
	}
	return 0
}

func (g *gateway) deviceOf(peer int64) device { return g.devices[peer%int64(len(g.devices))] }

// removeOne times the removal of one peer, and puts it back.
func (g *gateway) removeOne(_ int64, m *guest.Meter) error {
	return g.single(m, func(d device, p wgtypes.PeerConfig, time timer) error {
		if err := time(func() error { return d.configure(removal(p)) }); err != nil {
			return err
		}
		return d.configure(wgtypes.Config{Peers: []wgtypes.PeerConfig{p}})
	})
}

// addOne times the adding of one peer that was taken out before, so that the device never holds more than its size.
func (g *gateway) addOne(_ int64, m *guest.Meter) error {
	return g.single(m, func(d device, p wgtypes.PeerConfig, time timer) error {
		if err := d.configure(removal(p)); err != nil {
			return err
		}
		return time(func() error { return d.configure(wgtypes.Config{Peers: []wgtypes.PeerConfig{p}}) })
	})
}

// updateOne times replacing the allowed IPs of one peer and setting its keepalive interval.
func (g *gateway) updateOne(_ int64, m *guest.Meter) error {
	keepalive := time.Duration(0)
	return g.single(m, func(d device, p wgtypes.PeerConfig, time timer) error {
		p.UpdateOnly, p.ReplaceAllowedIPs, p.PersistentKeepaliveInterval = true, true, &keepalive
		return time(func() error { return d.configure(wgtypes.Config{Peers: []wgtypes.PeerConfig{p}}) })
	})
}

// timer takes one sample.
type timer func(func() error) error

func (g *gateway) single(m *guest.Meter, run func(device, wgtypes.PeerConfig, timer) error) error {
	for range m.Reps {
		i := g.pick()
		err := run(g.deviceOf(i), g.peers.config(i), func(f func() error) error { return m.Time(1, f) })
		if err != nil {
			return err
		}
	}
	return nil
}

func removal(p wgtypes.PeerConfig) wgtypes.Config {
	return wgtypes.Config{Peers: []wgtypes.PeerConfig{{PublicKey: p.PublicKey, Remove: true, UpdateOnly: true}}}
}

// lookup sends a packet to an allowed IP of a peer. The peer has no endpoint, so the kernel answers EDESTADDRREQ once it
// has found it; ENOKEY would mean that no peer has that address (wg_xmit in drivers/net/wireguard/device.c).
func (g *gateway) lookup(_ int64, m *guest.Meter) error {
	for range m.Reps {
		i := g.pick()
		send, err := sender(g.deviceOf(i), g.peers.allowedIP(i, 0).IP)
		if err != nil {
			return err
		}
		err = m.Time(1, send.send)
		send.close()
		if err != nil {
			return fmt.Errorf("look up peer %d: %w", i, err)
		}
	}
	return nil
}

// packetSender is a UDP socket bound to one device.
type packetSender struct {
	fd int
	to unix.Sockaddr
}

func sender(d device, to net.IP) (packetSender, error) {
	s, family := packetSender{}, unix.AF_INET
	if v4 := to.To4(); v4 != nil {
		s.to = &unix.SockaddrInet4{Port: 9, Addr: [4]byte(v4)}
	} else {
		family, s.to = unix.AF_INET6, &unix.SockaddrInet6{Port: 9, Addr: [16]byte(to)}
	}
	var err error
	if s.fd, err = unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err != nil {
		return s, err
	}
	if err := unix.SetsockoptString(s.fd, unix.SOL_SOCKET, unix.SO_BINDTODEVICE, d.name); err != nil {
		s.close()
		return s, err
	}
	return s, nil
}

func (s packetSender) send() error {
	err := unix.Sendto(s.fd, []byte("brink"), 0, s.to)
	if errors.Is(err, unix.EDESTADDRREQ) {
		return nil
	}
	if err == nil {
		return fmt.Errorf("the packet left, where a peer without endpoint was expected")
	}
	return err
}

func (s packetSender) close() { unix.Close(s.fd) }

// justInTime keeps a hot set of peers in the kernel and the others out of it. An arrival of an unknown peer evicts the
// idlest one and installs the new one, in one message.
func (g *gateway) justInTime(size int64, m *guest.Meter) error {
	d := g.devices[0]
	if err := d.create(); err != nil {
		return err
	}
	var hot []int64 // idlest first; never all there are, or nobody would ever arrive
	for i := range min(int64(g.hot), max(1, size/2)) {
		hot = append(hot, i)
	}
	if err := d.add(g.peers.configs(0, int64(len(hot))), m, 0, 0); err != nil {
		return err
	}
	if err := d.up(); err != nil {
		return err
	}
	for done := 0; done < m.Reps; {
		i := g.random.Int64N(size)
		if at := slices.Index(hot, i); at >= 0 && size > 1 {
			hot = append(slices.Delete(hot, at, at+1), i) // it is there: only its idle time starts anew
			continue
		}
		swap := wgtypes.Config{Peers: []wgtypes.PeerConfig{
			{PublicKey: g.peers.publicKey(hot[0]), Remove: true, UpdateOnly: true}, g.peers.config(i)}}
		if err := m.Time(1, func() error { return d.configure(swap) }); err != nil {
			return err
		}
		hot = append(hot[1:], i)
		done++
	}
	return d.delete()
}
