// Package wireguard describes the WireGuard scenario: peers on a device, as the gateways of incident 1 kept them.
package wireguard

import (
	"time"

	"brink/internal/scenario"
)

// MaxPeers is the kernel's limit of peers a device, MAX_PEERS_PER_DEVICE in drivers/net/wireguard/messages.h.
const MaxPeers = 1 << 20

// Spec returns the scenario.
func Spec() scenario.Spec {
	return scenario.Spec{
		Name:     "wireguard",
		Title:    "WireGuard peers on a gateway",
		Incident: "gateways that kept a kernel peer for everyone who ever connected: reloads took minutes, then panics",
		Axes: []scenario.Axis{{
			Name: "peers", Unit: "peer", Title: "WireGuard peers, over all devices",
			Min: 1, Max: MaxPeers, From: 1024, To: 131072,
			MemoryBase: 256 << 20, MemoryPerUnit: 13 << 10,
		}},
		Ops:     ops(),
		Options: options(),
		Plain:   plain(),
		Modules: []string{"wireguard"},
	}
}

func ops() []scenario.Op {
	const ms, us = time.Millisecond, time.Microsecond
	return []scenario.Op{
		{Name: "grow", Title: "add peers up to the size", From: scenario.Smaller, To: scenario.Full, Reps: 1,
			Growth: scenario.Linear, Budget: scenario.Budget{Base: 100 * ms, PerUnit: ms}, Deadline: time.Hour},
		{Name: "lookup", Title: "find a peer for a data packet, by allowed IP", From: scenario.Full, To: scenario.Full, Reps: 64,
			Growth: scenario.Log, Budget: scenario.Budget{Base: 5 * ms}, Deadline: time.Minute},
		{Name: "handshake", Title: "a known peer connects: initiation, response, first data packet", From: scenario.Full,
			To: scenario.Full, Reps: 8, Growth: scenario.Constant, Budget: scenario.Budget{Base: 100 * ms}, Deadline: time.Minute},
		{Name: "update", Title: "change one peer", From: scenario.Full, To: scenario.Full, Reps: 16,
			Growth: scenario.Constant, Budget: scenario.Budget{Base: 50 * ms}, Deadline: time.Minute},
		{Name: "remove", Title: "remove one peer", From: scenario.Full, To: scenario.Full, Reps: 16,
			Growth: scenario.Constant, Budget: scenario.Budget{Base: 50 * ms}, Deadline: time.Minute},
		{Name: "add", Title: "add one peer", From: scenario.Full, To: scenario.Full, Reps: 16,
			Growth: scenario.Constant, Budget: scenario.Budget{Base: 50 * ms}, Deadline: time.Minute},
		{Name: "dump", Title: "read all peers back", From: scenario.Full, To: scenario.Full, Reps: 2,
			Growth: scenario.Linear, Budget: scenario.Budget{Base: 100 * ms, PerUnit: 200 * us}, Deadline: 10 * time.Minute},
		{Name: "delete", Title: "delete the device with all its peers", From: scenario.Full, To: scenario.Empty, Reps: 1,
			Growth: scenario.Linear, Budget: scenario.Budget{Base: time.Second, PerUnit: ms}, Deadline: 5 * time.Minute},
		{Name: "jit", Title: "just in time: install a peer on demand, evict the idlest, small hot set", From: scenario.Empty,
			To: scenario.Empty, Reps: 64, Growth: scenario.Constant, Budget: scenario.Budget{Base: 50 * ms}, Deadline: 5 * time.Minute},
		{Name: "load", Title: "reboot reload: all peers into a fresh device, then up", From: scenario.Empty, To: scenario.Full,
			Reps: 1, Growth: scenario.Linear, Budget: scenario.Budget{Base: 100 * ms, PerUnit: ms}, Deadline: time.Hour},
	}
}

func options() []scenario.Option {
	return []scenario.Option{
		{Name: "allowed-ips", Kind: scenario.Int, Default: "1", Min: 1, Max: 64, Help: "allowed IPs a peer"},
		{Name: "ipv6", Kind: scenario.Float, Default: "0", Min: 0, Max: 1, Help: "share of the allowed IPs that are IPv6"},
		{Name: "private-key", Kind: scenario.Bool, Default: "true",
			Help: "give the device a private key (the kernel then computes a shared secret for each peer)"},
		{Name: "devices", Kind: scenario.Int, Default: "1", Min: 1, Max: 64, Help: "devices the peers are spread over"},
		{Name: "hot", Kind: scenario.Int, Default: "64", Min: 1, Max: 4096, Help: "peers kept by the just-in-time pattern"},
	}
}
