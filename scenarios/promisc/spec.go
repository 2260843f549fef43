// Package promisc describes the flooded bridge of incident 2: a promiscuous network card, a Linux bridge, many containers
// behind it, and frames that mostly belong to nobody.
package promisc

import "brink/internal/scenario"

// The axes. Each is also an option: what holds still while another one is ramped.
const (
	Containers = "containers"
	PPS        = "pps"
	MACs       = "macs"
	VLANs      = "vlans"
)

// Limits of the kernel.
const (
	// MaxContainers is what a bridge holds beside the network card: BR_MAX_PORTS = 1 << BR_PORT_BITS in
	// net/bridge/br_private.h, of which port 0 is none.
	MaxContainers = 1<<10 - 2
	// MaxVLANs is the number of VLAN IDs of IEEE 802.1Q: 0 and 4095 are none.
	MaxVLANs = 4094
	// MaxMACs is where the axis ends; the kernel has no limit before 6.7, and then only one that is set.
	MaxMACs = 1 << 20
	// MaxPPS is above everything that an emulated card receives.
	MaxPPS = 1_000_000
)

// Memory of the guest in bytes, measured (README.md).
const (
	base         = 256 << 20
	perContainer = 340 << 10
	perMAC       = 200
	perVLAN      = 1280 // on each port, with its counters and the port's own address in the FDB
)

// Spec returns the scenario.
func Spec() scenario.Spec {
	return scenario.Spec{
		Name:     "promisc",
		Title:    "a promiscuous NIC, a bridge, many containers, and a flood",
		Incident: "two hosts with bridged containers died together when frames that belonged to nobody flooded their promiscuous NICs",
		Axes: []scenario.Axis{
			{Name: Containers, Unit: "container", Title: "containers behind the bridge: a network namespace and a veth pair each",
				Min: 1, Max: MaxContainers, From: 10, To: 320, Limit: "a bridge holds 1023 ports, BR_MAX_PORTS, and the NIC takes one",
				MemoryBase: base, MemoryPerUnit: perContainer},
			{Name: PPS, Unit: "frame/s", Title: "frames offered a second", Load: true,
				Min: 100, Max: MaxPPS, From: 500, To: 16000, Limit: "no emulated card receives more", MemoryBase: base},
			{Name: MACs, Unit: "MAC", Title: "addresses in the bridge's forwarding database (FDB), behind the NIC",
				Min: 1, Max: MaxMACs, From: 3125, To: 100_000, Limit: "the kernel sets no limit, this scenario does",
				MemoryBase: base, MemoryPerUnit: perMAC},
			{Name: VLANs, Unit: "VLAN", Title: "VLANs on ports of the bridge: the card, and some containers",
				Min: 1, Max: MaxVLANs, From: 64, To: MaxVLANs, Limit: "802.1Q has IDs 1 to 4094", MemoryBase: base},
		},
		Ops:     ops(),
		Options: options(),
		Rate:    PPS,
		Modules: []string{"bridge", "veth", "netconsole"},
		Plain:   plain(),
		Signals: signals(),
		Limits:  limits(),
		Expects: []scenario.Expect{{Kind: "kernel-error", Has: "doesn't support polling"}}, // netconsole over veth, from 6.18 or so on
		Needs:   needs,
		Refuse:  refuse,
	}
}
