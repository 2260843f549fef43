package grid

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// twoAxes is a made-up scenario: a flood over containers.
func twoAxes() scenario.Spec {
	budget := scenario.Budget{Base: time.Second}
	return scenario.Spec{Name: "flood", Title: "made up",
		Axes: []scenario.Axis{{Name: "pps", Unit: "frame/s", Min: 1, Max: 1 << 20, From: 1000, To: 8000, Load: true},
			{Name: "containers", Unit: "container", Min: 1, Max: 1000, From: 1, To: 100}},
		Ops: []scenario.Op{
			{Name: "load", From: scenario.Empty, To: scenario.Full, Growth: scenario.Constant, Budget: budget},
			{Name: "ask", Title: "ask for a link", From: scenario.Full, To: scenario.Full, Growth: scenario.Constant, Budget: budget},
			{Name: "remove", Axes: []string{"containers"}, From: scenario.Full, To: scenario.Empty, Growth: scenario.Linear, Budget: budget}},
		Options: []scenario.Option{{Name: "containers", Default: "10", Kind: scenario.Int, Min: 0, Max: 1000},
			{Name: "pps", Default: "0", Kind: scenario.Int, Max: 1 << 20}, {Name: "frame", Default: "64", Kind: scenario.Int, Max: 1500}},
		Signals: []scenario.Signal{{Name: "done", Unit: "/s", Title: "frames processed"}, {Name: "offered", Unit: "/s", Title: "frames offered"}},
		Limits:  []scenario.Limit{{Name: "livelock", Title: "receive livelock", Signal: "done", Form: scenario.Collapse, Bound: 0.5, Of: "offered"}},
	}
}

func head(values ...string) Head {
	h := Head{V: Version, ID: "g", Scenario: "flood", Axis: "pps", Second: "containers"}
	for _, v := range values {
		h.Runs = append(h.Runs, trial.Run{V: 1, Scenario: "flood", Axis: "pps", Sizes: []int64{1000, 2000, 4000, 8000},
			Settings: map[string]string{"containers": v, "pps": "0", "frame": "1500"}, Kernel: trial.Kernel{Name: "k"},
			Machine: trial.Machine{Accel: "tcg", Clock: trial.ClockICount}})
	}
	return h
}

// part is a whole run in which fewer frames are done from a rate on, and ask takes so much.
func part(h Head, i int, collapse int64, ask func(n int64) time.Duration) Part {
	run := h.Runs[i]
	run.ID, run.Grid = "run"+run.Settings["containers"], h.ID
	events := []trial.Event{{Type: trial.EventTrial, Trial: 1, Plan: &trial.Plan{}}}
	for _, n := range run.Sizes {
		done := float64(n)
		if collapse > 0 && n >= collapse {
			done = 10
		}
		for _, op := range []string{"load", "ask"} {
			events = append(events, trial.Event{Type: trial.EventSignals, Trial: 1, Kind: trial.StepOp, Size: n, Op: op,
				Signals: trial.Signals{"done": done, "offered": float64(n)}})
			wall := time.Millisecond
			if op == "ask" {
				wall = ask(n)
			}
			events = append(events, trial.Event{Type: trial.EventEnd, Trial: 1, Kind: trial.StepOp, Size: n, Op: op,
				Samples: []trial.Sample{{Count: 1, WallNS: int64(wall)}}})
		}
	}
	events = append(events, trial.Event{Type: trial.EventOutcome, Trial: 1, Outcome: &trial.Outcome{Kind: trial.Completed}})
	return Part{ID: run.ID, Table: judge.Read(twoAxes().On("pps", run.Settings), run, events), Finished: true}
}

func flat(int64) time.Duration { return time.Millisecond }

func TestGrid(t *testing.T) {
	h := head("1", "10", "100")
	slow := func(n int64) time.Duration { return time.Duration(n) * 500 * time.Microsecond }
	g := New(h, twoAxes(), []Part{part(h, 0, 0, flat), part(h, 1, 8000, slow), part(h, 2, 2000, flat)})
	assert.Equal(t, []int64{1000, 2000, 4000, 8000}, g.Sizes)
	assert.Equal(t, "frame/s", g.Unit)
	assert.Equal(t, map[string]string{"frame": "1500"}, g.Settings, "what all runs have, and is no default")
	assert.True(t, g.Finished)
	assert.True(t, g.Broken())
	assert.Equal(t, "done", g.Shown, "two runs have findings about it, one about ask")

	var names []string
	for _, q := range g.Quantities {
		names = append(names, q.Name)
	}
	assert.Equal(t, []string{"load", "ask", "done", "offered"}, names, "remove belongs to another axis")
	done, ok := g.Quantity("done")
	require.True(t, ok)
	assert.Equal(t, []Cell{{Value: 2000, State: Measured}, {Value: 2000, State: Measured}, {Value: 10, State: Measured, Broken: true}}, done.Cells[1])
	ask, _ := g.Quantity("ask")
	assert.Equal(t, Cell{Value: 4e9, State: Over, Broken: true}, ask.Cells[3][1])

	require.Len(t, g.Thresholds, 2)
	livelock := g.Thresholds[0]
	assert.Equal(t, "livelock", livelock.What, "most runs share it")
	assert.Equal(t, []Point{{Value: 1, Upto: 8000}, {Value: 10, Safe: 4000, Broken: 8000}, {Value: 100, Safe: 1000, Broken: 2000}}, livelock.Points)
	assert.Equal(t, CannotTell, livelock.Law.Of)
	assert.InDelta(t, -0.60, livelock.Law.Slope.Value, 0.01)
	assert.InDelta(t, math.Log10(1000.0/8000), livelock.Law.Slope.Low, 0.01, "as far as the ladder tells")
	assert.InDelta(t, math.Log10(2000.0/4000), livelock.Law.Slope.High, 0.01)
	assert.Equal(t, []Point{{Value: 1, Upto: 8000}, {Value: 10, Safe: 2000, Broken: 4000}, {Value: 100, Upto: 8000}}, g.Thresholds[1].Points)

	assert.Equal(t, []State{Finished, Finished, Finished}, []State{g.Runs[0].State, g.Runs[1].State, g.Runs[2].State})
	assert.Equal(t, int64(8000), g.Runs[0].Safe)
	assert.Equal(t, int64(1000), g.Runs[2].Safe)
	var text bytes.Buffer
	require.NoError(t, Write(&text, g))
	var again Grid
	require.NoError(t, json.Unmarshal(text.Bytes(), &again))
	assert.Equal(t, g, again, "nothing is lost as JSON")
}

// TestSignalWithTheNameOfAnOp: both can be shown, and a finding of a limit is the signal's.
func TestSignalWithTheNameOfAnOp(t *testing.T) {
	h, spec := head("1", "10"), twoAxes()
	spec.Signals = append(spec.Signals, scenario.Signal{Name: "ask", Unit: "ns"})
	spec.Limits = []scenario.Limit{{Name: "late", Title: "late", Signal: "ask", Form: scenario.Above, Bound: 1e9}}
	parts := make([]Part, len(h.Runs))
	for i, run := range h.Runs {
		parts[i].ID = run.Settings["containers"]
		parts[i].Table = judge.Read(spec.On("pps", run.Settings), run, []trial.Event{
			{Type: trial.EventSignals, Trial: 1, Kind: trial.StepOp, Size: 1000, Op: "load", Signals: trial.Signals{"ask": 2e9}},
			{Type: trial.EventEnd, Trial: 1, Kind: trial.StepOp, Size: 1000, Op: "ask", Samples: []trial.Sample{{Count: 1, WallNS: 5e8}}}})
	}
	g := New(h, spec, parts)
	assert.Equal(t, "signal-ask", g.Shown)
	for name, value := range map[string]float64{"ask": 5e8, "signal-ask": 2e9} {
		q, ok := g.Quantity(name)
		require.True(t, ok, name)
		assert.Equal(t, value, q.Cells[0][0].Value, name)
	}
}

func TestGridWithoutFindingsShowsTheSteepest(t *testing.T) {
	h := head("1", "10")
	slope := func(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
	g := New(h, twoAxes(), []Part{part(h, 0, 0, slope), part(h, 1, 0, slope)})
	assert.Equal(t, "ask", g.Shown)
	assert.Empty(t, g.Thresholds)
	assert.False(t, g.Broken())
}

func TestGridThatIsNotFinished(t *testing.T) {
	h := head("1", "10", "100")
	whole, begun := part(h, 0, 2000, flat), part(h, 1, 0, flat)
	begun.Finished = false
	g := New(h, twoAxes(), []Part{whole, begun, {}})
	assert.False(t, g.Finished)
	assert.Equal(t, []State{Finished, Begun, Waiting}, []State{g.Runs[0].State, g.Runs[1].State, g.Runs[2].State})
	assert.Equal(t, []Point{{Value: 1, Safe: 1000, Broken: 2000}, {Value: 10}, {Value: 100}}, g.Thresholds[0].Points,
		"of a run that is not finished nothing is known")
	assert.Equal(t, Cell{State: Missing}, g.Quantities[0].Cells[0][2])

	g = New(h, twoAxes(), make([]Part, 3))
	assert.Empty(t, g.Quantities)
	assert.Empty(t, g.Shown)
}

func TestSeries(t *testing.T) {
	h := head("1", "1")
	h.Axis, h.Second, h.Runs[1].Axis = "", "", "containers"
	assert.True(t, h.Series())
	assert.Equal(t, "axis containers", h.Name(1))
	assert.Equal(t, "series of pps,containers", h.Title())
	g := New(h, twoAxes(), []Part{part(h, 0, 2000, flat), {}})
	assert.Empty(t, g.Quantities)
	assert.Empty(t, g.Thresholds)
	assert.Len(t, g.Runs[0].Findings, 1)
	assert.Equal(t, []string{"pps", "containers"}, []string{g.Runs[0].Axis, g.Runs[1].Axis})
}

func TestHead(t *testing.T) {
	h := head("1", "32")
	assert.Equal(t, "containers=32", h.Name(1))
	assert.Equal(t, int64(32), h.Value(1))
	assert.Equal(t, "pps x containers=1,32", h.Title())
	run := h.Runs[1]
	_, ok := h.Index(run)
	assert.False(t, ok, "a run of the same kind that belongs to no grid")
	run.Grid = "g"
	i, ok := h.Index(run)
	assert.True(t, ok)
	assert.Equal(t, 1, i)

	text, err := json.Marshal(h)
	require.NoError(t, err)
	again, err := Parse(text)
	require.NoError(t, err)
	assert.Equal(t, h, again)
	for text, want := range map[string]string{
		"{":                                "unexpected end",
		`{"v":99}`:                         "use a newer brink",
		`{"v":1}`:                          "names no runs",
		`{"v":1,"axis":"pps","runs":[{}]}`: "only one axis",
		`{"v":1,"axis":"pps","second":"containers","runs":[{}]}`: "no number of containers",
	} {
		_, err := Parse([]byte(text))
		assert.ErrorContains(t, err, want)
	}
}
