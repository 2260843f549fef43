package judge

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/scenario"
	"brink/internal/threshold"
	"brink/internal/trial"
)

// probed adds a fresh VM to a record: what it did, and how it ended.
func (r *record) probed(n int, size int64, o trial.Outcome, events ...trial.Event) *record {
	r.add(trial.Event{Type: trial.EventTrial, Trial: n, Plan: &trial.Plan{Probe: &trial.Probe{Size: size}}, Start: trial.StartBoot})
	for _, e := range events {
		e.Trial, e.Size = n, size
		r.add(e)
	}
	return r.add(trial.Event{Type: trial.EventOutcome, Trial: n, Outcome: &o})
}

func panics(size int64) trial.Outcome {
	return trial.Outcome{Kind: trial.Panic, Size: size, Op: "get", Text: "boom",
		Failure: &trial.Failure{Kind: trial.Panic, Title: "boom", Signature: "panic:f:s"}}
}

var slow = trial.Event{Type: trial.EventEnd, Kind: trial.StepOp, Op: "get", Samples: []trial.Sample{{Count: 1, WallNS: int64(time.Second)}}}

// searching reads a record whose ladder of 10, 20, 40 may be searched.
func searching(r *record) *Table {
	return Read(spec(), trial.Run{ID: "r", Axis: "peers", Sizes: sizes, Width: 0.02, MaxBoots: 40}, *r)
}

func TestAFreshVMThatIsLostIsNoPass(t *testing.T) {
	r := climb().op("get", 40, time.Second) // over budget on the ladder
	for i := range 20 {
		r.probed(2+i, 40, panics(40))
	}
	table := searching(r)
	found := table.Findings()
	require.NotEmpty(t, found)
	assert.NotEqual(t, threshold.NotConfirmed, found[0].Search.Verdict, "the size is not safe, whatever is wrong with it")
	last := found[len(found)-1]
	assert.Equal(t, trial.Panic, last.Kind, "what only fresh VMs show is a finding, too")
	assert.Equal(t, int64(40), last.Broken)
	assert.Equal(t, "fresh VMs", last.Basis)
}

func TestSearchNarrowsTheFinding(t *testing.T) {
	r := climb().op("get", 40, time.Second)
	done := trial.Outcome{Kind: trial.Completed}
	for i, p := range []struct {
		size int64
		bad  bool
	}{{40, true}, {30, true}, {25, false}, {27, true}, {26, false}, {26, false}, {27, true}, {26, false}, {27, true}, {26, false}, {27, true}} {
		if p.bad {
			r.probed(2+i, p.size, done, slow)
		} else {
			r.probed(2+i, p.size, done)
		}
	}
	table := searching(r)
	found := table.Findings()
	require.Len(t, found, 1)
	f := found[0]
	assert.Equal(t, []int64{26, 27}, []int64{f.Safe, f.Broken})
	assert.Equal(t, [2]int64{20, 40}, f.Search.Ladder)
	assert.Equal(t, "fresh VMs", f.Basis)
	assert.Greater(t, f.Confidence, 0.9)
	assert.Contains(t, f.Text, "(seen at 40 on the ladder)")
	assert.Equal(t, int64(26), table.Safe(found))
}

func TestHarnessFaultsAreNoProbes(t *testing.T) {
	r := climb().op("get", 40, time.Second).probed(2, 40, trial.Outcome{Kind: trial.Harness})
	table := searching(r)
	f, ok := table.Target()
	require.True(t, ok)
	assert.Equal(t, int64(40), table.Next(f, 0.02, 40).Size, "the confirmation is still to come")
}

// growing is a table of one op that costs n² ns times the given factor, at these sizes.
func growing(factor float64, from, to int64, budget scenario.Budget) *Table {
	s := scenario.Spec{Name: "fake", Ops: []scenario.Op{{Name: "get", From: scenario.Full, To: scenario.Full, Growth: scenario.Constant, Budget: budget}}}
	head := trial.Run{ID: "r", Axis: "peers"}
	r := (&record{}).start(1)
	for n := from; n <= to; n = n*3/2 + 1 {
		head.Sizes = append(head.Sizes, n)
		cost := time.Duration(factor*float64(n*n)) + time.Millisecond
		r.op("get", n, cost, cost+cost/1000, cost-cost/1000)
	}
	head.Sizes = append(head.Sizes, 2*to) // lost before it was measured
	return Read(s, head, *r)
}

func TestOverGrowth(t *testing.T) {
	budget := scenario.Budget{Base: time.Hour}
	found := growing(100, 100, 20_000, budget).Findings()
	require.Len(t, found, 1)
	assert.Equal(t, Growth, found[0].Kind)
	assert.Contains(t, found[0].Text, "get grows as n^2.0")
	assert.Contains(t, found[0].Text, "it will pass its budget at about")
	assert.Greater(t, found[0].Confidence, 0.99)
	assert.InEpsilon(t, 190_000, found[0].Broken, 0.2, "sqrt(3600 s / 100 ns)")

	far := growing(100, 100, 20_000, scenario.Budget{Base: 1 << 62}).Findings()
	require.Len(t, far, 1)
	assert.NotContains(t, far[0].Text, "budget", "no word about what is out of sight")

	assert.Empty(t, growing(100, 10_000, 20_000, budget).Findings(), "a narrow range proves nothing")
}
