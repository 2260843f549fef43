package store

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/grid"
	"brink/internal/trial"
)

func gridHeadOf(id string, values ...string) grid.Head {
	h := grid.Head{V: grid.Version, ID: id, Scenario: "fake", Axis: "pps", Second: "containers"}
	for _, v := range values {
		h.Runs = append(h.Runs, trial.Run{V: trial.Version, Scenario: "fake", Axis: "pps", Sizes: []int64{1}, Settings: map[string]string{"containers": v}})
	}
	return h
}

func TestGridKnowsItsRuns(t *testing.T) {
	root := t.TempDir()
	g, err := CreateGrid(root, gridHeadOf("2026-1-grid", "1", "10", "100"))
	require.NoError(t, err)
	_, err = OpenGrid(g.Dir)
	require.ErrorIs(t, err, ErrBusy)

	for i, of := range []string{g.Head.ID, "another"} {
		run := g.Head.Runs[1]
		run.ID, run.Grid = []string{"2026-1-run", "2026-2-run"}[i], of
		r, err := Create(root, run)
		require.NoError(t, err)
		require.NoError(t, r.Close())
	}
	require.NoError(t, os.MkdirAll(filepath.Join(root, "2026-3-run"), 0o755), "brink was killed before the head was written")
	require.NoError(t, os.Mkdir(filepath.Join(root, "2026-4-run"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "2026-4-run", headFile), []byte("{"), 0o644), "somebody's broken run")
	dirs, err := GridRuns(g.Dir, g.Head)
	require.NoError(t, err)
	assert.Equal(t, []string{"", filepath.Join(root, "2026-1-run"), ""}, dirs)

	require.NoError(t, g.Close())
	again, err := OpenGrid(g.Dir)
	require.NoError(t, err)
	assert.Equal(t, g.Head, again.Head)
	require.NoError(t, again.Close())
	second, err := CreateGrid(root, gridHeadOf("2026-1-grid", "1"))
	require.NoError(t, err)
	require.NoError(t, second.Close())
	assert.Equal(t, "2026-1-grid-2", second.Head.ID)
}

func TestFindGrid(t *testing.T) {
	root := t.TempDir()
	g, err := CreateGrid(root, gridHeadOf("2026-1-grid", "1"))
	require.NoError(t, err)
	require.NoError(t, g.Close())
	run := g.Head.Runs[0]
	run.ID, run.Grid = "2026-1-run", g.Head.ID
	r, err := Create(root, run)
	require.NoError(t, err)
	require.NoError(t, r.Close())

	for _, name := range []string{"2026-1-grid", "2026-1", "2026", g.Dir} {
		dir, err := FindGrid(root, name)
		require.NoError(t, err, name)
		assert.Equal(t, g.Dir, dir)
	}
	for _, name := range []string{"2026-1-run", "2026-1-r", "last", "", "1999", r.Dir} {
		_, err := FindGrid(root, name)
		require.ErrorIs(t, err, ErrNoRun, name)
	}
	ids, err := List(root)
	require.NoError(t, err)
	assert.Equal(t, []string{"2026-1-run"}, ids, "a grid is no run")
	ids, err = ListGrids(root)
	require.NoError(t, err)
	assert.Equal(t, []string{"2026-1-grid"}, ids)
	_, err = Find(root, "2026-1-grid")
	require.ErrorIs(t, err, ErrGrid)
	_, err = FindBisection(root, "2026-1-grid")
	require.ErrorIs(t, err, ErrNoRun)

	other := create(t, root, "2026-2-run")
	require.NoError(t, other.Close())
	_, err = FindGrid(root, "2026")
	require.ErrorContains(t, err, "could be the grid 2026-1-grid or the run 2026-2-run")
	_, err = FindGrid(root, "2026-1")
	require.NoError(t, err)
	more, err := CreateGrid(root, gridHeadOf("2026-1-grid", "1"))
	require.NoError(t, err)
	require.NoError(t, more.Close())
	_, err = FindGrid(root, "2026-1-g")
	require.ErrorContains(t, err, "could be 2026-1-grid, 2026-1-grid-2")
	t.Chdir(g.Dir)
	dir, err := FindGrid(root, ".")
	require.NoError(t, err)
	assert.Equal(t, g.Dir, dir, "its runs lie beside it")
}

func TestGridThatCannotBeRead(t *testing.T) {
	g, err := CreateGrid(t.TempDir(), gridHeadOf("g", "1"))
	require.NoError(t, err)
	require.NoError(t, g.Close())
	require.NoError(t, os.WriteFile(filepath.Join(g.Dir, gridHead), []byte(`{"v":99}`), 0o644))
	_, err = OpenGrid(g.Dir)
	require.ErrorContains(t, err, "use a newer brink")
	_, err = OpenGrid(t.TempDir())
	require.ErrorIs(t, err, ErrNoRun)
}
