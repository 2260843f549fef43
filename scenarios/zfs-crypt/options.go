package zfscrypt

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"

	"brink/internal/scenario"
)

// The bounds of the axes, and the guest memory in bytes that their units take.
const (
	maxMiB               = 512
	minRecord, maxRecord = 4, 1024 // KiB
	maxFiles             = 16_384
	perDataset           = 512 << 10
	perSnapshot          = 64 << 10
	dirtyShare           = 4 // the kernel lets no more than a quarter of the memory wait to be written (zfs_dirty_data_max_max_percent)
)

func options() []scenario.Option {
	held := func(name, standard, help string, low, high float64) scenario.Option {
		return scenario.Option{Name: name, Kind: scenario.Int, Default: standard, Min: low, Max: high, Help: help + ", where another axis is ramped"}
	}
	var records []string
	for n := minRecord; n <= maxRecord; n *= 2 {
		records = append(records, strconv.Itoa(n))
	}
	return []scenario.Option{
		held(MiB, "16", "MiB written at once", 1, maxMiB),
		{Name: RecordSize, Kind: scenario.Choice, Default: "128", Choices: records, Help: "record size in KiB, where another axis is ramped"},
		held(Writers, "1", "files written at the same time", 1, 1024),
		held(Files, "1", "files that the MiB are spread over", 1, maxFiles),
		held(Datasets, "0", "datasets of each sort in the pool", 0, 10_000),
		held(Snapshots, "0", "snapshots in the pool", 0, 10_000),
		{Name: "cipher", Kind: scenario.Choice, Default: GCM, Choices: []string{GCM, CCM, Off}, Help: "of the encrypted twin"},
		{Name: "dirty", Kind: scenario.Int, Default: "64", Min: 0, Max: 4096,
			Help: "MiB that may wait to be written while fsyncs are timed (zfs_dirty_data_max); 0: the kernel's own limit"},
		{Name: "impl", Kind: scenario.Choice, Default: "auto", Choices: []string{"auto", "avx", "pclmulqdq", "generic"},
			Help: "code for GCM that the modules are told to use (icp_gcm_impl); auto leaves them theirs"},
		{Name: "hide", Kind: scenario.Choice, Default: "none", Choices: []string{"none", Hidden},
			Help: "CPU feature that a module of brink's own hides before ZFS is loaded; what is found then is marked seeded"},
	}
}

// needs returns the module that hides a CPU feature, and the memory of what stands still.
func needs(axis string, s scenario.Settings) scenario.Needs {
	n := scenario.Needs{}
	if s["hide"] == Hidden {
		n.Built, n.Seeded = []string{"seededosxsave"}, true
	}
	for name, each := range map[string]int64{Datasets: perDataset, Snapshots: perSnapshot} {
		if name != axis { // the axis asks for its own
			n.Memory += int64(s.Int(name)) * each
		}
	}
	if dirty := int64(s.Int("dirty")) << 20; slices.Contains(onData, axis) {
		n.Memory += max(0, dirtyShare*dirty-memory)
	}
	return n
}

// refuse names what no single option shows to be impossible.
func refuse(s scenario.Setup) error {
	if s.Axis == RecordSize {
		for _, n := range s.Sizes {
			if bits.OnesCount64(uint64(n)) != 1 {
				return fmt.Errorf("a record size of %d KiB is no power of two: take one of 4, 8, 16, … 1024", n)
			}
		}
	}
	of := func(axis string, pick func([]int64) int64) int64 {
		if s.Axis == axis && len(s.Sizes) > 0 {
			return pick(s.Sizes)
		}
		return int64(s.Settings.Int(axis))
	}
	// Each writer has a file of its own at least.
	files, mib := max(of(Files, slices.Max), of(Writers, slices.Max)), of(MiB, slices.Min)
	if files*4 > mib*1024 && slices.Contains(onData, s.Axis) {
		more := fmt.Sprintf("--set mib=%d", (files*4+1023)/1024)
		if s.Axis == MiB {
			more = fmt.Sprintf("sizes of %d MiB", (files*4+1023)/1024)
		}
		return fmt.Errorf("%d files of 4 KiB are more than %d MiB: take %s or more, or fewer files and writers", files, mib, more)
	}
	if s.Settings["impl"] != "auto" && s.Settings["cipher"] != GCM {
		return fmt.Errorf("impl=%s is code for GCM, and the cipher is %s: leave impl out, or take --set cipher=%s", s.Settings["impl"], s.Settings["cipher"], GCM)
	}
	return nil
}
