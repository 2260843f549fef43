package judge

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/scenario"
	"brink/internal/trial"
)

func spec() scenario.Spec {
	return scenario.Spec{Name: "fake", Ops: []scenario.Op{
		{Name: "grow", From: scenario.Smaller, To: scenario.Full, Growth: scenario.Linear, Budget: scenario.Budget{PerUnit: time.Millisecond}},
		{Name: "get", From: scenario.Full, To: scenario.Full, Growth: scenario.Constant, Budget: scenario.Budget{Base: 10 * time.Millisecond}},
	}}
}

// record makes events as a run writes them.
type record []trial.Event

func (r *record) add(e trial.Event) *record { *r = append(*r, e); return r }

func (r *record) start(n int, steps ...trial.Step) *record {
	return r.add(trial.Event{Type: trial.EventTrial, Trial: n, Plan: &trial.Plan{Steps: steps}, Start: trial.StartBoot})
}

func (r *record) op(name string, size int64, walls ...time.Duration) *record {
	e := trial.Event{Type: trial.EventEnd, Trial: 1, Kind: trial.StepOp, Size: size, Op: name}
	for i, w := range walls {
		e.Samples = append(e.Samples, trial.Sample{Rep: i, Count: 1, WallNS: int64(w)})
	}
	return r.add(e)
}

func (r *record) canary(size int64, c ...trial.Canary) *record {
	return r.add(trial.Event{Type: trial.EventEnd, Trial: 1, Kind: trial.StepCanary, Size: size, Canaries: c, Health: &trial.Health{}})
}

func (r *record) end(o trial.Outcome) *record {
	return r.add(trial.Event{Type: trial.EventOutcome, Trial: 1, Outcome: &o})
}

// climb is a record of a whole healthy ramp over 10, 20, 40.
func climb() *record {
	r := (&record{}).start(1).canary(0)
	for i, n := range sizes {
		if i > 0 {
			r.op("grow", n, time.Microsecond)
		}
		r.op("get", n, time.Millisecond)
	}
	return r
}

var sizes = []int64{10, 20, 40}

func read(r *record) *Table { return Read(spec(), trial.Run{ID: "r", Axis: "peers", Sizes: sizes}, *r) }

func TestHealthyRamp(t *testing.T) {
	table := read(climb().end(trial.Outcome{Kind: trial.Completed}))
	found := table.Findings()
	assert.Empty(t, found)
	assert.Equal(t, int64(40), table.Safe(found))
	require.Len(t, table.Ends, 1)
	assert.Equal(t, trial.StartBoot, table.Ends[0].Start)
}

func TestFindings(t *testing.T) {
	failed := &trial.OpError{Errno: 12, Name: "ENOMEM", Message: "cannot allocate memory"}
	failure := func(kind trial.Kind) *trial.Failure {
		return &trial.Failure{Kind: kind, Title: "BUG in foo", Signature: string(kind) + ":foo:net", Function: "foo"}
	}
	for name, c := range map[string]struct {
		more func(*record)
		want []Finding
		safe int64
	}{
		"harness outcome": {func(r *record) { r.end(trial.Outcome{Kind: trial.Harness, Size: 20, Text: "killed"}) }, nil, 40},
		"panic of a guest that we made wrong": {func(r *record) {
			r.start(2).add(trial.Event{Type: trial.EventKernel, Trial: 2, Step: -1, Failure: failure(trial.Panic)}).
				add(trial.Event{Type: trial.EventOutcome, Trial: 2, Outcome: &trial.Outcome{Kind: trial.Harness, Text: "the guest stopped"}})
		}, nil, 40},
		"over budget": {func(r *record) { r.op("get", 20, 10*time.Millisecond, 30*time.Millisecond, 20*time.Millisecond) }, []Finding{{
			What: "get", Op: "get", Basis: "ladder", Kind: Budget, Safe: 10, Broken: 20, Trial: 1, Text: "get takes 30.0 ms, its budget is 10.0 ms"}}, 10},
		"over budget at the smallest": {func(r *record) { r.op("get", 10, time.Second) }, []Finding{{
			What: "get", Op: "get", Basis: "ladder", Kind: Budget, Broken: 10, Trial: 1, Text: "get takes 1.00 s, its budget is 10.0 ms"}}, 0},
		"over budget at two sizes": {func(r *record) { r.op("get", 40, 2*time.Second).op("get", 20, time.Second) }, []Finding{{
			What: "get", Op: "get", Basis: "ladder", Kind: Budget, Safe: 10, Broken: 20, Trial: 1, Text: "get takes 1.00 s, its budget is 10.0 ms"}}, 10},
		"just in its budget": {func(r *record) { r.op("get", 40, 10*time.Millisecond) }, nil, 40},
		"late": {func(r *record) {
			r.start(2, trial.Step{}, trial.Step{Deadline: time.Minute}).add(trial.Event{Type: trial.EventDeadline, Trial: 2, Step: 1,
				Kind: trial.StepOp, Size: 40, Op: "get", Task: &trial.Task{State: "D", Wchan: "rtnl_lock"}}).
				end(trial.Outcome{Kind: trial.Deadline, Size: 40, Op: "get"})
		}, []Finding{{What: "get", Op: "get", Basis: "ladder", Kind: trial.Deadline, Safe: 20, Broken: 40, Trial: 2,
			Text: "get not done after 60.0 s, its task is in state D in rtnl_lock"}}, 20},
		"refused": {func(r *record) {
			r.add(trial.Event{Type: trial.EventOpError, Trial: 1, Kind: trial.StepOp, Size: 20, Op: "grow", Err: failed}).
				end(trial.Outcome{Kind: trial.OpRefused, Size: 20, Op: "grow"})
		}, []Finding{{What: "grow", Op: "grow", Basis: "ladder", Kind: trial.OpRefused, Safe: 10, Broken: 20, Trial: 1, Signature: "op-error:grow:ENOMEM",
			Text: "grow: cannot allocate memory"}}, 10},
		"skipped": {func(r *record) {
			r.add(trial.Event{Type: trial.EventSkip, Trial: 1, Kind: trial.StepOp, Size: 40, Op: "get", Text: "no key"})
		}, nil, 40},
		"canary fails": {func(r *record) {
			r.canary(40, trial.Canary{Name: "timer", NS: 1}, trial.Canary{Name: "fork", Err: failed}).
				end(trial.Outcome{Kind: trial.OpRefused, Size: 40, Text: "canary fork"})
		}, []Finding{{What: "canary fork", Basis: "ladder", Kind: trial.OpRefused, Safe: 20, Broken: 40, Trial: 1,
			Signature: "op-error:canary-fork:ENOMEM", Text: "canary fork fails: cannot allocate memory"}}, 20},
		"canary is slow": {func(r *record) { r.canary(20, trial.Canary{Name: "rtnl", NS: int64(CanaryBudget) + 1}) }, []Finding{{
			What: "canary rtnl", Basis: "ladder", Kind: Budget, Safe: 10, Broken: 20, Trial: 1, Text: "canary rtnl takes 200 ms"}}, 10},
		"canary is in time": {func(r *record) { r.canary(20, trial.Canary{Name: "rtnl", NS: int64(CanaryBudget)}) }, nil, 40},
		"panic": {func(r *record) {
			r.end(trial.Outcome{Kind: trial.Panic, Size: 40, Op: "get", Text: "BUG in foo", Failure: failure(trial.Panic)})
		}, []Finding{{What: "panic:foo:net", Op: "get", Basis: "ladder", Kind: trial.Panic, Safe: 20, Broken: 40, Trial: 1, Signature: "panic:foo:net",
			Function: "foo", Text: "BUG in foo (during get)"}}, 20},
		"no word": {func(r *record) { r.end(trial.Outcome{Kind: trial.Unresponsive, Size: 20, Text: "silent"}) }, []Finding{{
			What: "unresponsive", Basis: "ladder", Kind: trial.Unresponsive, Safe: 10, Broken: 20, Trial: 1, Text: "silent"}}, 10},
		"the same from two sides": {func(r *record) {
			r.add(trial.Event{Type: trial.EventKernel, Trial: 1, Size: 40, Op: "get", Failure: failure(trial.Oops)}).
				end(trial.Outcome{Kind: trial.Oops, Size: 40, Op: "get", Text: "BUG in foo", Failure: failure(trial.Oops)})
		}, []Finding{{What: "oops:foo:net", Op: "get", Basis: "ladder", Kind: trial.Oops, Safe: 20, Broken: 40, Trial: 1, Signature: "oops:foo:net",
			Function: "foo", Text: "BUG in foo (during get)"}}, 20},
		"warning beside a refusal": {func(r *record) {
			r.add(trial.Event{Type: trial.EventKernel, Trial: 1, Size: 20, Failure: failure(trial.Warning)}).
				add(trial.Event{Type: trial.EventOpError, Trial: 1, Kind: trial.StepOp, Size: 40, Op: "get", Err: failed}).
				end(trial.Outcome{Kind: trial.OpRefused, Size: 40, Op: "get"})
		}, []Finding{
			{What: "warning:foo:net", Basis: "ladder", Kind: trial.Warning, Safe: 10, Broken: 20, Trial: 1, Signature: "warning:foo:net", Function: "foo", Text: "BUG in foo"},
			{What: "get", Op: "get", Basis: "ladder", Kind: trial.OpRefused, Safe: 20, Broken: 40, Trial: 1, Signature: "op-error:get:ENOMEM", Text: "get: cannot allocate memory"},
		}, 10},
		"our own init died": {func(r *record) {
			r.add(trial.Event{Type: trial.EventKernel, Trial: 1, Size: 20, Failure: failure(trial.Harness)}).end(trial.Outcome{Kind: trial.Harness})
		}, nil, 40},
	} {
		t.Run(name, func(t *testing.T) {
			r := climb()
			c.more(r)
			table := read(r)
			found := table.Findings()
			assert.Equal(t, c.want, found)
			assert.Equal(t, c.safe, table.Safe(found))
		})
	}
}

func TestSafeNeedsEveryOp(t *testing.T) {
	for name, c := range map[string]struct {
		drop string
		size int64
		safe int64
	}{
		"not measured at the end":        {"get", 40, 20},
		"not measured at the start":      {"get", 10, 0},
		"a hole ends what is safe":       {"grow", 20, 10},
		"nothing to grow from, no hole":  {"grow", 10, 40},
		"not measured, and not in it":    {"get", 99, 40},
		"grown from nothing is measured": {"grow", 40, 20},
	} {
		t.Run(name, func(t *testing.T) {
			var r record
			for _, e := range *climb() {
				if e.Op != c.drop || e.Size != c.size {
					r.add(e)
				}
			}
			table := read(&r)
			assert.Equal(t, c.safe, table.Safe(table.Findings()))
		})
	}
	assert.Zero(t, read(&record{}).Safe(nil), "an empty record shows nothing")
}

func TestUntimedOpsAreNotMeasured(t *testing.T) {
	r := (&record{}).start(1)
	r.add(trial.Event{Type: trial.EventEnd, Kind: trial.StepOp, Op: "get", Size: 10, Untimed: true, Samples: []trial.Sample{{WallNS: 1 << 50}}})
	assert.Nil(t, read(r).Cell(10, "get"))
	r.add(trial.Event{Type: trial.EventOpError, Kind: trial.StepOp, Op: "get", Size: 20, Untimed: true, Err: &trial.OpError{Name: "EIO"}})
	require.NotNil(t, read(r).Cell(20, "get"), "but a refusal counts wherever it comes")
	assert.Len(t, read(r).Findings(), 1)
}

func TestRests(t *testing.T) {
	r := (&record{}).start(1).canary(0).canary(10).canary(10).canary(20)
	r.start(2)
	r.add(trial.Event{Type: trial.EventEnd, Trial: 2, Kind: trial.StepCanary, Size: 20, Health: &trial.Health{}})
	var after []bool
	for _, rest := range read(r).Rests {
		after = append(after, rest.After)
	}
	assert.Equal(t, []bool{false, false, true, false, false}, after)
}

func TestMedianAndWorst(t *testing.T) {
	var c *Cell
	_, ok := c.Median()
	assert.False(t, ok)
	_, over := c.Worst(spec().Ops[1])
	assert.False(t, over)
	for _, w := range []int64{50, 10, 40, 20} {
		if c == nil {
			c = &Cell{}
		}
		c.Samples = append(c.Samples, trial.Sample{Count: 1, WallNS: w * 1e6})
	}
	m, ok := c.Median()
	require.True(t, ok)
	assert.Equal(t, int64(20e6), m.WallNS)
	assert.Equal(t, int64(50e6), c.Samples[0].WallNS, "the record stays in order")
	worst, over := c.Worst(spec().Ops[1])
	require.True(t, over)
	assert.Equal(t, int64(50e6), worst.WallNS)
	_, over = (&Cell{Samples: []trial.Sample{{Count: 100, WallNS: 90e6}}}).Worst(spec().Ops[0])
	assert.False(t, over, "100 units have 100 ms")
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ns", 1: "1 ns", 999: "999 ns", 1000: "1.00 µs", 1234: "1.23 µs", 12345: "12.3 µs", 123456: "123 µs",
		999_499: "999 µs", 999_500: "1.00 ms", 9_994_999: "9.99 ms", 9_996_000: "10.0 ms", 99_960_000: "100 ms",
		999_999_999: "1.00 s", time.Second: "1.00 s", 61500 * time.Millisecond: "61.5 s", 1234 * time.Second: "1234 s",
		-5: "-5 ns",
	} {
		assert.Equal(t, want, Duration(d), "%d ns", int64(d))
	}
}

// TestScatteredCostIsNotConstant: a real run again, whose samples scatter.
func TestScatteredCostIsNotConstant(t *testing.T) {
	r := (&record{}).start(1)
	ladder := []int64{128, 256, 512, 1024, 2048}
	for i, ms := range [][]time.Duration{{20, 17, 14}, {46, 62, 63}, {110, 72, 104}, {95, 201, 196}, {206, 198, 195}} {
		r.op("clear", ladder[i], ms[0]*time.Millisecond, ms[1]*time.Millisecond, ms[2]*time.Millisecond)
	}
	s := scenario.Spec{Name: "fake", Ops: []scenario.Op{{Name: "clear", From: scenario.Full, To: scenario.Empty, Growth: scenario.Linear,
		Budget: scenario.Budget{Base: time.Second}}}}
	tab := Read(s, trial.Run{ID: "r", Axis: "dying", Sizes: ladder}, *r)
	assert.NotContains(t, tab.Law(s.Ops[0]), "constant")
}

// TestOneLateSizeIsNoOverGrowth: the times are those of a real run, in which the last size waited for one grace period more.
func TestOneLateSizeIsNoOverGrowth(t *testing.T) {
	r := (&record{}).start(1)
	ladder := []int64{256, 512, 1024, 2048, 4096}
	for i, ms := range []time.Duration{402, 404, 409, 413, 622} {
		r.op("clear", ladder[i], ms*time.Millisecond)
	}
	s := scenario.Spec{Name: "fake", Ops: []scenario.Op{{Name: "clear", From: scenario.Full, To: scenario.Empty, Growth: scenario.Linear,
		Budget: scenario.Budget{Base: time.Second}}}}
	tab := Read(s, trial.Run{ID: "r", Axis: "dying", Sizes: ladder}, *r)
	assert.Empty(t, tab.Findings())
	assert.Equal(t, "cannot tell", tab.Law(s.Ops[0]), "that it is constant is as doubtful")
}
