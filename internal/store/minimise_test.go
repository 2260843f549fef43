package store

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/minimise"
	"brink/internal/trial"
)

func TestMinimisation(t *testing.T) {
	r := create(t, t.TempDir(), "run")
	lines, err := LoadMinimisation(r.Dir)
	require.NoError(t, err)
	assert.Empty(t, lines, "none is no error")
	kept, err := LoadMinimised(r.Dir)
	require.NoError(t, err)
	assert.Nil(t, kept)

	m, err := r.Minimise()
	require.NoError(t, err)
	plan := trial.Plan{V: trial.Version, Scenario: "fake", Steps: []trial.Step{{Kind: trial.StepSettle}}, Probe: &trial.Probe{Size: 7}}
	written, err := m.Append(minimise.Line{Try: &minimise.Try{What: "x"}, Event: trial.Event{Type: trial.EventTrial, Trial: 1, Plan: &plan}})
	require.NoError(t, err)
	assert.Equal(t, trial.Version, written.V)
	require.NoError(t, m.Close())
	path := filepath.Join(r.Dir, minimiseFile)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(whole, `{"v":1,"ty`...), 0o644))
	lines, err = LoadMinimisation(r.Dir)
	require.NoError(t, err)
	assert.Equal(t, []minimise.Line{written}, lines)
	m, err = r.Minimise() // cuts the torn line off
	require.NoError(t, err)
	defer m.Close()
	left, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(whole), string(left))

	dir, err := m.TrialDir(3)
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(r.Dir, "minimised", "trials", "003"), dir)
	assert.DirExists(t, dir)

	want := minimise.Result{V: minimise.Version, Plan: plan, Dropped: []string{"op a"}, Confirmed: 2}
	require.NoError(t, m.Keep(want))
	kept, err = LoadMinimised(r.Dir)
	require.NoError(t, err)
	assert.Equal(t, want, *kept)
	text, err := os.ReadFile(filepath.Join(r.Dir, "minimised", "plan.json"))
	require.NoError(t, err)
	assert.Contains(t, string(text), `"kind": "settle"`)
	require.NoError(t, os.WriteFile(filepath.Join(r.Dir, minimisedFile), []byte("{"), 0o644))
	_, err = LoadMinimised(r.Dir)
	require.ErrorContains(t, err, "minimised.json")
}
