//go:build linux

package guest

import (
	"slices"

	"brink/internal/trial"
	zfscrypt "brink/scenarios/zfs-crypt"
)

const mib = 1 << 20

// shape is how much there is of each quantity.
type shape struct {
	MiB, Record, Writers, Files, Datasets, Snapshots int64
}

// shapeAt returns the shape at a size of the plan's axis.
func shapeAt(p trial.Plan, size int64) shape {
	n := func(axis string) int64 {
		if p.Axis == axis {
			return size
		}
		return int64(p.Settings.Int(axis))
	}
	return shape{MiB: n(zfscrypt.MiB), Record: n(zfscrypt.RecordSize), Writers: n(zfscrypt.Writers), Files: n(zfscrypt.Files),
		Datasets: n(zfscrypt.Datasets), Snapshots: n(zfscrypt.Snapshots)}
}

// onData reports whether the axis is about what is written.
func onData(axis string) bool {
	return slices.Contains([]string{zfscrypt.MiB, zfscrypt.RecordSize, zfscrypt.Writers, zfscrypt.Files}, axis)
}

// sizes are those of the files that a writer writes one after the other, in bytes, for all writers.
func (s shape) sizes() [][]int {
	files := max(s.Files, s.Writers)
	each := make([][]int, s.Writers)
	for i := range files {
		size := s.MiB * mib * (i + 1) / files
		size -= s.MiB * mib * i / files
		each[i%s.Writers] = append(each[i%s.Writers], int(size))
	}
	return each
}
