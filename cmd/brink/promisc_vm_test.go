package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/trial"
	"brink/scenarios"
)

// tableOn is table for a scenario with several axes: the ops of the axis that was ramped.
func tableOn(t *testing.T, dir string) *judge.Table {
	t.Helper()
	head, events := record(t, dir)
	spec, err := scenarios.On(head.Scenario, head.Axis, head.Settings)
	require.NoError(t, err)
	return judge.Read(spec, head, events)
}

// TestVMPromiscContainers: a bridge with real containers, flooded through a real driver: a frame costs more the more
// containers it is copied to, and every op is measured.
func TestVMPromiscContainers(t *testing.T) {
	besideAnother(t)
	dir := t.TempDir()
	code, _, errs := brink(t, dir, "run", "promisc", "-k", "debian:6.1/amd64", "--sizes", "2,16")
	require.Equal(t, exitGood, code, errs)
	tab := tableOn(t, dir)
	per := map[int64]int64{}
	for _, n := range tab.Sizes {
		for _, op := range tab.Spec.Ops {
			c := tab.Cell(n, op.Name)
			require.NotNil(t, c, "%s at %d", op.Name, n)
			assert.NotEmpty(t, c.Samples, "%s at %d: %s", op.Name, n, c.Skipped)
			if s, ok := c.Median(); ok && op.Name == "flood" {
				per[n] = s.WallNS
			}
		}
	}
	assert.Greater(t, per[16], 2*per[2], "a frame for nobody goes to every container")
}

// TestVMPromiscSeededIsLoad: the planted driver fault is found above its rate, and it goes away with the rate, not with the
// containers. Where exactly it lies is a search of many VMs: results/reference/promisc.md.
func TestVMPromiscSeededIsLoad(t *testing.T) {
	besideAnother(t)
	dir := t.TempDir()
	code, out, errs := brink(t, dir, "run", "promisc", "-k", "debian:6.1/amd64", "--axis", "pps", "--sizes", "1900,2200", "--set", "nic=seeded",
		"--set", "at=2000", "--set", "containers=2")
	require.Equal(t, exitFound, code, errs)
	assert.Contains(t, out, "SEEDED")
	head, _ := record(t, dir)
	assert.True(t, head.Seeded)
	found := tableOn(t, dir).Findings()
	require.NotEmpty(t, found)
	assert.Equal(t, trial.Oops, found[0].Kind)
	assert.Contains(t, found[0].Function, "napi_poll")
	assert.Equal(t, int64(1900), found[0].Safe)
	assert.Equal(t, int64(2200), found[0].Broken)

	code, out, _ = brink(t, dir, "explain", head.ID, "--only", "load,scale", "--repeat", "1")
	assert.Equal(t, exitFound, code)
	assert.Contains(t, out, "class load")
}
