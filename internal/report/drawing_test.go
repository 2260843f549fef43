package report

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/picture"
	"brink/internal/scenario"
)

func files(all []Drawing) (names []string) {
	for _, d := range all {
		names = append(names, d.File())
	}
	return names
}

func TestDrawings(t *testing.T) {
	table := livelock()
	assert.Len(t, Drawings(table), 15+6, "the seventh signal was not recorded")
	assert.Equal(t, []string{"load", "operation-b", "signal-processed", "signal-control"}, files(Told(table)), "no op has a finding of its own")
	kept := files(Kept(table))
	assert.Contains(t, kept, "operation-a")
	assert.Contains(t, kept, "signal-heartbeat-gap", "it has a limit")
	assert.NotContains(t, kept, "signal-offered")
	table.Spec.Ops = append(table.Spec.Ops, scenario.Op{Name: "offered"}, scenario.Op{Name: "unaccounted"})
	assert.Equal(t, []string{"signal-offered"}, files(Named(table, "offered")), "the op of that name was not measured")
	assert.Equal(t, []string{"unaccounted", "signal-unaccounted"}, files(Named(table, "unaccounted")), "they can be asked for all the same")
	assert.Empty(t, Named(table, "nobody"))
}

// TestSignalRamp: the picture holds every second, the limit from where it can be told on, and the finding.
func TestSignalRamp(t *testing.T) {
	table := livelock()
	r := SignalRamp(table, table.Spec.Signals[1])
	require.Len(t, r.Points, 3)
	assert.Len(t, r.Points[0].Values, 15, "of all ops")
	assert.Equal(t, []any{int64(2000), int64(4000), "livelock"}, []any{r.Safe, r.Broken, r.Failure})
	assert.True(t, math.IsNaN(r.Signal.Limit(1999)), "there is nothing smaller")
	assert.InDelta(t, 50_003.5, r.Signal.Limit(2000), 1e-6)
	assert.InDelta(t, 50_003.5, r.Signal.Limit(3999), 1e-6)
	assert.InDelta(t, 139_003.5, r.Signal.Limit(1e9), 1e-6)
	assert.Nil(t, SignalRamp(table, table.Spec.Signals[0]).Signal.Limit)
	var text bytes.Buffer
	require.NoError(t, picture.Terminal(&text, r, 0, 0, false))
	golden(t, "livelock-ramp.txt", text.Bytes())
}

// TestAnOpIsNotMarkedWithASignalsFinding: the signal has a picture of its own.
func TestAnOpIsNotMarkedWithASignalsFinding(t *testing.T) {
	table := livelock()
	found := table.Findings()
	require.Equal(t, judge.OverLimit, found[0].Kind)
	op, ok := table.Spec.Op(found[0].Op)
	require.True(t, ok)
	assert.Zero(t, Ramp(table, op).Broken)
}
