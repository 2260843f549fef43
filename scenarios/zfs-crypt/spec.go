// Package zfscrypt describes the zfs-crypt scenario: an encrypted ZFS dataset and its unencrypted twin in the same pool, as in
// incident 5, where encryption lost AVX and hosts seemed to stand still.
package zfscrypt

import (
	"slices"

	"brink/internal/scenario"
)

// The axes.
const (
	MiB        = "mib"
	RecordSize = "recordsize"
	Writers    = "writers"
	Files      = "files"
	Datasets   = "datasets"
	Snapshots  = "snapshots"
)

// The ciphers.
const (
	GCM = "aes-256-gcm"
	CCM = "aes-256-ccm"
	Off = "off"
)

// Hidden is the CPU feature that can be hidden from the modules.
const Hidden = "osxsave"

// MaxRatio is how many times the CPU time of an unencrypted write an encrypted one may take: a third above what 2.1.11 and
// 2.3.9 show on a CPU with all features, 2.25 and 2.33. MaxRatioCCM is a quarter above what they show for aes-256-ccm, 8.9 and 9.6.
const (
	MaxRatio    = 3
	MaxRatioCCM = 12
)

// memory is what a guest has in bytes where data is written; half of it may be ZFS' cache.
const memory = 1 << 30

// The pool's disks.
const (
	Disks    = 4
	diskSize = 1 << 30
)

// Spec returns the scenario.
func Spec() scenario.Spec {
	return scenario.Spec{
		Name:     "zfs-crypt",
		Title:    "an encrypted ZFS dataset beside its unencrypted twin",
		Incident: "after a kernel update encrypted pools were several times slower, and hosts with many snapshots seemed to stand still",
		Axes:     axes(),
		Ops:      ops(),
		Options:  options(),
		Recipes:  []string{"zfs"},
		Features: []string{"avx", "aes", "pclmulqdq", "movbe", "xsave"}, // what its code for AES and GCM asks for
		Disks:    slices.Repeat([]scenario.Disk{{Size: diskSize}}, Disks),
		Signals: []scenario.Signal{
			{Name: "ratio", Unit: "times", Title: "CPU time of an encrypted write by that of an unencrypted one, aes-256-gcm"},
			{Name: "ratio-ccm", Unit: "times", Title: "the same, aes-256-ccm"},
			{Name: "encrypted-cpu", Unit: "ms/MiB", Title: "CPU time of the pool's writing threads for one more MiB, encrypted"},
			{Name: "plain-cpu", Unit: "ms/MiB", Title: "the same, unencrypted"},
		},
		Limits: []scenario.Limit{
			{Name: "slow-crypt", Title: "encryption is slow", Signal: "ratio", Form: scenario.Above, Bound: MaxRatio, Axes: onData},
			{Name: "slow-crypt-ccm", Title: "encryption is slow", Signal: "ratio-ccm", Form: scenario.Above, Bound: MaxRatioCCM, Axes: onData},
		},
		Needs:  needs,
		Refuse: refuse,
	}
}

// onData are the axes whose state is the twins, onNames those whose state is names in the pool.
var (
	onData  = []string{MiB, RecordSize, Writers, Files}
	onNames = []string{Datasets, Snapshots}
)

func axes() []scenario.Axis {
	return []scenario.Axis{
		{Name: MiB, Unit: "MiB", Title: "written at once, to each twin", Min: 1, Max: maxMiB, From: 4, To: 32, Steps: []int64{4, 8, 16, 24, 32},
			Limit: "what the disks hold", MemoryBase: memory},
		{Name: RecordSize, Unit: "KiB", Title: "record size of the twins, a power of two", Min: minRecord, Max: maxRecord, From: minRecord, To: maxRecord,
			Steps: []int64{4, 16, 64, 128, 256, 1024}, Limit: "the kernel's largest record is 1 MiB unless it is told otherwise", MemoryBase: memory},
		{Name: Writers, Unit: "writer", Title: "files written at the same time, that share the MiB", Min: 1, Max: 1024, From: 1, To: 32, MemoryBase: memory},
		{Name: Files, Unit: "file", Title: "that the MiB are spread over", Min: 1, Max: maxFiles, From: 16, To: 1024,
			Steps: []int64{16, 64, 256, 1024}, MemoryBase: memory},
		{Name: Datasets, Unit: "dataset", Title: "with a key of their own, and as many that inherit one", Min: 1, Max: 10_000, From: 8, To: 64,
			MemoryBase: memory / 2, MemoryPerUnit: perDataset},
		{Name: Snapshots, Unit: "snapshot", Title: "of one encrypted dataset", Min: 1, Max: 10_000, From: 25, To: 400,
			Steps: []int64{25, 50, 100, 200, 400}, MemoryBase: memory / 2, MemoryPerUnit: perSnapshot},
	}
}
