package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// flooded is a scenario with more ops than fit side by side, and with signals.
func flooded() scenario.Spec {
	s := spec()
	s.Ops = s.Ops[:1]
	for i := range 14 {
		growth := []scenario.Growth{scenario.Constant, scenario.Linear}[i%2]
		s.Ops = append(s.Ops, scenario.Op{Name: fmt.Sprintf("operation-%c", 'a'+i), From: scenario.Full, To: scenario.Full, Growth: growth,
			Budget: scenario.Budget{Base: time.Second}})
	}
	s.Axes = []scenario.Axis{{Name: "pps", Load: true}}
	s.Signals = []scenario.Signal{{Name: "offered", Unit: "/s", Title: "frames offered"}, {Name: "processed", Unit: "/s", Title: "frames processed"},
		{Name: "unaccounted", Unit: "/s", Title: "frames that nobody counted"}, {Name: "control", Unit: "ns", Title: "latency of a request"},
		{Name: "idle", Unit: "ns", Title: "the same without a flood"}, {Name: "heartbeat-gap", Unit: "ns", Title: "gap of the heartbeat"},
		{Name: "ksoftirqd", Unit: "%", Title: "CPU of ksoftirqd"}}
	s.Limits = []scenario.Limit{
		{Name: "livelock", Title: "receive livelock", Signal: "processed", Form: scenario.Collapse, Bound: 0.5, Of: "offered"},
		{Name: "control-latency", Title: "control plane", Signal: "control", Form: scenario.Times, Bound: 3, Of: "idle"},
		{Name: "stall", Title: "stall", Signal: "heartbeat-gap", Form: scenario.Above, Bound: 1e9},
	}
	return s
}

// livelock is a ramp whose work collapses at its last size, in a VM each of whose ops records signals.
func livelock() *judge.Table {
	events := []trial.Event{{Type: trial.EventTrial, Trial: 1, Plan: &trial.Plan{}, Start: trial.StartBoot}}
	processed := map[int64]float64{1000: 100_000, 2000: 278_000, 4000: 15_000}
	for _, n := range run("").Sizes {
		for i, o := range flooded().Ops {
			events = append(events, op(o.Name, n, 1, time.Duration(i+1)*time.Duration(n)*time.Microsecond/100))
			events = append(events, trial.Event{Type: trial.EventSignals, Trial: 1, Kind: trial.StepOp, Size: n, Op: o.Name, Signals: trial.Signals{
				"offered": float64(n), "processed": processed[n] + float64(i), "control": float64(n) * 1e4, "idle": 1e7,
				"heartbeat-gap": float64(i) * 1e5 * float64(n/1000), "ksoftirqd": 97.25}})
		}
	}
	events = append(events, trial.Event{Type: trial.EventOutcome, Trial: 1, Outcome: &trial.Outcome{Kind: trial.Completed}})
	head := run("20260102-030405-flood-6.12.1")
	head.Axis = "pps"
	return judge.Read(flooded(), head, events)
}

// TestSignals: what was not recorded is no column, and no line is wider than a terminal.
func TestSignals(t *testing.T) {
	var text bytes.Buffer
	require.NoError(t, Text(&text, livelock()))
	golden(t, "livelock.txt", text.Bytes())
	assert.NotContains(t, text.String(), "unaccounted")
	for line := range strings.Lines(text.String()) {
		if strings.HasPrefix(line, "  ") {
			assert.LessOrEqual(t, utf8.RuneCountInString(line), widest+1, line)
		}
	}
}

// TestTableBlocks: keys are repeated, what belongs together stays together, and every cell is there once.
func TestTableBlocks(t *testing.T) {
	header := []string{"size", "when"}
	for i := range 30 {
		header = append(header, fmt.Sprintf("column-%d", i))
		if i%3 == 0 {
			header = append(header, each)
		}
	}
	row := []string{"1", "now", strings.Repeat("w", 2*widest)}
	var text bytes.Buffer
	p := &printer{w: &text}
	p.table([][]string{header, row}, 2)
	require.NoError(t, p.err)
	parts := strings.Split(text.String(), "\n\n")
	assert.Greater(t, len(parts), 3)
	seen := map[string]int{}
	for _, part := range parts {
		head := strings.Fields(strings.Split(part, "\n")[0])
		assert.Equal(t, []string{"size", "when"}, head[:2])
		assert.NotEqual(t, each, head[2], "it stands beside what it belongs to")
		for _, name := range head {
			seen[name]++
		}
	}
	for i := range 30 {
		assert.Equal(t, 1, seen[fmt.Sprintf("column-%d", i)])
	}
	assert.Equal(t, 10, seen[each])
}
