package store

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/grid"
	"brink/internal/soak"
	"brink/internal/trial"
)

func soakOf(id string) trial.Soak {
	return trial.Soak{V: trial.Version, ID: id, VMs: 2, Asked: 2, For: time.Minute, Arms: []trial.Run{{Sizes: []int64{16}}}}
}

func vmLine(ordinal int, time time.Duration, partial bool) SoakLine {
	return SoakLine{Result: soak.Result{Job: soak.Job{Ordinal: ordinal}, Time: time, Partial: partial}}
}

func TestSoakRecord(t *testing.T) {
	root := t.TempDir()
	s, err := CreateSoak(root, soakOf("s"))
	require.NoError(t, err)
	again, err := CreateSoak(root, soakOf("s"))
	require.NoError(t, err)
	assert.Equal(t, "s-2", again.Head.ID)
	require.NoError(t, again.Close())
	_, err = OpenSoak(s.Dir)
	require.ErrorIs(t, err, ErrBusy)

	for _, l := range []SoakLine{vmLine(1, 1, true), vmLine(2, 5, true), vmLine(1, 2, true), vmLine(3, 9, false), vmLine(1, 3, false)} {
		require.NoError(t, s.Append(l))
	}
	require.NoError(t, s.Extend(time.Hour))
	require.NoError(t, s.Close())
	path := filepath.Join(s.Dir, soakLines)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(whole, whole[:30]...), 0o644))

	head, lines, err := LoadSoak(s.Dir)
	require.NoError(t, err)
	assert.Equal(t, time.Hour, head.For)
	assert.True(t, head.Extended, "no interval is exact after that")
	require.Len(t, lines, 3, "one for each VM, and none for the torn line")
	for i, want := range []SoakLine{vmLine(1, 3, false), vmLine(2, 5, true), vmLine(3, 9, false)} {
		assert.Equal(t, want.Result, lines[i].Result)
	}
	require.NoError(t, os.WriteFile(path, []byte(`{"v":1,"ordinal":0}`+"\n"), 0o644))
	_, _, err = LoadSoak(s.Dir)
	require.ErrorContains(t, err, "there is no VM 0")
	require.NoError(t, os.WriteFile(path, []byte(`{"v":9,"ordinal":1}`+"\n"), 0o644))
	_, _, err = LoadSoak(s.Dir)
	require.ErrorContains(t, err, "use a newer brink")
}

func TestSoakSweep(t *testing.T) {
	s, err := CreateSoak(t.TempDir(), soakOf("s"))
	require.NoError(t, err)
	defer s.Close()
	dirs := map[int]string{}
	for _, n := range []int{1, 2, 4, 5} {
		dirs[n], err = s.TrialDir(n)
		require.NoError(t, err)
	}
	last, err := s.Sweep(map[int]bool{1: true, 2: false, 3: true})
	require.NoError(t, err)
	assert.Equal(t, 5, last)
	assert.DirExists(t, dirs[1])
	for _, n := range []int{2, 4, 5} {
		assert.NoDirExists(t, dirs[n])
	}
	require.NoError(t, s.Drop(1))
	assert.NoDirExists(t, dirs[1])
	require.NoError(t, s.Drop(1), "there is nothing any more")
}

func TestFindSoak(t *testing.T) {
	root := t.TempDir()
	for _, id := range []string{"20260101-a-soak", "20260102-b-soak", "20260103-c-soak"} {
		s, err := CreateSoak(root, soakOf(id))
		require.NoError(t, err)
		require.NoError(t, s.Close())
	}
	r, err := Create(root, trial.Run{V: trial.Version, ID: "20260102-b"})
	require.NoError(t, err)
	defer r.Close()
	g, err := CreateGrid(root, grid.Head{V: grid.Version, ID: "20260103-grid", Axis: "a", Second: "b",
		Runs: []trial.Run{{Axis: "a", Settings: map[string]string{"b": "1"}}}})
	require.NoError(t, err)
	defer g.Close()

	for name, want := range map[string]string{"20260101": "20260101-a-soak", "20260102-b-soak": "20260102-b-soak", "20260102-b-": "20260102-b-soak",
		filepath.Join(root, "20260103-c-soak"): "20260103-c-soak"} {
		dir, err := FindSoak(root, name)
		require.NoError(t, err, name)
		assert.Equal(t, filepath.Join(root, want), dir)
	}
	for _, name := range []string{"", "last", "2027", "20260102-b", "20260103-grid", "20260103-g"} {
		_, err := FindSoak(root, name)
		assert.ErrorIs(t, err, ErrNoRun, name)
	}
	for _, name := range []string{"2026", "20260102", "20260103"} {
		_, err := FindSoak(root, name)
		assert.ErrorContains(t, err, "give more of the name", name)
	}
	_, err = Find(root, "20260101-a-soak")
	require.ErrorIs(t, err, ErrSoak)
	assert.ErrorContains(t, err, "`brink show 20260101-a-soak` prints it")
	ids, err := List(root)
	require.NoError(t, err)
	assert.Equal(t, []string{"20260102-b"}, ids, "a soak is no run")
}
