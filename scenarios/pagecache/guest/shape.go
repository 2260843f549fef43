//go:build linux

package guest

import (
	"brink/internal/trial"
	"brink/scenarios/pagecache"
)

const mib = 1 << 20

// shape is what is asked for at one size.
type shape struct {
	Threads int
	Files   int
	Blocks  int   // of each file
	Limit   int64 // bytes, of the cgroup
	Folio   int   // KiB
	Actions int
	FS      string
	Shadow  bool
	High    bool // memory.high, not memory.max
}

// shapeAt reads the settings, where the axis that is ramped stands at size.
func shapeAt(plan trial.Plan, size int64) shape {
	value := func(name string) int64 {
		if name == plan.Axis {
			return size
		}
		return int64(plan.Settings.Int(name))
	}
	each := value(pagecache.FileSize) * mib
	return shape{
		Threads: int(value(pagecache.Threads)), Files: int(value(pagecache.Files)), Blocks: int(each / blockSize),
		Limit: pagecache.Limit(value(pagecache.Files), each, value(pagecache.Ratio)), Folio: int(value(pagecache.Folio)),
		Actions: int(value("actions")), FS: plan.Settings["fs"],
		Shadow: plan.Settings["mode"] == pagecache.Shadow, High: plan.Settings["limit"] == "high",
	}
}

// huge reports whether mappings ask for huge pages.
func (s shape) huge() bool { return s.Shadow || s.Folio >= pagecache.HugeFolio }

// total is what all files hold, in MiB.
func (s shape) total() int64 { return int64(s.Files) * int64(s.Blocks) * blockSize / mib }
