package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/picture"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// quadratic is a run whose op costs 1 ms and 10 ns n², and panics at 8,000.
func quadratic() *judge.Table {
	s := scenario.Spec{Name: "fake", Title: "t", Axes: []scenario.Axis{{Name: "peers", Unit: "peer"}},
		Ops: []scenario.Op{{Name: "get", Title: "look one up", From: scenario.Full, To: scenario.Full, Growth: scenario.Constant,
			Budget: scenario.Budget{Base: time.Second}}}}
	head := run("q")
	head.Sizes, head.Seeded = []int64{250, 500, 1000, 2000, 4000, 8000}, true
	events := []trial.Event{{Type: trial.EventTrial, Trial: 1, Plan: &trial.Plan{}, Start: trial.StartBoot}}
	for _, n := range head.Sizes[:5] {
		cost := time.Millisecond + time.Duration(10*n*n)
		events = append(events, op("get", n, 1, cost, cost+cost/500, cost-cost/500))
	}
	f := &trial.Failure{Kind: trial.Panic, Title: "boom", Signature: "panic:f:s", Function: "f"}
	events = append(events, trial.Event{Type: trial.EventOutcome, Trial: 1, Outcome: &trial.Outcome{Kind: trial.Panic, Size: 8000, Op: "get",
		Failure: f, Text: f.Title}})
	return judge.Read(s, head, events)
}

func TestRamp(t *testing.T) {
	table := quadratic()
	r := Ramp(table, table.Spec.Ops[0])
	assert.Equal(t, "get: look one up", r.Title)
	assert.Len(t, r.Points, 5)
	assert.Equal(t, int64(4000), r.Safe)
	assert.Equal(t, int64(8000), r.Broken)
	assert.Equal(t, "panic f", r.Failure)
	assert.True(t, r.Seeded)
	assert.Equal(t, time.Second, r.Budget(1_000_000), "a sample that counts one unit has the same budget at every size")
	assert.Contains(t, r.ModelName, "quadratic: 1.00 ms + ")
	mid, low, high := r.Model(2000)
	assert.InEpsilon(t, 41e6, mid, 0.05)
	assert.Less(t, low, mid)
	assert.Less(t, mid, high)
	var svg bytes.Buffer
	require.NoError(t, picture.SVG(&svg, r))
	assert.True(t, strings.Contains(svg.String(), "panic f"), "the failure is written into the picture")
}

func TestGrowthAboveTheSpecIsAFinding(t *testing.T) {
	found := quadratic().Findings()
	require.Len(t, found, 2)
	assert.ElementsMatch(t, []trial.Kind{judge.Growth, trial.Panic}, []trial.Kind{found[0].Kind, found[1].Kind})
	var text bytes.Buffer
	require.NoError(t, Text(&text, quadratic()))
	assert.Contains(t, text.String(), "SEEDED")
	assert.Contains(t, text.String(), "FINDING (seeded)  over-growth")
	assert.Contains(t, text.String(), "growth    get        quadratic: 1.00 ms + ")
}

func TestWorth(t *testing.T) {
	var names []string
	for _, op := range Worth(quadratic()) {
		names = append(names, op.Name)
	}
	assert.Equal(t, []string{"get"}, names)
	names = nil
	for _, op := range Worth(healthy("h", 1)) {
		names = append(names, op.Name)
	}
	assert.Equal(t, []string{"load"}, names, "without a finding what grows is shown")
}
