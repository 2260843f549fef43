package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/trial"
	"brink/internal/vmtest"
)

// TestVMTwins: two VMs that see the same flood fail together where the failure is in the frames, and the record says what
// became of them. What is left afterwards is in the run folder.
func TestVMTwins(t *testing.T) {
	vmtest.Require(t)
	sockets := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", sockets)
	dir := t.TempDir()
	code, stdout, _ := brink(t, dir, "run", "promisc", "-k", "debian:6.1/amd64", "--axis", "pps", "--sizes", "4000", "--set", "nic=seeded",
		"--set", "at=2000", "--set", "containers=1", "--twins")
	require.Equal(t, 1, code)
	assert.Contains(t, stdout, "both VMs failed together")
	head, events := record(t, dir)
	assert.True(t, head.Twins)
	assert.Equal(t, trial.ClockWall, head.Machine.Clock)
	var twin *trial.Twin
	var offered *trial.Offered
	for _, e := range events {
		switch e.Type {
		case trial.EventTwin:
			twin = e.Twin
		case trial.EventOffered:
			offered = e.Offered
		}
	}
	require.NotNil(t, twin)
	assert.True(t, twin.Together)
	require.NotNil(t, twin.Outcome.Failure)
	assert.Equal(t, "oops:__napi_poll:net", twin.Outcome.Failure.Signature)
	require.NotNil(t, offered)
	assert.Positive(t, offered.Accepted)
	for _, name := range []string{"console.log", "events.jsonl", "plan.json", "argv"} {
		info, err := os.Stat(filepath.Join(dir, head.ID, "trials", "001", "twin", name))
		require.NoError(t, err)
		assert.Positive(t, info.Size(), name)
	}
	left, err := os.ReadDir(sockets)
	require.NoError(t, err)
	assert.Empty(t, left, "no socket is left")
}
