package page

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html/atom"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/summary"
	"brink/internal/trial"
)

// flood is a run with many ops and sizes, and with signals: one that collapses, one over its limit, one that is always 0.
func flood() summary.Summary {
	s := sample()
	s.Scenario.Axis, s.Scenario.Unit, s.Scenario.Sizes = "pps", "frame a second", nil
	s.Findings, s.Ops, s.Verdict.Broken, s.Verdict.Safe = nil, nil, 2000, 1000
	for n := int64(500); n <= 1_000_000; n *= 2 {
		s.Scenario.Sizes = append(s.Scenario.Sizes, n)
	}
	for i := range 15 {
		op := summary.Op{Name: fmt.Sprintf("some-operation-%d", i), Title: "does something", Expected: "O(1)", BudgetNS: 1e9}
		for _, n := range s.Scenario.Sizes {
			op.Points = append(op.Points, summary.Point{Size: n, State: summary.OK, MedianNS: n * 1000, EachNS: n * 1000, BudgetNS: 1e9, Trial: 1,
				Samples: []trial.Sample{{Count: 1, WallNS: n * 1000}}})
		}
		s.Ops = append(s.Ops, op)
	}
	s.Signals = signals(s.Scenario.Sizes)
	lock := summary.Finding{Title: "over-limit at 2,000 pps", Log: "trials/001/console.log"}
	lock.Finding = judge.Finding{What: "livelock", Op: "some-operation-3", Kind: judge.OverLimit, Safe: 1000, Broken: 2000, Trial: 1, Basis: "ladder",
		Signature: "over-limit:promisc:livelock", Text: "receive livelock: processed falls from 100,000/s at 1,000 pps to 20,000/s, while offered rises from 1,000/s to 2,000/s"}
	s.Findings = []summary.Finding{lock}
	return s
}

func signals(sizes []int64) []summary.Signal {
	offered := summary.Signal{Name: "offered", Unit: "/s", Title: "frames offered"}
	processed := summary.Signal{Name: "processed", Unit: "/s", Title: "frames that the stack processed", Limits: []summary.Limit{
		{Name: "livelock", Title: "receive livelock", Form: scenario.Collapse, Bound: 0.5, Of: "offered"}}}
	control := summary.Signal{Name: "control", Unit: "ns", Title: "latency of a request", Limits: []summary.Limit{
		{Name: "control-latency", Title: "slow control plane", Form: scenario.Times, Bound: 3, Of: "control-idle"},
		{Name: "stall", Title: "stall", Form: scenario.Above, Bound: 1e9}}}
	drops := summary.Signal{Name: "drops", Unit: "/s", Title: "frames dropped"}
	for i, n := range sizes {
		level := 100 * float64(n)
		if i > 1 {
			level = 40_000 / float64(i)
			processed.Limits[0].At = append(processed.Limits[0].At, summary.Edge{Size: n, Value: 50_000})
		}
		control.Limits[0].At = append(control.Limits[0].At, summary.Edge{Size: n, Value: 30e6})
		control.Limits[1].At = append(control.Limits[1].At, summary.Edge{Size: n, Value: 1e9})
		offered.Points = append(offered.Points, summary.SignalPoint{Size: n, Median: float64(n), Min: float64(n), Max: float64(n), Seconds: 1})
		processed.Points = append(processed.Points, summary.SignalPoint{Size: n, Median: level, Min: level / 2, Max: level * 1.5, Seconds: 5})
		control.Points = append(control.Points, summary.SignalPoint{Size: n, Median: 10e6, Min: 0, Max: 20e6, Seconds: 5})
		drops.Points = append(drops.Points, summary.SignalPoint{Size: n, Seconds: 5})
	}
	return []summary.Signal{offered, processed, control, drops}
}

func TestSignals(t *testing.T) {
	root, part := shown(t, flood())
	said := part("signals")
	contains(t, said, "processed frames that the stack processed", "limit of receive livelock: median not below 0.5 of what it was at a smaller number of pps, where offered was less",
		"fails at 2,000 pps, not at 1,000: receive livelock: processed falls", "2,000 20,000/s 10,000/s 30,000/s 5 50,000/s receive livelock",
		"500 50,000/s 25,000/s 75,000/s 5 -", "limit of slow control plane: median not above 3 times control-idle", "limit of stall: no second above 1.00 s",
		"500 10.0 ms 0 ns 20.0 ms 5 30.0 ms, 1.00 s ok")
	assert.Less(t, strings.Index(said, "processed frames"), strings.Index(said, "offered frames"), "what has a finding comes first")
	assert.Len(t, all(root, atom.Figure), 15+4)
	contains(t, part("findings"), "over-limit receive livelock")
	assert.NotContains(t, write(t, sample()), `id="signals"`, "a run without signals has no such part")
}

func TestSignalPlots(t *testing.T) {
	v := newView(flood())
	require.Len(t, v.SignalPlots, 4)
	byID := map[string]signalPlot{}
	for _, p := range v.SignalPlots {
		byID[p.ID] = p
	}
	lock := byID["signal-2"]
	assert.Equal(t, []any{int64(1000), int64(2000), "livelock", "/s", "processed in /s"}, []any{lock.Safe, lock.Broken, lock.Failure, lock.Unit, lock.Label})
	assert.Nil(t, lock.Points[0].Limit, "there is nothing smaller")
	require.NotNil(t, lock.Points[2].Limit)
	assert.EqualValues(t, 50_000, *lock.Points[2].Limit)
	assert.Equal(t, "2,000 pps · median 20,000/s of 5 seconds (10,000/s to 30,000/s) · limit 50,000/s · receive livelock", lock.Points[2].Text)
	control := byID["signal-3"]
	assert.Empty(t, control.Unit, "a time has the axis of the ramps")
	assert.Equal(t, []float64{20e6}, control.Points[0].Seconds, "0 has no place on it")
	require.NotNil(t, byID["signal-4"].Points[0].Median, "but on a linear one it has")
	_, p := newFigure(flood(), 3)
	assert.Zero(t, p.Broken, "the finding is the signal's, not the op's")
	s := flood()
	s.Signals[2].Points = []summary.SignalPoint{{Size: 500, Seconds: 1}, {Median: 5, Size: 0, Seconds: 1}}
	assert.Nil(t, newSignalPlot(s, s.Signals[2]))
	contains(t, section(t, parse(t, write(t, s)), "signals"), "Nothing to draw.")
}

// TestVMBrowserSignals: a signal's plot shows its level, its limit and its finding, and 0 is a value.
func TestVMBrowserSignals(t *testing.T) {
	b := newBrowser(t)
	for _, theme := range []string{"light", "dark"} {
		b.open(flood(), 1200, theme)
		for _, name := range []string{"median", "budget", "safe", "broken", "text"} {
			assert.Greater(t, ink(b, "signal-2", name), 15, "%s: %s of the signal that collapses", theme, name)
		}
		assert.Zero(t, ink(b, "signal-1", "broken"), "%s: one that does not", theme)
		assert.Greater(t, ink(b, "signal-4", "median"), 15, "%s: what is always 0", theme)
	}
	h := newHand(b, "signal-2")
	h.mouse(moved, 0.01, 0.5, 0)
	assert.Equal(t, "500 pps · median 50,000/s of 5 seconds (25,000/s to 75,000/s)", h.readout())
}

// TestVMBrowserWideTable: on a phone the table of ops is moved inside its box, and its first column stays.
func TestVMBrowserWideTable(t *testing.T) {
	b := newBrowser(t)
	b.open(flood(), 360, "light")
	box := `document.querySelector("section[aria-labelledby=ops] .scroll")`
	assert.Less(t, eval[int](b, box+`.clientWidth`), 360)
	assert.Greater(t, eval[int](b, box+`.scrollWidth`), 720, "it is wide")
	left := `Math.round(` + box + `.querySelector("tbody th").getBoundingClientRect().left)`
	before := eval[int](b, left)
	assert.Equal(t, 300, eval[int](b, `(`+box+`.scrollLeft = 300, `+box+`.scrollLeft)`))
	assert.Equal(t, before, eval[int](b, left), "the op's name stays")
}
