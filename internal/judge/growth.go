package judge

import (
	"fmt"

	"brink/internal/growth"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Growth is the kind of a finding that grows faster with the size than its spec expects, whether it is too slow already
// or not.
const Growth trial.Kind = "over-growth"

// growthSeed makes the bootstrap of a fit repeatable: the same record gives the same finding.
const growthSeed = 1

// Fit says how the cost of one sample of an op grows with the size. An op that starts from the next smaller size is not
// fitted: its cost depends on two sizes.
func (t *Table) Fit(op scenario.Op) (growth.Result, bool) {
	if op.From == scenario.Smaller {
		return growth.Result{}, false
	}
	if r, ok := t.fits[op.Name]; ok {
		return r, true
	}
	points := t.points(op)
	if len(points) == 0 {
		return growth.Result{}, false
	}
	r := growth.Fit(points, growthSeed)
	if points[len(points)-1].N < wideRange*points[0].N {
		r.Verdict, r.Class, r.Knee = growth.CannotTell, "", nil
	}
	// With few samples that scatter the simplest law may be a constant, and yet the cost seems to grow. Neither is to be believed.
	grows, confidence := r.Exceeds(scenario.Constant)
	if r.Class == growth.Constant && (grows || confidence > 0.95 || risen(points) > doubtful) {
		r.Verdict, r.Class, r.Knee, r.Exponent = growth.CannotTell, "", nil, nil
	}
	if t.fits == nil {
		t.fits = map[string]growth.Result{}
	}
	t.fits[op.Name] = r
	return r, true
}

// doubtful is how much larger the cost at the last size must be than at the first for a constant not to be believed.
const doubtful = 3

// risen is by how much the median at the last size exceeds that at the first.
func risen(points []growth.Point) float64 {
	first, _ := middle(points[0].Samples)
	last, _ := middle(points[len(points)-1].Samples)
	return last / max(first, 1)
}

// Law says in a few words how an op grows; where several laws fit the samples, the exponent at least. It is empty without samples.
func (t *Table) Law(op scenario.Op) string {
	fit, ok := t.Fit(op)
	e := fit.Exponent
	switch {
	case !ok:
		return ""
	case fit.Verdict == growth.Told:
		return Model(fit)
	case e != nil && t.wide(op):
		return fmt.Sprintf("cannot tell which law; exponent %.2f (%.2f to %.2f)", e.Value, e.Low, e.High)
	}
	return "cannot tell"
}

// points are the samples of an op, size by size.
func (t *Table) points(op scenario.Op) []growth.Point {
	var points []growth.Point
	for _, n := range t.Sizes {
		c := t.Cell(n, op.Name)
		if c == nil || len(c.Samples) == 0 {
			continue
		}
		p := growth.Point{N: n}
		for _, s := range c.Samples {
			p.Samples = append(p.Samples, float64(s.WallNS))
		}
		points = append(points, p)
	}
	return points
}

// growthFindings are the ops whose growth is above what is expected of them. Broken is the size at which such an op
// will pass its budget, beyond the ladder if it has not yet.
func (t *Table) growthFindings() (found []Finding) {
	for _, op := range t.Spec.Ops {
		r, ok := t.Fit(op)
		if !ok {
			continue
		}
		above, confidence := r.Exceeds(op.Growth)
		if !above || r.Exponent == nil || !t.wide(op) { // without an exponent the samples contradict each other
			continue
		}
		text := fmt.Sprintf("%s grows faster than %s (confidence %.4g)", op.Name, op.Growth, confidence)
		if e := r.Exponent; e != nil {
			text = fmt.Sprintf("%s grows as n^%.2f (%.2f to %.2f), %s is expected (confidence %.4g)",
				op.Name, e.Value, e.Low, e.High, op.Growth, confidence)
		}
		n, when := t.passes(op, r)
		if when != "" {
			text += "; " + when
		}
		found = append(found, Finding{What: op.Name, Op: op.Name, Kind: Growth, Broken: n, Text: text,
			Confidence: confidence, Basis: "samples", Trial: t.lastTrial(op)})
	}
	return found
}

// farthest is how far beyond the ladder a growth is followed.
const farthest = 1000

// passes returns the size at which the fitted cost passes the budget: one of the ladder's, or where it will be, and then
// a sentence about it.
func (t *Table) passes(op scenario.Op, r growth.Result) (n int64, when string) {
	units := false // a sample counts units, so that its budget grows with the size
	for _, n := range t.Sizes {
		if c := t.Cell(n, op.Name); c != nil && len(c.Samples) > 0 && c.Samples[0].Count > 1 {
			units = true
		}
	}
	over := func(n int64) bool {
		count := int64(1)
		if units {
			count = n
		}
		return r.At(float64(n)) > float64(op.Budget.At(count))
	}
	for _, n := range t.Sizes {
		if over(n) {
			return n, ""
		}
	}
	last := t.Sizes[len(t.Sizes)-1]
	for n = last; n < farthest*last; n += n/20 + 1 {
		if over(n) {
			return n, fmt.Sprintf("it will pass its budget at about %.2g", float64(n))
		}
	}
	return n, ""
}

// wideRange is how far apart the sizes must be for a growth to be a finding: over a narrower range a cost that moves for
// other reasons looks like a steep power.
const wideRange = 10

func (t *Table) wide(op scenario.Op) bool {
	points := t.points(op)
	return len(points) >= 5 && points[len(points)-1].N >= wideRange*points[0].N
}

func (t *Table) lastTrial(op scenario.Op) int {
	last := 0
	for _, n := range t.Sizes {
		if c := t.Cell(n, op.Name); c != nil {
			last = max(last, c.Trial)
		}
	}
	return last
}
