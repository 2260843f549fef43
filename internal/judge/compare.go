package judge

import (
	"fmt"
	"slices"

	"brink/internal/growth"
	"brink/internal/scenario"
)

// OpChange is how an op of run B compares with that of run A.
type OpChange struct {
	Op string `json:"op"`
	growth.Comparison
}

// FindingChange is a finding that only one of two runs has, or that moved.
type FindingChange struct {
	Finding Finding  `json:"finding"`         // of the run that has it; of B if both have
	In      string   `json:"in"`              // A, B or both
	Other   *Finding `json:"other,omitempty"` // of A, if both have it
}

// Comparison is what two runs of the same scenario show side by side.
type Comparison struct {
	Ops      []OpChange      `json:"ops"`
	Findings []FindingChange `json:"findings"`
	SafeA    int64           `json:"safe_a"`
	SafeB    int64           `json:"safe_b"`
}

// Comparable says why two runs cannot be compared: they ramp different things, or hold different clocks.
func Comparable(a, b *Table) error {
	switch {
	case a.Head.Scenario != b.Head.Scenario || a.Head.Axis != b.Head.Axis:
		return fmt.Errorf("%s and %s ramp different things", a.Head.ID, b.Head.ID)
	case a.Head.Machine.Clock != b.Head.Machine.Clock || a.Head.Machine.Accel != b.Head.Machine.Accel:
		return fmt.Errorf("%s and %s hold different clocks (%s %s, %s %s): their times cannot be compared", a.Head.ID, b.Head.ID,
			a.Head.Machine.Accel, a.Head.Machine.Clock, b.Head.Machine.Accel, b.Head.Machine.Clock)
	}
	return nil
}

// Compare sets run b against run a.
func Compare(a, b *Table) Comparison {
	foundA, foundB := a.Findings(), b.Findings()
	c := Comparison{SafeA: a.Safe(foundA), SafeB: b.Safe(foundB)}
	for _, op := range a.Spec.Ops {
		if op.From == scenario.Smaller && !slices.Equal(a.Sizes, b.Sizes) {
			continue // it starts from the next smaller size, which is another one
		}
		x, y := a.points(op), b.points(op)
		if len(x) > 0 && len(y) > 0 {
			c.Ops = append(c.Ops, OpChange{op.Name, growth.Compare(x, y, growthSeed)})
		}
	}
	for _, f := range foundA {
		if find(foundB, f) == nil {
			c.Findings = append(c.Findings, FindingChange{Finding: f, In: "A"})
		}
	}
	for _, f := range foundB {
		switch other := find(foundA, f); {
		case other == nil:
			c.Findings = append(c.Findings, FindingChange{Finding: f, In: "B"})
		case apart(*other, f):
			c.Findings = append(c.Findings, FindingChange{Finding: f, In: "both", Other: other})
		}
	}
	return c
}

// find returns the same finding of another run.
func find(found []Finding, f Finding) *Finding {
	i := slices.IndexFunc(found, func(g Finding) bool { return g.What == f.What && g.Kind == f.Kind })
	if i < 0 {
		return nil
	}
	return &found[i]
}

// apart reports whether two thresholds differ: their intervals have no size in common.
func apart(f, g Finding) bool { return f.Broken <= g.Safe || g.Broken <= f.Safe }

// Regression reports whether B is worse than A: an op is slower or grows faster beyond doubt, something fails that did
// not, or fails at a smaller size.
func (c Comparison) Regression() bool {
	return slices.ContainsFunc(c.Ops, func(o OpChange) bool { return o.Worse() }) ||
		slices.ContainsFunc(c.Findings, func(f FindingChange) bool { return f.Worse() })
}

// Worse reports whether the op is slower, or grows faster.
func (o OpChange) Worse() bool {
	return o.Difference == growth.Slower || o.Growth.Changed && o.Growth.Exponent != nil && o.Growth.Exponent.Value > 0
}

// Worse reports whether the finding is B's alone, or came down in size.
func (f FindingChange) Worse() bool {
	return f.In == "B" || f.In == "both" && f.Finding.Broken <= f.Other.Safe
}
