//go:build linux

// Package guest grows WireGuard peers inside the guest and does the scenario's ops on them.
package guest

import (
	"encoding/binary"
	"math/rand/v2"
	"net"

	"golang.zx2c4.com/wireguard/wgctrl/wgtypes"

	"brink/internal/scenario"
)

// reachable is how many peers share one whose private key is known, so that a client can be that peer. Computing public
// keys is the dearest part of making peers; the others have random public keys, which the kernel treats the same.
const reachable = 64

// peers derives everything about peer i from the seed, so that nothing has to be stored.
type peers struct {
	seed       uint64
	allowedIPs int
	ipv6       float64
}

func newPeers(seed uint64, set scenario.Settings) peers {
	return peers{seed: seed, allowedIPs: set.Int("allowed-ips"), ipv6: set.Float("ipv6")}
}

// raw returns the peer's 32 bytes of key material.
func (p peers) raw(i int64) wgtypes.Key {
	var key wgtypes.Key
	random := rand.NewPCG(p.seed, uint64(i))
	for at := 0; at < len(key); at += 8 {
		binary.LittleEndian.PutUint64(key[at:], random.Uint64())
	}
	return key
}

// privateKey returns the private key of a reachable peer, clamped as curve25519 wants it (RFC 7748, section 5).
func (p peers) privateKey(i int64) wgtypes.Key {
	key := p.raw(i)
	key[0] &= 248
	key[31] = key[31]&127 | 64
	return key
}

func (p peers) publicKey(i int64) wgtypes.Key {
	if i%reachable == 0 {
		return p.privateKey(i).PublicKey()
	}
	return p.raw(i)
}

// config returns the peer as the kernel takes it.
func (p peers) config(i int64) wgtypes.PeerConfig {
	ips := make([]net.IPNet, p.allowedIPs)
	for j := range ips {
		ips[j] = p.allowedIP(i, j)
	}
	return wgtypes.PeerConfig{PublicKey: p.publicKey(i), AllowedIPs: ips}
}

// configs returns the peers from and up to, without to.
func (p peers) configs(from, to int64) []wgtypes.PeerConfig {
	list := make([]wgtypes.PeerConfig, 0, to-from)
	for i := from; i < to; i++ {
		list = append(list, p.config(i))
	}
	return list
}

// allowedIP returns the peer's j-th allowed IP. Numbers count through 10.0.0.0/8 or fd00::/8; with 2^20 peers and 16
// addresses each the former is full, what follows goes to IPv6 as well.
func (p peers) allowedIP(i int64, j int) net.IPNet {
	number := uint64(i)*uint64(p.allowedIPs) + uint64(j)
	// The share is spread evenly: address j is IPv6 when the rounded count of IPv6 addresses steps up there.
	isV6 := int64(float64(number+1)*p.ipv6) > int64(float64(number)*p.ipv6) || number >= 1<<24-1
	if isV6 {
		ip := make(net.IP, net.IPv6len)
		ip[0] = 0xfd
		binary.BigEndian.PutUint64(ip[8:], number+1)
		return net.IPNet{IP: ip, Mask: net.CIDRMask(128, 128)}
	}
	ip := make(net.IP, net.IPv4len)
	binary.BigEndian.PutUint32(ip, 10<<24|uint32(number+1))
	return net.IPNet{IP: ip, Mask: net.CIDRMask(32, 32)}
}
