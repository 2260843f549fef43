package judge

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/growth"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// ramp is a table of one constant op with three samples at each of five sizes.
func ramp(t *testing.T, cost time.Duration, fail ...int64) *Table {
	t.Helper()
	s := scenario.Spec{Name: "fake", Ops: []scenario.Op{{Name: "get", From: scenario.Full, To: scenario.Full, Growth: scenario.Constant,
		Budget: scenario.Budget{Base: time.Hour}}}}
	head := trial.Run{ID: "r", Scenario: "fake", Axis: "peers", Sizes: []int64{10, 20, 40, 80, 160}}
	r := (&record{}).start(1)
	for _, n := range head.Sizes {
		r.op("get", n, cost, cost+cost/100, cost-cost/100)
	}
	for _, n := range fail {
		r.end(trial.Outcome{Kind: trial.Panic, Size: n, Op: "get", Text: "boom"})
	}
	return Read(s, head, *r)
}

func TestCompare(t *testing.T) {
	for name, c := range map[string]struct {
		a, b       *Table
		difference growth.Difference
		findings   []string
		regression bool
	}{
		"the same":          {ramp(t, 1000), ramp(t, 1000), growth.NotDifferent, nil, false},
		"slower":            {ramp(t, 1000), ramp(t, 1500), growth.Slower, nil, true},
		"faster":            {ramp(t, 1500), ramp(t, 1000), growth.Faster, nil, false},
		"fails":             {ramp(t, 1000), ramp(t, 1000, 40), growth.NotDifferent, []string{"B"}, true},
		"no longer fails":   {ramp(t, 1000, 40), ramp(t, 1000), growth.NotDifferent, []string{"A"}, false},
		"fails alike":       {ramp(t, 1000, 40), ramp(t, 1000, 40), growth.NotDifferent, nil, false},
		"fails earlier":     {ramp(t, 1000, 80), ramp(t, 1000, 20), growth.NotDifferent, []string{"both"}, true},
		"fails later":       {ramp(t, 1000, 20), ramp(t, 1000, 80), growth.NotDifferent, []string{"both"}, false},
		"faster, but fails": {ramp(t, 1500), ramp(t, 1000, 160), growth.Faster, []string{"B"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			got := Compare(c.a, c.b)
			require.Len(t, got.Ops, 1)
			assert.Equal(t, c.difference, got.Ops[0].Difference)
			var in []string
			for _, f := range got.Findings {
				in = append(in, f.In)
			}
			assert.Equal(t, c.findings, in)
			assert.Equal(t, c.regression, got.Regression())
		})
	}
}

func TestComparable(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*trial.Run)
		want  string
	}{
		"clock":       {func(r *trial.Run) { r.Machine.Clock = trial.ClockWall }, "hold different clocks"},
		"accelerator": {func(r *trial.Run) { r.Machine.Accel = "kvm" }, "hold different clocks"},
		"scenario":    {func(r *trial.Run) { r.Scenario = "other" }, "ramp different things"},
		"axis":        {func(r *trial.Run) { r.Axis = "other" }, "ramp different things"},
	} {
		t.Run(name, func(t *testing.T) {
			b := ramp(t, 1000)
			c.spoil(&b.Head)
			require.ErrorContains(t, Comparable(ramp(t, 1000), b), c.want)
		})
	}
	require.NoError(t, Comparable(ramp(t, 1000), ramp(t, 1000)))
}
