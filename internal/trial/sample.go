package trial

import "time"

// Sample is one timing of one op at one size.
type Sample struct {
	Rep    int   `json:"rep"`
	Count  int64 `json:"count"` // units handled: 1 for "add one peer", n for a bulk load
	WallNS int64 `json:"wall_ns"`
	CPUNS  int64 `json:"cpu_ns"` // the worker's, user and system, CLOCK_PROCESS_CPUTIME_ID
	SysNS  int64 `json:"sys_ns"` // the part spent in the kernel, getrusage(2)
}

// OffCPU is the time in which the worker did not run: waiting for grace periods, locks, disks, other tasks.
func (s Sample) OffCPU() time.Duration { return time.Duration(max(0, s.WallNS-s.CPUNS)) }

// Wall is the sample's duration.
func (s Sample) Wall() time.Duration { return time.Duration(s.WallNS) }

// Canary is one check that the rest of the guest still works.
type Canary struct {
	Name string   `json:"name"`
	NS   int64    `json:"ns,omitempty"` // median of three
	Err  *OpError `json:"err,omitempty"`
}

// Health is the state of the guest beside the state that grows.
type Health struct {
	Threads     int64    `json:"threads"` // /proc/loadavg
	LastPID     int64    `json:"last_pid"`
	MemFreeKB   int64    `json:"mem_free_kb"` // these from /proc/meminfo
	MemAvailKB  int64    `json:"mem_avail_kb"`
	SlabKB      int64    `json:"slab_kb"`
	PercpuKB    int64    `json:"percpu_kb"`
	StackKB     int64    `json:"kernel_stack_kb"`
	Taint       int64    `json:"taint"`                  // /proc/sys/kernel/tainted
	KernelLines []string `json:"kernel_lines,omitempty"` // new lines of /dev/kmsg at error level or worse, at most 20
	KernelCount int      `json:"kernel_count,omitempty"` // how many there were
}
