package promisc

import (
	"fmt"

	"brink/internal/scenario"
)

// refuse says what cannot be done with these settings.
func refuse(s scenario.Setup) error {
	if s.Settings["source"] == FromHost && s.Clock != "wall" {
		return fmt.Errorf("source=host: frames that the host injects come in real time: add --clock wall")
	}
	if s.Config == nil || s.Axis != VLANs && s.Settings.Int(VLANs) == 0 {
		return refuseMemory(s)
	}
	if s.Config["BRIDGE_VLAN_FILTERING"] != "y" {
		return fmt.Errorf("the kernel %s is built without CONFIG_BRIDGE_VLAN_FILTERING: leave --set vlans out, or use another kernel",
			s.Release)
	}
	return refuseMemory(s)
}

// refuseMemory refuses a state that does not fit into the guest: what would be measured there is the OOM killer.
func refuseMemory(s scenario.Setup) error {
	if len(s.Sizes) == 0 || s.MemoryMB == 0 {
		return nil
	}
	size := s.Sizes[len(s.Sizes)-1]
	if need := (base + memory(s.Axis, size, s.Settings)) >> 20; need > s.MemoryMB {
		return fmt.Errorf("%d %s with these settings need about %d MiB and the guest has %d MiB: give it --memory %dM, or choose less",
			size, s.Axis, need, s.MemoryMB, need)
	}
	return nil
}
