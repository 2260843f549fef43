//go:build linux

package guest

import (
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/scenario"
	"brink/scenarios/wireguard"
)

func settings(t *testing.T, set map[string]string) scenario.Settings {
	t.Helper()
	all, err := wireguard.Spec().Settings(set)
	require.NoError(t, err)
	return all
}

func TestSeedDecidesPeers(t *testing.T) {
	set := settings(t, map[string]string{"allowed-ips": "3", "ipv6": "0.5"})
	a, b, other := newPeers(7, set), newPeers(7, set), newPeers(8, set)
	assert.Equal(t, a.configs(0, 200), b.configs(0, 200))
	assert.Equal(t, a.configs(0, 200)[50:60], b.configs(50, 60), "a peer does not depend on the others")
	for i := range int64(200) {
		assert.NotEqual(t, a.publicKey(i), other.publicKey(i))
	}
}

func TestKeysAreUnique(t *testing.T) {
	p := newPeers(1, settings(t, nil))
	seen := map[string]int64{}
	for i := range int64(20_000) {
		key := p.raw(i).String()
		if other, twice := seen[key]; twice {
			t.Errorf("peers %d and %d have one key", other, i)
		}
		seen[key] = i
	}
	for d := range int64(64) { // the devices' own keys count downwards from -1
		if i, twice := seen[p.raw(-1-d).String()]; twice {
			t.Errorf("device %d has the key of peer %d", d, i)
		}
	}
}

func TestReachablePeersHaveTheirPrivateKey(t *testing.T) {
	p := newPeers(1, settings(t, nil))
	for i := int64(0); i < 4*reachable; i++ {
		private := p.privateKey(i)
		assert.Equal(t, i%reachable == 0, private.PublicKey() == p.publicKey(i), "peer %d", i)
		assert.Zero(t, private[0]&7, "clamped")
		assert.Equal(t, byte(64), private[31]&192, "clamped")
	}
}

func TestAllowedIPsAreUnique(t *testing.T) {
	p := newPeers(1, settings(t, map[string]string{"allowed-ips": "4", "ipv6": "0.25"}))
	seen, v6 := map[string]bool{}, 0
	const n = 5000
	for _, c := range p.configs(0, n) {
		require.Len(t, c.AllowedIPs, 4)
		for _, ip := range c.AllowedIPs {
			assert.False(t, seen[ip.String()], "%s twice", ip.String())
			seen[ip.String()] = true
			if ip.IP.To4() == nil {
				v6++
			}
		}
	}
	assert.Len(t, seen, 4*n)
	assert.Equal(t, n, v6, "a quarter of them")
}

func TestIPv6Share(t *testing.T) {
	for _, c := range []struct {
		share      string
		v6, within int
	}{{"0", 0, 0}, {"1", 1000, 0}, {"0.5", 500, 0}, {"0.1", 100, 1}, {"0.333", 333, 1}, {"0.001", 1, 1}} {
		p := newPeers(1, settings(t, map[string]string{"ipv6": c.share}))
		v6 := 0
		for i := range int64(1000) {
			if p.allowedIP(i, 0).IP.To4() == nil {
				v6++
			}
		}
		assert.InDelta(t, c.v6, v6, float64(c.within), "share %s", c.share)
	}
}

// TestAllowedIPsFitTheirRange looks at the corners of the largest axis with the most addresses a peer.
func TestAllowedIPsFitTheirRange(t *testing.T) {
	p := newPeers(1, settings(t, map[string]string{"allowed-ips": "64"}))
	last4 := int64(1<<24-2) / 64 // the peer with the last IPv4 address
	for _, i := range []int64{0, 1, last4 - 1, last4, last4 + 1, wireguard.MaxPeers - 1} {
		seen := map[string]bool{}
		for j := range 64 {
			ip := p.allowedIP(i, j)
			ones, bits := ip.Mask.Size()
			assert.Equal(t, bits, ones, "one address")
			assert.False(t, seen[ip.String()])
			seen[ip.String()] = true
			inside := false
			for _, r := range routes {
				inside = inside || len(r.IP) == len(ip.IP) && (&net.IPNet{IP: r.IP, Mask: r.Mask}).Contains(ip.IP)
			}
			assert.True(t, inside, "%s of peer %d is routed to no device", ip.String(), i)
			assert.NotEqual(t, "10.0.0.0/32", ip.String())
		}
	}
	assert.Equal(t, "10.255.255.255/32", str(p.allowedIP(last4, int((1<<24-2)%64))))
	assert.Equal(t, "fd00::100:0/128", str(p.allowedIP(last4, int((1<<24-1)%64))), "what follows goes to IPv6")
}

func str(n net.IPNet) string { return n.String() }

func TestSplitSpreadsPeersOverDevices(t *testing.T) {
	g := &gateway{peers: newPeers(1, settings(t, nil)), devices: []device{{name: "wg0"}, {name: "wg1"}, {name: "wg2"}}}
	lists := g.split(4, 11)
	require.Len(t, lists, 3)
	assert.Len(t, lists[0], 2) // 6 9
	assert.Len(t, lists[1], 3) // 4 7 10
	assert.Len(t, lists[2], 2) // 5 8
	for i := int64(4); i < 11; i++ {
		d := i % 3
		assert.Equal(t, g.peers.publicKey(i), lists[d][(i-4-(d-1+3)%3)/3].PublicKey, "peer %d", i)
		assert.Equal(t, g.devices[d].name, g.deviceOf(i).name)
	}
}
