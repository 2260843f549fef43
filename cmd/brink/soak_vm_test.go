package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/soak"
	"brink/internal/store"
	"brink/internal/vmtest"
)

// plantedWalk is the walk in which the seeded module fires: it draws from the seed in each, as vmimages/seeded says.
func plantedWalk(seed, oneIn uint64) (walk int) {
	for {
		seed += 0x9e3779b97f4a7c15
		z := seed
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		if walk++; (z^z>>31)%oneIn == 0 {
			return walk
		}
	}
}

// TestVMSoak: two real VMs side by side in which one walk of so many panics. In which one is known from each VM's seed, and how
// often it must come from how many walks an hour are made.
func TestVMSoak(t *testing.T) {
	vmtest.Require(t)
	const oneIn = 20_000
	dir := t.TempDir()
	code, out, _ := brink(t, dir, "soak", "seeded", "--kernel", "debian:6.1", "--vms", "2", "--for", "10m", "--within", "3", "--size", "1000",
		"--set", "at=1000", "--set", "mode=panic", "--set", fmt.Sprintf("one-in=%d", oneIn), "--accel", "tcg")
	require.Equal(t, exitFound, code)
	ids, err := store.ListSoaks(dir)
	require.NoError(t, err)
	require.Len(t, ids, 1)
	doc, err := loadSoak(filepath.Join(dir, ids[0]))
	require.NoError(t, err)
	require.Equal(t, soak.Narrow, doc.Verdict)
	a := doc.Arms[0]
	require.GreaterOrEqual(t, a.Rate.Failures, 6)
	require.Len(t, a.Signatures, 1, out)
	assert.Equal(t, "seeded_panic", a.Signatures[0].Function)
	assert.Contains(t, out, "SEEDED")

	each := 0.0 // hours of VM time that a walk takes
	for _, l := range doc.Results {
		folder := filepath.Join(doc.Folder, "trials", fmt.Sprintf("%03d", l.Ordinal))
		if l.Failure == nil {
			assert.NoDirExists(t, folder)
			continue
		}
		for _, name := range []string{"console.log", "plan.json", "events.jsonl"} {
			text, err := os.ReadFile(filepath.Join(folder, name))
			require.NoError(t, err)
			assert.NotEmpty(t, text, name)
		}
		walk := plantedWalk(l.Seed, oneIn)
		if walk < 5000 || walk > 50_000 { // the load counts, too; and after a second other ops have their turn
			continue
		}
		own := l.Time.Hours() / float64(walk)
		if each == 0 {
			each = own
		}
		assert.InEpsilon(t, each, own, 0.1, "seed %d fails in walk %d, here after %v", l.Seed, walk, l.Time)
	}
	require.Positive(t, each)
	truth := 1 / (each * oneIn)
	assert.Less(t, a.Rate.Low, truth)
	assert.Greater(t, a.Rate.High, truth)
	t.Logf("planted %.0f per VM-hour, found %s", truth, a.Rate)
}
