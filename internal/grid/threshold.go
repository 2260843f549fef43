package grid

import (
	"slices"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Threshold is where one failure lies on the ramped axis, for each value of the axis that stands still.
type Threshold struct {
	What   string     `json:"what"` // of the findings
	Kind   trial.Kind `json:"kind"`
	Points []Point    `json:"points"` // one for each run, in the order of the runs
	Law    Law        `json:"law"`
}

// Point is the threshold in one run: above Safe and at most Broken. Where Broken is 0 it did not show up to Upto, the largest
// size that was tried; where that is 0 too, nothing is known.
type Point struct {
	Value  int64 `json:"value"`
	Safe   int64 `json:"safe"` // 0: it showed at the smallest size already
	Broken int64 `json:"broken"`
	Upto   int64 `json:"upto,omitempty"`
	Seeded bool  `json:"seeded,omitempty"`
}

// thresholds returns every failure that any run found, the one that most runs share first.
func thresholds(axis scenario.Axis, g Grid, parts []Part) (all []Threshold) {
	for _, r := range g.Runs {
		for _, f := range r.Findings {
			same := func(t Threshold) bool { return t.What == f.What && t.Kind == f.Kind }
			if f.Kind == judge.Growth || slices.ContainsFunc(all, same) {
				continue
			}
			t := Threshold{What: f.What, Kind: f.Kind}
			for i, p := range parts {
				t.Points = append(t.Points, point(g.Runs[i], p, f))
			}
			t.Law = law(t.Points, axis, g.Second)
			all = append(all, t)
		}
	}
	slices.SortStableFunc(all, func(a, b Threshold) int { return b.shows() - a.shows() })
	return all
}

// shows is in how many runs it came.
func (t Threshold) shows() (n int) {
	for _, p := range t.Points {
		if p.Broken > 0 {
			n++
		}
	}
	return n
}

func point(r Run, p Part, f judge.Finding) Point {
	to := Point{Value: r.Value}
	for _, g := range r.Findings {
		if g.What == f.What && g.Kind == f.Kind {
			to.Safe, to.Broken, to.Seeded = g.Safe, g.Broken, g.Seeded
			return to
		}
	}
	if p.Finished {
		to.Upto = reach(p.Table, f)
	}
	return to
}

// reach returns the largest size at which the failure had a chance to show in a run without it: where the op that it came with was
// measured, or any op where it came with none.
func reach(t *judge.Table, f judge.Finding) (upto int64) {
	for _, n := range t.Sizes {
		for _, op := range t.Spec.Ops {
			c := t.Cell(n, op.Name)
			if c != nil && (op.Name == f.Op || f.Op == "") && len(c.Samples) > 0 {
				upto = n
			}
		}
	}
	return upto
}
