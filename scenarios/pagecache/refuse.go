package pagecache

import (
	"fmt"
	"slices"

	"brink/internal/scenario"
)

// overheadMB is what a file system needs for itself, in MiB: XFS has a log of 64, btrfs two copies of its metadata.
const overheadMB = 320

// needs returns the file system's module and program, the disk, and the memory that the limit allows.
func needs(axis string, s scenario.Settings) scenario.Needs {
	fs := s["fs"]
	n := scenario.Needs{Modules: []string{fs}, Tools: []string{"mkfs." + fs},
		Disks: []scenario.Disk{{Size: int64(s.Int("disk")) << 20}}}
	if axis == Threads || axis == Folio { // the others ask for what a unit takes
		n.Memory = Limit(int64(s.Int(Files)), int64(s.Int(FileSize))<<20, int64(s.Int(Ratio)))
	}
	return n
}

// Limit returns the memory limit in bytes of a cgroup whose files have that size, in percent.
func Limit(files, size, ratio int64) int64 { return files * size * 100 / ratio }

// refuse names what no single option shows to be impossible.
func refuse(s scenario.Setup) error {
	if s.Config != nil && s.Config["MEMCG"] != "y" {
		return fmt.Errorf("kernel %s has no memory cgroups (CONFIG_MEMCG is off): take one that has, as debian:6.1", s.Release)
	}
	for _, size := range ends(s) {
		if err := refuseAt(s, size); err != nil {
			return err
		}
	}
	return nil
}

// ends are the smallest and the largest size.
func ends(s scenario.Setup) []int64 {
	if len(s.Sizes) == 0 {
		return []int64{0} // only the settings speak
	}
	return []int64{slices.Min(s.Sizes), slices.Max(s.Sizes)}
}

func refuseAt(s scenario.Setup, size int64) error {
	value := func(name string) int64 {
		if name == s.Axis && size > 0 {
			return size
		}
		return int64(s.Settings.Int(name))
	}
	files, each, ratio, disk := value(Files), value(FileSize), value(Ratio), value("disk")
	copies := int64(1)
	if Clones(s.Settings["fs"]) {
		copies = 2
	}
	limit := Limit(files, each<<20, ratio)
	if s.Settings["mode"] == Shadow && (each < HugeFolio>>10 || value(Threads) < 2) {
		return fmt.Errorf("mode shadow needs files of %d MiB, a huge page, and 2 threads, and has files of %d MiB and %d threads: take more",
			HugeFolio>>10, each, value(Threads))
	}
	switch need := files*each*copies + overheadMB; {
	case need > disk:
		return fmt.Errorf("%d files of %d MiB%s do not fit on a disk of %d MiB: take --set disk=%d or more, or fewer or smaller files",
			files, each, map[int64]string{2: " and their clones"}[copies], disk, need)
	case limit < MinLimit:
		return fmt.Errorf("%d files of %d MiB at a ratio of %d percent give the cgroup %d KiB of memory, and it needs %d MiB: "+
			"take a smaller ratio, or more or larger files", files, each, ratio, limit>>10, MinLimit>>20)
	case s.MemoryMB > 0 && limit>>20+reserve > s.MemoryMB:
		return fmt.Errorf("a cgroup of %d MiB (%d files of %d MiB at a ratio of %d percent) does not fit in a guest of %d MiB: "+
			"take --memory %dM or more, or a larger ratio", limit>>20, files, each, ratio, s.MemoryMB, limit>>20+reserve)
	}
	return nil
}
