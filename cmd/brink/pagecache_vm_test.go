package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/vmtest"
)

// TestVMPageCache: on a kernel that nothing is known against, threads find in their files what they wrote, while the limit of their
// cgroup takes the page cache away.
func TestVMPageCache(t *testing.T) {
	vmtest.Require(t)
	dir := t.TempDir()
	code, out, errs := brink(t, dir, "run", "pagecache", "-k", "debian:6.1", "--sizes", "4", "--set", "actions=60", "--max-boots", "0")
	require.Equal(t, exitGood, code, "%s%s", out, errs)
	tab := tableOn(t, dir)
	for _, op := range []string{"load", "work", "read", "fault", "truncate", "drop", "reclaim", "scrub", "clear"} {
		s, ok := tab.Cell(4, op).Median()
		require.True(t, ok, op)
		assert.Positive(t, s.WallNS, op)
	}
	refaults, ok := tab.Level(4, "refaults")
	require.True(t, ok)
	assert.Positive(t, refaults, "what was read had to be read again")
}
