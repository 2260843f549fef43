// Package pagecache describes the pagecache scenario: files that many threads read, write and cut while their cgroup's memory
// limit takes the page cache away under them, as in incident 3. What is read is compared with what was written.
package pagecache

import (
	"time"

	"brink/internal/scenario"
)

// The axes.
const (
	Threads  = "threads"
	Files    = "files"
	FileSize = "filesize"
	Ratio    = "ratio"
	Folio    = "folio"
)

// HugeFolio is the folio size in KiB from which on mappings ask for huge pages too: that of a PMD on x86-64.
const HugeFolio = 2048

// The guest's cgroup and disk. The limit pays for the page cache, and for what the kernel keeps of files and threads, too.
const (
	MinLimit = 16 << 20 // bytes; below it the kernel's own part is most of what there is
	reserve  = 192      // MiB that kernel and agent need beside the cgroup's limit
)

// Spec returns the scenario.
func Spec() scenario.Spec {
	return scenario.Spec{
		Name:     "pagecache",
		Title:    "files that many threads use in less page cache than they need",
		Incident: "a race in the page cache of 6.1: VMs of a fleet crashed once in months, then several in one week",
		Axes:     axes(),
		Ops:      ops(),
		Options:  options(),
		CPUs:     2, // a race needs two
		Signals: []scenario.Signal{
			{Name: "actions", Unit: "/s", Title: "actions of all threads"},
			{Name: "charge", Unit: "MiB", Title: "memory charged to the cgroup"},
			{Name: "refaults", Unit: "/s", Title: "pages that were read again soon after they had been reclaimed"},
			{Name: "huge", Unit: "MiB", Title: "page cache in huge pages"},
			{Name: "folio", Unit: "KiB", Title: "largest folio that is mapped at the beginning of a file"},
		},
		Needs:  needs,
		Refuse: refuse,
	}
}

func axes() []scenario.Axis {
	const base = 384 << 20
	return []scenario.Axis{
		{Name: Threads, Unit: "thread", Title: "threads that use the files at once", Min: 1, Max: 1024,
			From: 2, To: 32, MemoryBase: base, MemoryPerUnit: 1 << 20},
		{Name: Files, Unit: "file", Title: "files", Min: 1, Max: 10_000,
			From: 2, To: 16, MemoryBase: base, MemoryPerUnit: 8 << 20},
		{Name: FileSize, Unit: "MiB", Title: "size of each file", Min: 1, Max: 65_536,
			From: 8, To: 64, MemoryBase: base, MemoryPerUnit: 2 << 20},
		{Name: Ratio, Unit: "percent", Title: "size of all files, in percent of the cgroup's memory limit", Min: 10, Max: 10_000,
			From: 50, To: 400, Steps: []int64{50, 100, 200, 400}, MemoryBase: base + 96<<20},
		{Name: Folio, Unit: "KiB", Title: "largest folio that reading ahead makes", Min: 4, Max: HugeFolio,
			Limit: "a folio is at most a huge page of 2 MiB",
			From:  4, To: HugeFolio, Steps: []int64{4, 16, 64, 256, 1024, HugeFolio}, MemoryBase: base},
	}
}

func ops() []scenario.Op {
	const ms, us = time.Millisecond, time.Microsecond
	const empty, full = scenario.Empty, scenario.Full
	const short, long = 2 * time.Minute, 15 * time.Minute
	op := func(name, title string, from, to scenario.State, reps int, base, each, deadline time.Duration) scenario.Op {
		return scenario.Op{Name: name, Title: title, From: from, To: to, Reps: reps, Growth: scenario.Linear,
			Budget: scenario.Budget{Base: base, PerUnit: each}, Deadline: deadline}
	}
	return []scenario.Op{
		op("load", "write all files", empty, full, 1, 10*time.Second, 500*ms, long),

		op("work", "all threads use the files at once (--set mode=); what they read is compared with what was written",
			full, full, 3, 10*time.Second, 50*ms, long),
		op("read", "read(2) of up to 256 KiB while all threads work, on average", full, full, 3, 500*ms, 0, short),
		op("fault", "page faults on a mapping of up to 64 KiB meanwhile", full, full, 3, 500*ms, 0, short),
		op("truncate", "truncate(2) meanwhile", full, full, 3, 500*ms, 0, short),
		op("drop", "fadvise(DONTNEED) of up to 256 KiB meanwhile", full, full, 3, 500*ms, 0, short),
		op("reclaim", "take 1 MiB of the cgroup's memory back meanwhile", full, full, 3, 500*ms, 0, short),
		op("scrub", "drop the page cache, read all files from the disk and compare", full, full, 1, 10*time.Second, 500*ms, long),

		op("clear", "remove all files", full, empty, 1, 10*time.Second, 100*us, long),
	}
}
