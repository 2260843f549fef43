package main

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/vmtest"
)

// TestVMZFSCrypt: encryption is not slow on a CPU with all features, and slow where the modules are told that XSAVE is off, which
// is marked as planted. The two need the modules of one kernel, which take minutes of CPU when they are not in the cache.
func TestVMZFSCrypt(t *testing.T) {
	vmtest.Require(t)
	ratio := map[string]float64{}
	for hide, want := range map[string]int{"none": exitGood, "osxsave": exitFound} {
		dir := t.TempDir()
		code, out, errs := brink(t, dir, "run", "zfs-crypt", "-k", "debian:6.1", "--axis", "writers", "--sizes", "1", "--max-boots", "0",
			"--set", "mib=2", "--set", "dirty=8", "--set", "hide="+hide)
		require.Equal(t, want, code, "%s%s", out, errs)
		tab := tableOn(t, dir)
		var ok bool
		ratio[hide], ok = tab.Level(1, "ratio")
		require.True(t, ok, out)
		for _, op := range []string{"write", "write-plain", "write-cpu", "txg-sync", "fsync-encrypted"} {
			s, ok := tab.Cell(1, op).Median()
			require.True(t, ok, op)
			assert.Positive(t, s.WallNS, op)
		}
		if hide == "none" {
			continue
		}
		assert.True(t, tab.Head.Seeded)
		found := tab.Findings()
		slow := slices.ContainsFunc(found, func(f judge.Finding) bool { return f.Kind == judge.OverLimit && f.What == "slow-crypt" })
		assert.True(t, slow, out)
	}
	assert.Greater(t, ratio["osxsave"], 2*ratio["none"])
}

// TestVMZFSNames: datasets, keys, snapshots, and a pool that goes and comes back.
func TestVMZFSNames(t *testing.T) {
	vmtest.Require(t)
	for axis, ops := range map[string][]string{
		"datasets":  {"load", "dataset-create", "key-load", "key-load-inherited", "export", "import", "clear"},
		"snapshots": {"load", "snapshot", "snapshot-list", "export", "import", "snapshot-destroy"},
	} {
		dir := t.TempDir()
		code, out, errs := brink(t, dir, "run", "zfs-crypt", "-k", "debian:6.1", "--axis", axis, "--sizes", "2")
		require.Equal(t, exitGood, code, "%s%s", out, errs)
		tab := tableOn(t, dir)
		for _, op := range ops {
			s, ok := tab.Cell(2, op).Median()
			require.True(t, ok, "%s: %s", axis, op)
			assert.Positive(t, s.WallNS, op)
		}
	}
}
