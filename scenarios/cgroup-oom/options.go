package cgroupoom

import "brink/internal/scenario"

// Variants are the ways into the livelock that were seen in the field. Each is a trap that is set before the service
// meets its limit.
var Variants = []string{None, HungFS, HungDevice, Tracer, VFork, OOMDisable, SharedMM, LowerLimit}

// The variants.
const (
	None       = "none"
	HungFS     = "hung-fs"
	HungDevice = "hung-device"
	Tracer     = "tracer"
	VFork      = "vfork"
	OOMDisable = "oom-disable"
	SharedMM   = "shared-mm"
	LowerLimit = "lower-limit"
)

func options() []scenario.Option {
	number := func(name, standard, help string, low, high float64) scenario.Option {
		return scenario.Option{Name: name, Kind: scenario.Int, Default: standard, Min: low, Max: high, Help: help}
	}
	return []scenario.Option{
		number(Ratio, "120", "heap in percent of the limit, where another axis is ramped", 1, 1000),
		number(Tasks, "4", "threads and processes in the service's cgroup, where another axis is ramped", 1, 16_384),
		number(Cgroups, "0", "empty sibling cgroups, where another axis is ramped", 0, MaxCgroups),
		number(Dying, "0", "dying sibling cgroups, where another axis is ramped", 0, MaxCgroups),
		number(Cache, "0", "clean page cache in percent of the limit, where another axis is ramped", 0, 100),
		{Name: "cgroup", Kind: scenario.Choice, Default: "2", Choices: []string{"1", "2"}, Help: "version of the cgroups"},
		number("limit", "64", "MiB that the service may use beside its tasks", 16, 65_536),
		number("dirty", "0", "dirty page cache in percent of the limit", 0, 100),
		number("tmpfs", "0", "files in tmpfs in percent of the limit", 0, 100),
		number("mlock", "0", "locked memory in percent of the limit", 0, 100),
		number("split", "50", "percent of the tasks that are processes; the others are threads", 0, 100),
		{Name: "variant", Kind: scenario.Choice, Default: None, Choices: Variants,
			Help: "what keeps the service from ending"},
		{Name: "dump-tasks", Kind: scenario.Bool, Default: "false",
			Help: "let the kernel log every process at a kill (vm.oom_dump_tasks), as it does by default"},
	}
}
