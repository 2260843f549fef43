package scenario

import "slices"

// Needs is what a guest needs with certain settings, beside what its spec always needs.
type Needs struct {
	Modules []string // as Spec.Modules
	Built   []string // as Spec.Built
	Tools   []string // as Spec.Tools
	Seeded  bool     // with these settings the failures are planted
	NICs    []NIC
	Disks   []Disk
	Expects []Expect
	Memory  int64 // of the guest, in bytes, beside what the axis asks for
}

// NIC is a network card of the guest. The first one has the MAC address 52:54:00:00:00:01, the second one ends in 02, and so on.
type NIC struct {
	Model string `json:"model"` // QEMU's device, as virtio-net-pci
	Link  Link   `json:"link"`
}

// Disk is an empty virtio disk of the guest, which goes with it. The first one is /dev/vda, the second one /dev/vdb, and so on.
type Disk struct {
	Size int64 `json:"size"` // in bytes; the host's file takes what the guest has written
}

// Link is what a network card is plugged into.
type Link string

// The links. Nothing of either leaves the machine.
const (
	Hub  Link = "hub"  // a hub inside QEMU, that all cards of the guest with this link share
	Host Link = "host" // brink itself, which injects frames
)

// Expect is a failure that belongs to what a scenario does: the kernel ends a process because the scenario made it.
type Expect struct {
	Kind string `json:"kind"` // trial.Kind by name
	Has  string `json:"has"`  // a piece of text that the kernel's report contains
}

// Setup is what a user asks of a scenario.
type Setup struct {
	Axis     string
	Sizes    []int64
	Settings Settings
	MemoryMB int64  // of the guest
	Clock    string // trial.Clock
	Release  string // of the guest's kernel; empty while it is not known
	// Config is the kernel's configuration, CONFIG_X without its prefix to y, m or a value; nil where it is not known.
	Config map[string]string
}

// On returns the spec as it is on one axis with these settings: the ops of that axis, and all that is needed.
func (s Spec) On(axis string, settings Settings) Spec {
	s.Ops = slices.DeleteFunc(slices.Clone(s.Ops), func(o Op) bool { return !onAxis(o.Axes, axis) })
	s.Limits = slices.DeleteFunc(slices.Clone(s.Limits), func(l Limit) bool { return !onAxis(l.Axes, axis) })
	if s.Needs == nil {
		return s
	}
	n := s.Needs(axis, settings)
	s.Modules, s.Built, s.Tools = slices.Concat(s.Modules, n.Modules), slices.Concat(s.Built, n.Built), slices.Concat(s.Tools, n.Tools)
	s.NICs, s.Disks, s.Expects = slices.Concat(s.NICs, n.NICs), slices.Concat(s.Disks, n.Disks), slices.Concat(s.Expects, n.Expects)
	s.Seeded = s.Seeded || n.Seeded
	s.Axes = slices.Clone(s.Axes)
	for i := range s.Axes {
		if s.Axes[i].Name == axis {
			s.Axes[i].MemoryBase += n.Memory
		}
	}
	return s
}

// onAxis reports whether what belongs to certain axes, or to all, belongs to this one.
func onAxis(axes []string, axis string) bool { return len(axes) == 0 || slices.Contains(axes, axis) }
