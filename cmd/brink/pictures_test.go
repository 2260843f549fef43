package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// TestPicturesOfSignals: a signal with a limit has pictures in the run's folder, and can be asked for by its name.
func TestPicturesOfSignals(t *testing.T) {
	spec := scenario.Spec{Name: "flood", Axes: []scenario.Axis{{Name: "pps", Unit: "frame a second"}},
		Ops: []scenario.Op{{Name: "control", From: scenario.Full, To: scenario.Full, Growth: scenario.Constant,
			Budget: scenario.Budget{Base: time.Second}}},
		Signals: []scenario.Signal{{Name: "control", Unit: "ns"}, {Name: "offered", Unit: "/s"}},
		Limits:  []scenario.Limit{{Name: "slow", Signal: "control", Form: scenario.Above, Bound: 1e6}}}
	var events []trial.Event
	for _, n := range []int64{10, 20} {
		step := trial.Event{Trial: 1, Kind: trial.StepOp, Size: n, Op: "control"}
		seconds, end := step, step
		seconds.Type, seconds.Signals = trial.EventSignals, trial.Signals{"control": float64(n) * 1e5, "offered": float64(n)}
		end.Type, end.Samples = trial.EventEnd, []trial.Sample{{Count: 1, WallNS: n}}
		events = append(events, seconds, end)
	}
	table := judge.Read(spec, trial.Run{Axis: "pps", Sizes: []int64{10, 20}}, events)
	dir := t.TempDir()
	require.NoError(t, writePictures(dir, table))
	files, err := os.ReadDir(filepath.Join(dir, "ramps"))
	require.NoError(t, err)
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	assert.Equal(t, []string{"control.png", "control.svg", "signal-control.png", "signal-control.svg"}, names)
	for name, want := range map[string][]string{"": {"signal-control"}, "control": {"control", "signal-control"}, "offered": {"signal-offered"},
		"all": {"control", "signal-control", "signal-offered"}, "none": nil} {
		drawings, err := rampsToDraw(table, name)
		require.NoError(t, err)
		var got []string
		for _, d := range drawings {
			got = append(got, d.File())
		}
		assert.Equal(t, want, got, "--ramp %s", name)
	}
	_, err = rampsToDraw(table, "nobody")
	assert.ErrorContains(t, err, `no op and no signal "nobody"`)
}
