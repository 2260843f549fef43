package store

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/explain"
	"brink/internal/trial"
)

func TestExplanationSurvivesATornLine(t *testing.T) {
	r, err := Create(t.TempDir(), trial.Run{V: trial.Version, ID: "r"})
	require.NoError(t, err)
	defer r.Close()
	none, err := LoadExplanation(r.Dir)
	require.NoError(t, err)
	assert.Empty(t, none)

	x, err := r.Explain()
	require.NoError(t, err)
	first, err := x.Append(explain.Line{Arm: "same", Event: trial.Event{Type: trial.EventBegin, Trial: 1}})
	require.NoError(t, err)
	assert.False(t, first.Host.IsZero())
	dir, err := x.TrialDir(7)
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(r.Dir, "explain", "007"), dir)
	require.NoError(t, x.Close())

	path := filepath.Join(r.Dir, explainFile)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString(`{"arm":"same","v":1,"ty`)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	lines, err := LoadExplanation(r.Dir)
	require.NoError(t, err)
	assert.Equal(t, []explain.Line{first}, lines)

	x, err = r.Explain()
	require.NoError(t, err)
	second, err := x.Append(explain.Line{Arm: "same", Event: trial.Event{Type: trial.EventEnd, Trial: 1}})
	require.NoError(t, err)
	require.NoError(t, x.Close())
	lines, err = LoadExplanation(r.Dir)
	require.NoError(t, err)
	assert.Equal(t, []explain.Line{first, second}, lines)
}

func TestExplanationThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{"{\n": "line 1", `{"arm":"a","v":99,"type":"end"}` + "\n": "use a newer brink", "\n{}\n": "line 2"} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, explainFile), []byte(text), 0o644))
		_, err := LoadExplanation(dir)
		assert.ErrorContains(t, err, want)
	}
}
