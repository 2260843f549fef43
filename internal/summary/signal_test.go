package summary

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// TestSignals: each signal that was recorded has its levels, and where its limits lie.
func TestSignals(t *testing.T) {
	s := spec()
	s.Signals = []scenario.Signal{{Name: "offered", Unit: "/s", Title: "frames offered"}, {Name: "processed", Unit: "/s", Title: "frames processed"},
		{Name: "gap", Unit: "ns", Title: "gap of the heartbeat"}}
	s.Limits = []scenario.Limit{
		{Name: "livelock", Title: "receive livelock", Signal: "processed", Form: scenario.Collapse, Bound: 0.5, Of: "offered"},
		{Name: "stall", Title: "stall", Signal: "gap", Form: scenario.Above, Bound: 1e9},
	}
	events := climb(4000, time.Millisecond)
	for n, values := range map[int64][]float64{1000: {100, 300, 200}, 4000: {50}} {
		for _, v := range values {
			events = append(events, trial.Event{Type: trial.EventSignals, Trial: 1, Kind: trial.StepOp, Size: n, Op: "get",
				Signals: trial.Signals{"offered": float64(n), "processed": v}})
		}
	}
	events = append(events, end(1, trial.Outcome{Kind: trial.Completed}))
	doc := New(judge.Read(s, head(), events), events, true, nil)
	require.Len(t, doc.Signals, 2, "the gap was not recorded")
	assert.Empty(t, doc.Signals[0].Limits)
	assert.Equal(t, Signal{Name: "processed", Unit: "/s", Title: "frames processed",
		Points: []SignalPoint{{1000, 200, 100, 300, 3}, {4000, 50, 50, 50, 1}},
		Limits: []Limit{{Name: "livelock", Title: "receive livelock", Form: scenario.Collapse, Bound: 0.5, Of: "offered", At: []Edge{{4000, 100}}}},
	}, doc.Signals[1])
	require.Len(t, doc.Findings, 1)
	assert.Equal(t, "over-limit at 4,000 peers (not at 2,000): receive livelock: processed falls from 200/s at 1,000 peers to 50/s, "+
		"while offered rises from 1,000/s to 4,000/s", doc.Verdict.Text)
	assert.Empty(t, doc.Findings[0].Captures)
	assert.EqualValues(t, 4000, doc.Verdict.Broken)
}
