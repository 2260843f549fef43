package cgroupoom

import (
	"fmt"
	"slices"

	"brink/internal/scenario"
)

// reserveMB is what kernel and agent need beside the service, in MiB.
const reserveMB = 160

// needs returns the modules and the memory of a setting. Where a kernel has a module built in there is nothing to load.
func needs(axis string, s scenario.Settings) scenario.Needs {
	n := scenario.Needs{Memory: peakMB(s, int64(s.Int(Ratio))) << 20}
	for name, each := range map[string]int64{Tasks: perTask, Cgroups: perCgroup, Dying: perDying} {
		if name != axis { // the axis asks for its own
			n.Memory += int64(s.Int(name)) * each
		}
	}
	if axis == Cache || slices.Contains(onGroups, axis) || s.Int(Cache) > 0 || s.Int("dirty") > 0 { // reclaim needs it, too
		n.Modules = append(n.Modules, "null_blk") // groups.CacheModule
	}
	switch s["variant"] {
	case HungFS, VFork:
		n.Modules = append(n.Modules, "fuse")
	case HungDevice:
		n.Modules = append(n.Modules, "nbd")
		// What it says when the hung device is taken away.
		n.Expects = append(n.Expects, scenario.Expect{Kind: "kernel-error", Has: "nbd0"})
	}
	return n
}

// refuse names what no single option shows to be impossible.
func refuse(s scenario.Setup) error {
	limit, variant := int64(s.Settings.Int("limit")), s.Settings["variant"]
	ratio := int64(s.Settings.Int(Ratio))
	if s.Axis == Ratio && len(s.Sizes) > 0 {
		ratio = slices.Max(s.Sizes)
	}
	peak := peakMB(s.Settings, ratio)
	switch {
	case s.MemoryMB > 0 && limit+reserveMB > s.MemoryMB:
		return fmt.Errorf("a limit of %d MiB is more than a guest of %d MiB can hold: the machine would run out of memory "+
			"first; take --set limit=%d or less, or --memory %dM or more",
			limit, s.MemoryMB, max(s.MemoryMB-reserveMB, 0), limit+reserveMB)
	case s.MemoryMB > 0 && peak+reserveMB > s.MemoryMB:
		return fmt.Errorf("variant %s lets the service have %d MiB before its limit is lowered, more than a guest of %d MiB "+
			"can hold: take a smaller ratio or limit, or --memory %dM or more", variant, peak, s.MemoryMB, peak+reserveMB)
	case variant == OOMDisable && s.Settings["cgroup"] == "2":
		return fmt.Errorf("variant oom-disable needs memory.oom_control, which only version 1 has: " +
			"add --set cgroup=1, and a kernel that has it, as debian:6.1")
	case s.Settings.Int(Ratio) < 100 && s.Axis != Ratio && variant != None:
		return fmt.Errorf("variant %s begins at the limit, and --set ratio=%d never meets the limit: take 100 or more",
			variant, s.Settings.Int(Ratio))
	case s.Settings.Int("tmpfs")+s.Settings.Int("mlock") >= 100:
		return fmt.Errorf("tmpfs=%d and mlock=%d percent of the limit leave no room for a heap: take less than 100 together",
			s.Settings.Int("tmpfs"), s.Settings.Int("mlock"))
	case s.Settings["cgroup"] == "1" && s.Config != nil && !hasV1(s):
		return fmt.Errorf("kernel %s has no memory controller of version 1 (CONFIG_MEMCG_V1 is off): "+
			"take --set cgroup=2, or a kernel that has it, as debian:6.1", s.Release)
	}
	if total := groupsOf(s); total > MaxCgroups {
		return fmt.Errorf("%d cgroups and dying cgroups together are more than there can be "+
			"(the kernel has ids for %d memory cgroups): take less", total, MaxCgroups)
	}
	return nil
}

// peakMB is what the service may hold, in MiB: its limit, but for the variant that lowers it when all is there.
func peakMB(s scenario.Settings, ratio int64) int64 {
	limit := int64(s.Int("limit"))
	if s["variant"] != LowerLimit {
		return limit
	}
	return max(limit, limit*(ratio+int64(s.Int("tmpfs")+s.Int("mlock")))/100)
}

// groupsOf returns how many cgroups the largest size comes to.
func groupsOf(s scenario.Setup) int64 {
	total := int64(0)
	for _, name := range onGroups {
		n := int64(s.Settings.Int(name))
		if name == s.Axis && len(s.Sizes) > 0 {
			n = slices.Max(s.Sizes)
		}
		total += n
	}
	return total
}

// hasV1 reports whether the kernel has the memory controller of version 1. It became an option of its own in 6.11
// (init/Kconfig); an older kernel is told by its release.
func hasV1(s scenario.Setup) bool {
	var major, minor int
	_, _ = fmt.Sscanf(s.Release, "%d.%d", &major, &minor)
	if major < 6 || major == 6 && minor < 11 {
		return s.Config["MEMCG"] == "y"
	}
	return s.Config["MEMCG_V1"] == "y"
}
