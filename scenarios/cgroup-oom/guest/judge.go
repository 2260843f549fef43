//go:build linux

package guest

import (
	"fmt"

	"brink/internal/trial"
)

// fits is the part of the limit up to which what a service wants must fit: the rest is page tables and the runtime's own.
const fits = 0.95

// misdeed says what the OOM killer should not have done, or nil.
func (r report) misdeed(s shape) *trial.Failure {
	fault := func(signature, format string, args ...any) *trial.Failure {
		return &trial.Failure{Kind: trial.OOM, Signature: "oom:" + signature, Subsystem: "mm", Title: fmt.Sprintf(format, args...),
			Text: fmt.Sprintf("%+v", r)}
	}
	cache := r.reclaimable()
	switch {
	case !r.Memcg:
		return fault("machine", "OOM kill outside the cgroup: the machine is out of memory, victim %d (%s)", r.PID, r.Comm)
	case r.Group != "" && r.Group != parentPath, r.Task != "" && r.Task != servicePath:
		return fault("outside", "OOM kill outside the cgroup: limit of %s, victim %d (%s) in %s",
			r.Group, r.PID, r.Comm, r.Task)
	case r.Usage > 0 && cache*2 > r.Usage:
		return fault("reclaimable", "OOM kill although %d of %d MiB charged are page cache that could be dropped",
			cache/mib, r.Usage/mib)
	case float64(s.wanted()) < fits*float64(s.Limit):
		return fault("fits", "OOM kill although the service wants %d of %d MiB", s.wanted()/mib, s.Limit/mib)
	}
	return nil
}

// reclaimable is the clean page cache in bytes: files without tmpfs, what is dirty, being written or locked left out.
// Newer kernels log the names of version 1 for a cgroup of that version (mm/memcontrol-v1.c: memcg1_stat_format); only
// those with total_ include the cgroups below.
func (r report) reclaimable() int64 {
	m := r.Memory
	if _, v1 := m["total_inactive_file"]; v1 {
		return max(0, m["total_inactive_file"]+m["total_active_file"]-m["total_dirty"]-m["total_writeback"])
	}
	return max(0, m["inactive_file"]+m["active_file"]-m["file_dirty"]-m["file_writeback"])
}
