package judge

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/scenario"
	"brink/internal/threshold"
	"brink/internal/trial"
)

// limited is a scenario with a limit of each form.
func limited() scenario.Spec {
	s := spec()
	s.Signals = []scenario.Signal{{Name: "offered", Unit: "/s"}, {Name: "processed", Unit: "/s"}, {Name: "control", Unit: "ns"},
		{Name: "idle", Unit: "ns"}, {Name: "gap", Unit: "ns"}}
	s.Limits = []scenario.Limit{
		{Name: "livelock", Title: "receive livelock", Signal: "processed", Form: scenario.Collapse, Bound: 0.5, Of: "offered"},
		{Name: "control-latency", Title: "control plane", Signal: "control", Form: scenario.Times, Bound: 3, Of: "idle"},
		{Name: "stall", Title: "stall", Signal: "gap", Form: scenario.Above, Bound: 1e9},
	}
	return s
}

// second adds a second's signals to a record, named in turn.
func (r *record) second(op string, size int64, s trial.Signals) *record {
	return r.add(trial.Event{Type: trial.EventSignals, Trial: 1, Kind: trial.StepOp, Size: size, Op: op, Signals: s})
}

func load(offered, processed float64) trial.Signals {
	return trial.Signals{"offered": offered, "processed": processed}
}

func withLimits(r *record) *Table {
	return Read(limited(), trial.Run{ID: "r", Axis: "pps", Sizes: sizes, Width: 0.02, MaxBoots: 40}, *r)
}

func TestLimits(t *testing.T) {
	ms := float64(time.Millisecond)
	for name, c := range map[string]struct {
		more   func(*record)
		text   string // of the only finding; empty: none
		broken int64
	}{
		"no signals":     {func(r *record) {}, "", 0},
		"no such signal": {func(r *record) { r.second("get", 20, trial.Signals{"other": 1}) }, "", 0},
		"above": {func(r *record) {
			r.second("get", 20, trial.Signals{"gap": 10 * ms}).second("get", 20, trial.Signals{"gap": 1200 * ms})
		}, "stall: gap is 1.20 s, its limit is 1.00 s", 20},
		"just at its limit": {func(r *record) { r.second("get", 20, trial.Signals{"gap": 1000 * ms}) }, "", 0},
		"no number": {func(r *record) {
			r.second("get", 20, trial.Signals{"gap": math.NaN(), "control": math.Inf(1), "idle": 1})
		}, "", 0},
		"times": {func(r *record) { r.second("get", 40, trial.Signals{"control": 95 * ms, "idle": 15 * ms}) },
			"control plane: control is 95.0 ms, 6.3 times idle (15.0 ms); the limit is 3 times", 40},
		"times of nothing":          {func(r *record) { r.second("get", 40, trial.Signals{"control": 95 * ms, "idle": 0}) }, "", 0},
		"times of what is not told": {func(r *record) { r.second("get", 40, trial.Signals{"control": 95 * ms}) }, "", 0},
		"a single second is no median": {func(r *record) {
			for _, v := range []float64{15, 95, 16} {
				r.second("get", 40, trial.Signals{"control": v * ms, "idle": 15 * ms})
			}
		}, "", 0},
		"collapse": {func(r *record) {
			r.second("get", 10, load(1000, 100_000)).second("get", 20, load(3000, 278_000)).second("get", 40, load(10_000, 15_000))
		}, "receive livelock: processed falls from 278,000/s at 20 pps to 15,000/s, while offered rises from 3,000/s to 10,000/s", 40},
		"collapse to nothing": {func(r *record) { r.second("get", 10, load(1000, 100_000)).second("get", 20, load(2000, 0)) },
			"receive livelock: processed falls from 100,000/s at 10 pps to 0/s, while offered rises from 1,000/s to 2,000/s", 20},
		"not to half of the peak": {func(r *record) { r.second("get", 10, load(1000, 100_000)).second("get", 20, load(2000, 50_000)) }, "", 0},
		"less work of less load":  {func(r *record) { r.second("get", 10, load(3000, 300_000)).second("get", 20, load(1000, 100_000)) }, "", 0},
		"a sender that cannot offer more": {func(r *record) {
			r.second("get", 10, load(1000, 100_000)).second("get", 20, load(5000, 400_000)).second("get", 40, load(5050, 150_000))
		}, "", 0},
		"the peak is where less was offered": {func(r *record) { // the sender starves with the receiver, but more comes than at 10
			r.second("get", 10, load(1000, 300_000)).second("get", 20, load(8000, 400_000)).second("get", 40, load(4000, 100_000))
		}, "receive livelock: processed falls from 300,000/s at 10 pps to 100,000/s, while offered rises from 1,000/s to 4,000/s", 40},
		"nothing is smaller than the first size": {func(r *record) { r.second("get", 10, load(1000, 0)) }, "", 0},
		"an untimed step": {func(r *record) {
			r.add(trial.Event{Type: trial.EventSignals, Trial: 2, Kind: trial.StepOp, Size: 10, Op: "get", Untimed: true, Signals: trial.Signals{"gap": 2e9}})
		}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := climb()
			c.more(r)
			found := withLimits(r.end(trial.Outcome{Kind: trial.Completed})).Findings()
			if c.text == "" {
				assert.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			f := found[0]
			assert.Equal(t, c.text, f.Text)
			assert.Equal(t, []any{OverLimit, c.broken, "get", 1}, []any{f.Kind, f.Broken, f.Op, f.Trial})
			assert.Equal(t, "over-limit:fake:"+f.What, f.Signature)
		})
	}
}

// TestLimitBeforeDeath: the seconds before a VM was lost count, and the death is a finding of its own.
func TestLimitBeforeDeath(t *testing.T) {
	r := (&record{}).start(1).op("get", 10, 1).op("get", 20, 1).second("get", 40, trial.Signals{"gap": 2e9}).end(panics(40))
	assert.Nil(t, withLimits(r).Cell(40, "get"), "it was not measured")
	found := withLimits(r).Findings()
	require.Len(t, found, 2)
	assert.ElementsMatch(t, []trial.Kind{OverLimit, trial.Panic}, []trial.Kind{found[0].Kind, found[1].Kind})
	target, ok := withLimits(r).Target()
	require.True(t, ok)
	assert.Equal(t, trial.Panic, target.Kind, "the worse of two at one size")
}

// TestLimitOfAHarnessFault: the seconds of an op that the harness broke off are no finding; those of ops that ended are.
func TestLimitOfAHarnessFault(t *testing.T) {
	fault, broken := trial.Outcome{Kind: trial.Harness, Text: "QEMU was killed"}, trial.Signals{"gap": 2e9}
	r := (&record{}).start(1).op("get", 10, 1).second("get", 20, broken).end(fault)
	assert.Empty(t, withLimits(r).Findings())
	again := (&record{}).start(1).second("get", 10, broken).op("get", 10, 1).end(fault)
	assert.Len(t, withLimits(again).Findings(), 1)
	probe := climb().end(trial.Outcome{Kind: trial.Completed}).
		probed(2, 15, fault, trial.Event{Type: trial.EventSignals, Kind: trial.StepOp, Op: "get", Signals: broken})
	assert.Empty(t, withLimits(probe).Findings())
}

// TestLimitBeforeBudget: the livelock is what is searched, not an op that is slow because of it.
func TestLimitBeforeBudget(t *testing.T) {
	table := withLimits(climb().op("get", 40, time.Minute).second("get", 40, trial.Signals{"gap": 2e9}).end(trial.Outcome{Kind: trial.Completed}))
	found := table.Findings()
	require.Len(t, found, 2)
	assert.Equal(t, []trial.Kind{OverLimit, Budget}, []trial.Kind{found[0].Kind, found[1].Kind})
	target, ok := table.Target()
	require.True(t, ok)
	assert.Equal(t, OverLimit, target.Kind)
}

// TestLimitOp: the op is the one whose own seconds show it most, and one that a fresh VM can do.
func TestLimitOp(t *testing.T) {
	at := func(events *record) string { return withLimits(events).limitFindings()[0].Op }
	slow, slower := trial.Signals{"gap": 2e9}, trial.Signals{"gap": 3e9}
	assert.Equal(t, "get", at((&record{}).second("grow", 20, slower).second("get", 20, slow)))
	assert.Equal(t, "grow", at((&record{}).second("grow", 20, slower).second("get", 20, trial.Signals{"gap": 1})))
	table := withLimits(climb().second("grow", 20, slower))
	_, ok := table.Target()
	assert.False(t, ok, "a fresh VM does not grow")
	two := limited()
	two.Ops = append(two.Ops, scenario.Op{Name: "put", From: scenario.Full, To: scenario.Full})
	found := Read(two, trial.Run{Sizes: sizes}, *(&record{}).second("get", 20, slow).second("put", 20, slower)).limitFindings()
	require.Len(t, found, 1)
	assert.Equal(t, "put", found[0].Op)
}

// TestLevel: it is of all ops, and asking for it changes nothing.
func TestLevel(t *testing.T) {
	table := withLimits((&record{}).second("get", 20, trial.Signals{"gap": 5}).second("grow", 20, trial.Signals{"gap": 4}).second("get", 20, trial.Signals{"gap": 1}))
	level, ok := table.Level(20, "gap")
	assert.True(t, ok)
	assert.EqualValues(t, 4, level)
	assert.Equal(t, []float64{4, 5, 1}, table.Seconds(20, "gap"))
	_, ok = table.Level(10, "gap")
	assert.False(t, ok)
}

// TestLimitIsNarrowed: a fresh VM holds its own level against the ladder's peak.
func TestLimitIsNarrowed(t *testing.T) {
	r := climb().second("get", 10, load(1000, 100_000)).second("get", 20, load(2000, 200_000)).second("get", 40, load(4000, 30_000)).
		end(trial.Outcome{Kind: trial.Completed})
	truth := int64(29) // from which on the work collapses
	for n := 2; ; n++ {
		table := withLimits(r)
		target, ok := table.Target()
		require.True(t, ok)
		require.Equal(t, "livelock", target.What)
		d := table.Next(target, 0.02, 40)
		if d.Done {
			break
		}
		require.Less(t, n, 40)
		level := float64(200_000)
		if d.Size >= truth {
			level = 30_000
		}
		r.probed(n, d.Size, trial.Outcome{Kind: trial.Completed},
			trial.Event{Type: trial.EventSignals, Kind: trial.StepOp, Op: "get", Signals: load(100*float64(d.Size), level)})
	}
	found := withLimits(r).Findings()
	require.Len(t, found, 1)
	f := found[0]
	assert.Equal(t, []int64{truth - 1, truth}, []int64{f.Safe, f.Broken})
	assert.Equal(t, threshold.Found, f.Search.Verdict)
	assert.Contains(t, f.Text, "processed falls from 200,000/s at 20 pps to 30,000/s")
}

// TestProbeBelowThePeak: a fresh VM smaller than the ladder's peak is held against what lies below itself.
func TestProbeBelowThePeak(t *testing.T) {
	r := climb().second("get", 10, load(1000, 100_000)).second("get", 20, load(2000, 400_000)).end(trial.Outcome{Kind: trial.Completed}).
		probed(2, 15, trial.Outcome{Kind: trial.Completed}, trial.Event{Type: trial.EventSignals, Kind: trial.StepOp, Op: "get", Signals: load(1500, 150_000)}).
		probed(3, 15, trial.Outcome{Kind: trial.Completed}, trial.Event{Type: trial.EventSignals, Kind: trial.StepOp, Op: "get", Signals: load(1500, 40_000)}).
		probed(4, 5, trial.Outcome{Kind: trial.Completed}, trial.Event{Type: trial.EventSignals, Kind: trial.StepOp, Op: "get", Signals: load(500, 0)})
	table := withLimits(r)
	require.Len(t, table.Probes, 3)
	for i, shows := range []bool{false, true, false} {
		assert.Equal(t, shows, table.Probes[i].Shows("livelock", OverLimit), "probe %d", i)
	}
}
