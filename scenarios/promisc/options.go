package promisc

import "brink/internal/scenario"

// Ports is the option that says how many containers' ports have VLANs: what VLANs cost grows with the square of that.
const Ports = "ports"

// Where the flood comes from.
const (
	FromHub    = "hub"    // a second card of the guest, on the same hub inside QEMU
	FromHost   = "host"   // brink, in real time
	FromPktgen = "pktgen" // the kernel's packet generator on that second card
)

// Virtio is the card that every kernel flavour has a driver for. The sender's card is always one.
const Virtio = "virtio"

// Seeded is the card whose driver has a planted failure: module seedednic over a virtio card.
const Seeded = "seeded"

// The seeded driver's device, and where it takes its orders (vmimages/seedednic; a test compares).
const (
	SeededDevice     = "bnic0"
	SeededParameters = "/sys/module/seedednic/parameters"
)

// sender is the card that the flood is sent on. It holds frames back for a quarter of a millisecond and then sends them together:
// one by one, each would be received within the call that sends it, and the receiver would slow the sender down.
const sender = "virtio-net-pci,tx=timer,x-txtimer=250000"

// card is a network card that QEMU has.
type card struct{ name, device, driver string }

// cards are those that can be flooded. QEMU's rtl8139 is a C+, which 8139cp drives.
func cards() []card {
	return []card{
		{Virtio, "virtio-net-pci", "virtio_net"}, {"e1000", "e1000", "e1000"}, {"e1000e", "e1000e", "e1000e"},
		{"vmxnet3", "vmxnet3", "vmxnet3"}, {"rtl8139", "rtl8139", "8139cp"}, {"pcnet", "pcnet", "pcnet32"},
		{"tulip", "tulip", "tulip"}, {Seeded, "virtio-net-pci", "virtio_net"},
	}
}

// cardOf returns the card of the option nic, which has been checked.
func cardOf(name string) card {
	for _, c := range cards() {
		if c.name == name {
			return c
		}
	}
	return cards()[0]
}

func options() []scenario.Option {
	var names []string
	for _, c := range cards() {
		names = append(names, c.name)
	}
	return []scenario.Option{
		{Name: Containers, Kind: scenario.Int, Default: "100", Min: 1, Max: MaxContainers, Help: "containers on another axis"},
		{Name: PPS, Kind: scenario.Int, Default: "0", Max: MaxPPS,
			Help: "frames a second beside the ops of another axis; 0: the ops are done idle"},
		{Name: MACs, Kind: scenario.Int, Default: "0", Max: MaxMACs, Help: "FDB entries on another axis"},
		{Name: VLANs, Kind: scenario.Int, Default: "0", Max: MaxVLANs,
			Help: "VLANs on another axis; 0: the bridge does not filter VLANs"},
		{Name: Ports, Kind: scenario.Int, Default: "4", Max: MaxContainers, Help: "containers whose ports get the VLANs, as the card's does"},
		{Name: "nic", Kind: scenario.Choice, Default: Virtio, Choices: names,
			Help: "the card that is flooded; seeded is virtio behind a driver of brink's own that panics above the rate at"},
		{Name: "at", Kind: scenario.Int, Default: "4000", Max: MaxPPS, Help: "frames a second at which nic=seeded panics; 0: never"},
		{Name: "source", Kind: scenario.Choice, Default: FromHub, Choices: []string{FromHub, FromHost, FromPktgen},
			Help: "who sends: a second card of the guest, brink itself (--clock wall), or the kernel's pktgen"},
		{Name: "frame", Kind: scenario.Int, Default: "64", Min: 64, Max: 1500, Help: "bytes of a frame"},
		{Name: "sources", Kind: scenario.Int, Default: "16", Min: 1, Max: 65536,
			Help: "source addresses of the frames, in turn; the bridge learns them"},
	}
}

// needs returns what the card, the source and the quantities that hold still need.
func needs(axis string, s scenario.Settings) scenario.Needs {
	c, size := cardOf(s["nic"]), int64(0)
	if axis == VLANs {
		size = MaxVLANs // what one takes depends on the ports, which an axis does not know
	}
	n := scenario.Needs{Modules: []string{c.driver}, NICs: []scenario.NIC{{Model: c.device, Link: scenario.Hub}},
		Memory: memory(axis, size, s)}
	if s["nic"] == Seeded {
		n.Built, n.Seeded = []string{"seedednic"}, true
	}
	if s["source"] == FromHost {
		n.NICs[0].Link = scenario.Host
		return n
	}
	n.NICs = append(n.NICs, scenario.NIC{Model: sender, Link: scenario.Hub})
	if c.driver != "virtio_net" {
		n.Modules = append(n.Modules, "virtio_net")
	}
	if s["source"] == FromPktgen {
		n.Modules = append(n.Modules, "pktgen")
	}
	return n
}

// memory estimates what the state needs beside the guest itself, in bytes, when the axis stands at size.
func memory(axis string, size int64, s scenario.Settings) int64 {
	count := func(quantity string) int64 {
		if quantity == axis {
			return size
		}
		return int64(s.Int(quantity))
	}
	ports := min(count(Containers), int64(s.Int(Ports))) + 2 // the NIC, and the bridge itself
	return count(Containers)*perContainer + count(MACs)*perMAC + count(VLANs)*ports*perVLAN
}
