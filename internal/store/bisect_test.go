package store

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/question"
	"brink/internal/trial"
)

func bisection(t *testing.T, root, id string) *Bisection {
	t.Helper()
	b, err := CreateBisection(root, question.Head{V: trial.Version, ID: id, Candidates: []question.Candidate{{ID: "a"}, {ID: "b"}}})
	require.NoError(t, err)
	return b
}

func TestBisectionIsNoRun(t *testing.T) {
	root := t.TempDir()
	b := bisection(t, root, "2026-bisect")
	require.NoError(t, b.Close())
	ids, err := List(root)
	require.NoError(t, err)
	assert.Empty(t, ids)
	_, err = Find(root, "2026")
	require.ErrorIs(t, err, ErrBisection)
	assert.ErrorContains(t, err, filepath.Join(root, "2026-bisect", BisectReport))
	_, err = Find(root, "last")
	require.ErrorIs(t, err, ErrNoRun)
	_, err = Find(root, "1999")
	require.ErrorIs(t, err, ErrNoRun)

	r := create(t, root, "2026-run")
	require.NoError(t, r.Close())
	_, err = Find(root, "last")
	require.NoError(t, err)
	for _, name := range []string{"last", "2026", "2026-bisect", filepath.Join(root, "2026-bisect")} {
		dir, err := FindBisection(root, name)
		require.NoError(t, err, name)
		assert.Equal(t, b.Dir, dir)
	}
	_, err = FindBisection(root, "2026-run")
	require.ErrorIs(t, err, ErrNoRun)

	again := bisection(t, root, "2026-bisect")
	require.NoError(t, again.Close())
	assert.Equal(t, "2026-bisect-2", again.Head.ID)
	_, err = FindBisection(root, "2026")
	require.ErrorContains(t, err, "any of 2 bisections")
}

func TestBisectionSurvivesATornLine(t *testing.T) {
	root := t.TempDir()
	b := bisection(t, root, "b")
	_, err := OpenBisection(b.Dir)
	require.ErrorIs(t, err, ErrBusy)
	first, err := b.Append(question.Line{Candidate: 1, Event: trial.Event{Type: trial.EventBegin, Trial: 1}})
	require.NoError(t, err)
	assert.False(t, first.Host.IsZero())
	dir, err := b.TrialDir(7)
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(b.Dir, "trials", "007"), dir)
	require.NoError(t, b.Close())

	f, err := os.OpenFile(filepath.Join(b.Dir, bisectLines), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString(`{"candidate":1,"v":1,"ty`)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	_, lines, err := LoadBisection(b.Dir)
	require.NoError(t, err)
	assert.Equal(t, []question.Line{first}, lines)

	b, err = OpenBisection(b.Dir)
	require.NoError(t, err)
	second, err := b.Append(question.Line{Event: trial.Event{Type: question.EventUnusable, Text: "gone"}})
	require.NoError(t, err)
	require.NoError(t, b.Close())
	_, lines, err = LoadBisection(b.Dir)
	require.NoError(t, err)
	assert.Equal(t, []question.Line{first, second}, lines)
}

func TestBisectionThatCannotBeRead(t *testing.T) {
	b := bisection(t, t.TempDir(), "b")
	require.NoError(t, b.Close())
	require.NoError(t, os.WriteFile(filepath.Join(b.Dir, bisectLines), []byte("\n{}\n"), 0o644))
	_, _, err := LoadBisection(b.Dir)
	require.ErrorContains(t, err, "line 2")
	require.NoError(t, os.WriteFile(filepath.Join(b.Dir, bisectHead), []byte(`{"v":99}`), 0o644))
	_, _, err = LoadBisection(b.Dir)
	require.ErrorContains(t, err, "use a newer brink")
	_, err = OpenBisection(t.TempDir())
	require.ErrorIs(t, err, ErrNoRun)
}
