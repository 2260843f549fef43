package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/grid"
	"brink/internal/store"
)

// TestVMGrid: two runs of one command in real VMs, on the same kernel and machine, in one table.
func TestVMGrid(t *testing.T) {
	besideAnother(t)
	dir := t.TempDir()
	code, out, errs := brink(t, dir, "run", "promisc", "--kernel", "debian:6.1/amd64", "--axis", "pps", "--grid", "containers=2,8",
		"--sizes", "500,1000", "--max-boots", "0", "--accel", "tcg")
	require.Contains(t, []int{exitGood, exitFound}, code, errs)
	assert.Contains(t, out, "containers=8       finished")
	ids, err := store.ListGrids(dir)
	require.NoError(t, err)
	require.Len(t, ids, 1)
	_, text, _ := brink(t, dir, "show", ids[0], "--json")
	var doc grid.Grid
	require.NoError(t, json.Unmarshal([]byte(text), &doc))
	assert.True(t, doc.Finished)
	assert.Equal(t, code == exitFound, doc.Broken())
	for i, r := range doc.Runs {
		head, _, err := store.Load(filepath.Join(dir, r.ID))
		require.NoError(t, err)
		assert.Equal(t, doc.Kernel, head.Kernel)
		assert.Equal(t, doc.Machine, head.Machine)
		for _, name := range []string{"create", "processed"} {
			q, ok := doc.Quantity(name)
			require.True(t, ok, name)
			assert.Positive(t, q.Cells[1][i].Value, "%s with %s", name, r.Name)
		}
	}
}
