package pagecache

import "brink/internal/scenario"

// The file systems.
const (
	XFS   = "xfs"
	Ext4  = "ext4"
	Btrfs = "btrfs"
)

// What the threads do.
const (
	// Mix is everything that user space can do to a file's page cache, in an order that the seed gives.
	Mix = "mix"
	// Shadow is directed at large shadow entries: a large folio is read, reclaimed, and what is left of it in the page cache's tree
	// is split by many small reads at once while its range is dropped.
	Shadow = "shadow"
)

// Clones reports whether files can share blocks on a file system (ioctl_ficlone(2)).
func Clones(fs string) bool { return fs == XFS || fs == Btrfs }

func options() []scenario.Option {
	number := func(name, standard, help string, low, high float64) scenario.Option {
		return scenario.Option{Name: name, Kind: scenario.Int, Default: standard, Min: low, Max: high, Help: help}
	}
	choice := func(name, help string, choices ...string) scenario.Option {
		return scenario.Option{Name: name, Kind: scenario.Choice, Default: choices[0], Choices: choices, Help: help}
	}
	return []scenario.Option{
		number(Threads, "16", "threads, where another axis is ramped", 1, 1024),
		number(Files, "4", "files, where another axis is ramped", 1, 10_000),
		number(FileSize, "16", "MiB of each file, where another axis is ramped", 1, 65_536),
		number(Ratio, "200", "size of all files in percent of the cgroup's memory limit, where another axis is ramped", 10, 10_000),
		number(Folio, "128", "largest folio in KiB, where another axis is ramped; from 2048 on mappings ask for huge pages", 4, HugeFolio),
		choice("fs", "file system", XFS, Ext4, Btrfs),
		choice("mode", "what the threads do: all that can be done to a page cache, or what splits large shadow entries", Mix, Shadow),
		choice("limit", "how the cgroup is limited: memory.max, or memory.high", "max", "high"),
		number("actions", "200", "actions of each thread in one sample of work", 1, 1_000_000),
		number("disk", "2048", "MiB of the disk; the host's file takes what is written", 512, 1<<20),
	}
}
