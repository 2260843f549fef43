// Package cgroupoom describes the cgroup-oom scenario: a service that runs over the memory limit of its cgroup, as in
// incident 4, and whether it is ever gone.
package cgroupoom

import (
	"time"

	"brink/internal/scenario"
)

// The axes.
const (
	Ratio   = "ratio"
	Tasks   = "tasks"
	Cgroups = "cgroups"
	Dying   = "dying"
	Cache   = "cache"
)

// Port is the TCP port of the loopback device that the service listens on.
const Port = 7788

// Comm is the name of the service's tasks, as the kernel's reports show it.
const Comm = "brink-service"

// MaxCgroups is how many sibling cgroups there can be: a kernel has ids for 65,533 memory cgroups beside the root
// (MEM_CGROUP_ID_MAX in mm/memcontrol.c is 65,535, and mkdir returned ENOSPC for the 65,534th on 6.1), and the scenario has two of
// its own and those of fork-deep.
const MaxCgroups = 65_533 - 67

// How the kernel reports a kill at a cgroup's limit (mm/oom_kill.c, mm/memcontrol.c): a call on the stack of who met it,
// and a line at error level. That line comes alone when the kernel has described 10 kills within 5 s.
const (
	killCall = " mem_cgroup_out_of_memory+"
	killLine = "Memory cgroup out of memory: Killed process"
)

// Guest memory in bytes that a unit takes. A thread takes 26 KiB and a process 143 KiB of what is charged (6.1); an empty
// cgroup 19 kB of slab, and a dying one the page that keeps it besides.
const (
	perTask   = 160 << 10
	perCgroup = 22 << 10
	perDying  = 26 << 10
)

// Spec returns the scenario.
func Spec() scenario.Spec {
	return scenario.Spec{
		Name:     "cgroup-oom",
		Title:    "a service over the memory limit of its cgroup",
		Incident: "over the limit kernel and service locked up: a zombie that nobody reaped kept its port, until the node was rebooted",
		Axes:     axes(),
		Ops:      ops(),
		Options:  options(),
		Signals: []scenario.Signal{
			{Name: "agent", Unit: "MiB", Title: "memory of the agent's worker"},
			{Name: "dying", Unit: "cgroups", Title: "removed cgroups that the kernel still keeps"},
			{Name: "charge", Unit: "MiB", Title: "memory charged to the cgroup when its limit was set"},
		},
		// The kill is what the scenario brings about. A kill outside the service's cgroup is told apart in the guest,
		// where the kernel's log names the cgroup: that line is at info level, which the console does not show.
		Expects: []scenario.Expect{
			{Kind: "oom", Has: killCall}, {Kind: "oom", Has: killLine}, {Kind: "kernel-error", Has: killLine},
		},
		Needs:  needs,
		Refuse: refuse,
	}
}

func axes() []scenario.Axis {
	// A guest of 512 MiB would have no transparent huge pages (mm/huge_memory.c: hugepage_init), and a larger one has them.
	const base = 512 << 20
	return []scenario.Axis{
		{Name: Ratio, Unit: "percent", Title: "heap that the service wants, in percent of its memory limit", Min: 1, Max: 1000,
			From: 60, To: 120, Steps: []int64{60, 70, 80, 90, 95, 100, 105, 110, 120}, MemoryBase: base},
		{Name: Tasks, Unit: "task", Title: "threads and processes in the service's cgroup", Min: 1, Max: 16_384,
			From: 4, To: 4096, Steps: []int64{4, 64, 256, 1024, 4096}, MemoryBase: base, MemoryPerUnit: perTask},
		{Name: Cgroups, Unit: "cgroup", Title: "empty sibling cgroups below the same limit", Min: 1, Max: MaxCgroups,
			Limit: "the kernel has ids for 65,533 memory cgroups, and the scenario has 67 of its own",
			From:  256, To: 8192, Steps: []int64{256, 1024, 2048, 4096, 8192}, MemoryBase: base, MemoryPerUnit: perCgroup},
		{Name: Dying, Unit: "cgroup", Title: "removed sibling cgroups that page cache keeps alive", Min: 1, Max: MaxCgroups,
			Limit: "the kernel has ids for 65,533 memory cgroups, and the scenario has 67 of its own",
			From:  256, To: 4096, Steps: []int64{256, 512, 1024, 2048, 4096}, MemoryBase: base, MemoryPerUnit: perDying},
		{Name: Cache, Unit: "percent",
			Title: "clean page cache that the service has read, in percent of its memory limit", Min: 1, Max: 100, From: 10, To: 100, Steps: []int64{10, 25, 50, 75, 90, 100}, MemoryBase: base},
	}
}

// onService are the axes whose state is the service; onGroups those whose state is the cgroups beside it.
var (
	onService = []string{Ratio, Tasks, Cache}
	onGroups  = []string{Cgroups, Dying}
)

func ops() []scenario.Op {
	const ms, us = time.Millisecond, time.Microsecond
	const empty, full = scenario.Empty, scenario.Full
	op := func(name, title string, axes []string, from, to scenario.State, reps int,
		base, each, deadline time.Duration) scenario.Op {
		return scenario.Op{Name: name, Title: title, Axes: axes, From: from, To: to, Reps: reps, Growth: scenario.Linear,
			Budget: scenario.Budget{Base: base, PerUnit: each}, Deadline: deadline}
	}
	constant := func(o scenario.Op) scenario.Op { o.Growth = scenario.Constant; return o }
	const short, long, day = time.Minute, 10 * time.Minute, time.Hour
	return []scenario.Op{
		op("start", "start the service in its cgroup, with its tasks", onService, empty, full, 1, 500*ms, 2*ms, long),
		op("load", "make all cgroups", onGroups, empty, full, 1, time.Second, 5*ms, day),

		op("create", "make one more cgroup", onGroups, full, full, 8, 20*ms, 0, short),
		op("remove", "remove one cgroup", onGroups, full, full, 8, 100*ms, 0, short),
		op("read-stat", "read memory.stat of the parent", onGroups, full, full, 8, 20*ms, 10*us, short),
		op("read-current", "read memory.current of the parent", onGroups, full, full, 8, 20*ms, 0, short),
		op("read-cgroups", "read /proc/cgroups", onGroups, full, full, 8, 20*ms, 0, short),
		op("list", "read the names of the parent's children", onGroups, full, full, 2, 20*ms, 50*us, short),
		op("fork", "fork and exit 64 times in a cgroup beside the others", onGroups, full, full, 4, 200*ms, 0, short),
		op("fork-deep", "the same 64 cgroups deeper", onGroups, full, full, 4, 200*ms, 0, short),
		op("read-procs", "read cgroup.procs of the service", []string{Tasks}, full, full, 8, 20*ms, 20*us, short),

		op("recover", "from the end of what held the service up (--set variant=) to everything gone", nil, full, full, 1,
			5*time.Second, ms, long),
		op("kill-to-port", "from the OOM kill to its port being free", nil, full, full, 3, 2*time.Second, ms, long),
		op("hit-to-kill", "from the charge that met the limit to the OOM kill", nil, full, full, 3, 2*time.Second, 2*ms, long),
		op("kill-to-gone", "from the OOM kill to the end of all the victim's threads", nil, full, full, 3, 2*time.Second, ms, long),
		constant(op("gone-to-reaped", "from there to its parent having the exit status", nil, full, full, 3, 100*ms, 0, long)),
		op("fill", "the heap, from its first page to its last or to the OOM kill", onService, full, full, 3, 10*time.Second, ms, long),

		op("reclaim", "take 1 MiB of the parent's memory back", []string{Cgroups, Dying, Cache}, full, full, 3, time.Second, 2*ms, long),
		op("drop-caches", "drop all clean caches of the machine", []string{Cgroups, Dying, Cache}, full, full, 2, time.Second, 2*ms, long),

		op("stop", "end the service with SIGKILL, until nothing of it is left", onService, full, empty, 1, 2*time.Second, 2*ms, long),
		op("clear", "remove all cgroups, or what keeps them", onGroups, full, empty, 1, time.Second, 5*ms, day),
	}
}
