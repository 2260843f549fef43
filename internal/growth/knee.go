package growth

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// KneeKind is how the regime changes.
type KneeKind string

// The kinds of knee.
const (
	Jump KneeKind = "jump" // the level rises at once
	Drop KneeKind = "drop" // the level falls at once
	Bend KneeKind = "bend" // the level goes on, the growth becomes steeper
)

// Knee is a change of regime. The interval [Low, High] holds 95%; a jump is known to lie between two sizes only.
type Knee struct {
	Kind   KneeKind `json:"kind"`
	At     float64  `json:"at"`
	Low    float64  `json:"low"`
	High   float64  `json:"high"`
	Before Side     `json:"before"`
	After  Side     `json:"after"`
}

// Side is the regime on one side of a knee.
type Side struct {
	Class    Class   `json:"class"`
	NS       float64 `json:"ns"`       // cost at the knee
	Marginal float64 `json:"marginal"` // cost of one more, ns per unit, at the knee
}

const (
	aside    = 2 // sizes needed on either side of a knee: one alone may be an accident
	visible  = 1.05
	refined  = 8   // shapes whose place is searched between the places tried
	material = 1.2 // a knee changes the cost, somewhere after it, at least by this factor
)

// knee is a candidate: the terms with unit coefficients, and their fit.
type knee struct {
	shape shape
	at    float64
	terms []Term
	fit   fitted
}

// params counts the coefficients and the place.
func (k *knee) params() int { return len(k.terms) + 1 }

// matters reports whether the knee changes the cost enough, against the law before it going on: by the material factor
// somewhere, and visibly at more than one size, or it explains one wild size and nothing else.
func (k *knee) matters(n []float64) bool {
	largest, seen := 1.0, 0
	for i, x := range n {
		if x <= k.at {
			continue
		}
		without := 0.0
		for j, t := range k.terms {
			if t.From == 0 {
				t.NS, t.Upto = t.NS*k.fit.coef[j], 0
				without += t.At(x)
			}
		}
		factor := max(k.fit.f[i]/without, without/k.fit.f[i])
		largest = max(largest, factor)
		if factor >= visible {
			seen++
		}
	}
	return largest >= material && seen >= aside
}

func (s *series) columns(terms []Term) [][]float64 {
	cols := make([][]float64, len(terms))
	for i, t := range terms {
		cols[i] = t.column(s.n)
	}
	return cols
}

// knees returns the best places of the best shapes, best first, a simpler one before one that fits hardly better;
// none if there are too few sizes. Whether one of them is better than no knee is for choose to say.
func (s *series) knees() (out []*knee) {
	for _, sh := range shapes {
		if k := s.place(sh); k != nil && k.params() < len(s.n) {
			out = append(out, k)
		}
	}
	slices.SortStableFunc(out, func(a, b *knee) int { return cmp.Compare(a.fit.rss, b.fit.rss) })
	out = out[:min(len(out), refined)]
	least := math.Inf(1)
	var e evidence
	for _, k := range out {
		s.refine(k)
		if r := k.fit.rss / float64(len(s.n)-k.params()); r < least {
			least, e = r, s.weigh(k.fit.rss, k.params(), 0.01)
		}
	}
	score := func(k *knee) float64 { return e.aicc(k.fit.rss, k.params()) + termReluctance*float64(len(k.terms)) }
	slices.SortStableFunc(out, func(a, b *knee) int { return cmp.Compare(score(a), score(b)) })
	return out
}

// place finds the best place of a shape: one linear step for each, the full fit for the best of them.
func (s *series) place(sh shape) *knee {
	var best *knee
	for _, at := range sh.places(s.n, min(4, 1+24/len(s.n))) {
		terms := sh.terms(at)
		fit := s.step(s.columns(terms), s.y, s.y)
		if best == nil || fit.rss < best.fit.rss {
			best = &knee{shape: sh, at: at, terms: terms, fit: fit}
		}
	}
	if best != nil {
		best.fit = s.solve(s.columns(best.terms))
	}
	return best
}

// refine moves a bend within its neighbourhood, in the logarithm of the size.
func (s *series) refine(k *knee) {
	if k.shape.kind != Bend {
		return
	}
	inner := s.n[aside-1 : len(s.n)-aside+1]
	for reach := 0.25 * math.Log(s.n[1]/s.n[0]); reach > 1e-4; reach /= 2 {
		for _, at := range []float64{k.at * math.Exp(-reach), k.at * math.Exp(reach)} {
			if at < inner[0] || at >= inner[len(inner)-1] {
				continue
			}
			terms := k.shape.terms(at)
			if fit := s.solve(s.columns(terms)); fit.rss < k.fit.rss {
				k.at, k.terms, k.fit = at, terms, fit
			}
		}
	}
}

// locate gives the best knee its interval: all places at which one of its kind fits about as well, by the F quantile
// of one more parameter, rounded outwards to a sixteenth of a gap, a jump to the two sizes around it.
func (s *series) locate(all []*knee, e evidence) Knee {
	best := all[0]
	phi, df := e.dispersion(best.fit.rss, best.params())
	limit := best.fit.rss + phi*distuv.F{D1: 1, D2: df}.Quantile(level)
	out := Knee{Kind: best.shape.kind, At: best.at, Low: best.at, High: best.at}
	for _, k := range all {
		if k.shape.kind != best.shape.kind || k != best && k.fit.rss > limit {
			continue
		}
		for _, at := range append(k.shape.places(s.n, 16), k.at) {
			if at != best.at && s.solve(s.columns(k.shape.terms(at))).rss > limit {
				continue
			}
			lo, hi := s.gap(at)
			if best.shape.kind == Bend {
				step := math.Pow(hi/lo, 1.0/16)
				lo, hi = at/step, at*step
			}
			out.Low, out.High = min(out.Low, lo), max(out.High, hi)
		}
	}
	return out
}

// gap returns the two sizes around a place.
func (s *series) gap(at float64) (lo, hi float64) {
	for _, n := range s.n {
		if n > at {
			return lo, n
		}
		lo = n
	}
	return lo, lo
}
