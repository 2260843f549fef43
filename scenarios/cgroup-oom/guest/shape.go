//go:build linux

package guest

import (
	"brink/internal/trial"
	cgroupoom "brink/scenarios/cgroup-oom"
)

const mib = 1 << 20

// shape is what is asked for at one size.
type shape struct {
	Limit     int64 // bytes that the service may use beside its tasks
	Heap      int64 // bytes it wants
	Ratio     int64 // percent
	Threads   int   // of the service, beside the first
	Processes int   // beside the first
	Cgroups   int
	Dying     int
	Cache     int64 // bytes of clean page cache
	Dirty     int64 // bytes
	Tmpfs     int64
	Mlock     int64
	Variant   string
}

// shapeAt reads the settings, where the axis that is ramped stands at size.
func shapeAt(plan trial.Plan, size int64) shape {
	value := func(name string) int64 {
		if name == plan.Axis {
			return size
		}
		return int64(plan.Settings.Int(name))
	}
	limit := value("limit") * mib
	share := func(name string) int64 { return limit * value(name) / 100 }
	others := value(cgroupoom.Tasks) - 1 // the service's first thread is one of them
	processes := others * value("split") / 100
	return shape{Limit: limit, Heap: share(cgroupoom.Ratio), Ratio: value(cgroupoom.Ratio),
		Threads: int(others - processes), Processes: int(processes),
		Cgroups: int(value(cgroupoom.Cgroups)), Dying: int(value(cgroupoom.Dying)),
		Cache: share(cgroupoom.Cache), Dirty: share("dirty"), Tmpfs: share("tmpfs"), Mlock: share("mlock"),
		Variant: plan.Settings["variant"]}
}

// wanted is the memory in bytes that cannot be taken back from the service: there is no swap.
func (s shape) wanted() int64 { return s.Heap + s.Tmpfs + s.Mlock }

// units is how many units of the axis one sample handles: a percentage is none.
func units(axis string, size int64) int64 {
	if axis == cgroupoom.Ratio || axis == cgroupoom.Cache {
		return 1
	}
	return size
}
