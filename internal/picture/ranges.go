package picture

import "math"

// How far the time axis follows what is drawn beside the samples, in decades: a budget far away would press the samples flat.
const (
	followFit    = 1.0
	followBudget = 2.0
)

// ranges chooses the axes.
func (v *view) ranges() {
	v.x = v.sizeRange()
	v.y = v.timeRange()
}

func (v *view) sizeRange() scale {
	s := scale{math.Inf(1), 0}
	take := func(n int64) {
		if n > 0 {
			s.lo, s.hi = min(s.lo, float64(n)), max(s.hi, float64(n))
		}
	}
	for _, p := range v.Points {
		take(p.Size)
	}
	take(v.Safe)
	take(v.Broken)
	if s.hi == 0 {
		return scale{1, 1000}
	}
	after := 0.04
	if v.Broken > 0 {
		after = 0.08 // room to show that it is an edge
	}
	return s.widen(0.6).pad(0.04, after)
}

func (v *view) timeRange() scale {
	s := scale{math.Inf(1), 0}
	for _, m := range v.sizes {
		s.lo, s.hi = min(s.lo, m.samples[0]), max(s.hi, m.samples[len(m.samples)-1])
	}
	part, guess := v.inside()
	s = v.follow(s, v.mid, scale{part.lo, guess.hi}, followFit)
	s = v.follow(s, v.budget, v.x, followBudget)
	if s.hi == 0 {
		return scale{1e3, 1e9}
	}
	return s.widen(1).pad(0.05, 0.05)
}

// follow makes the axis longer for a curve, up to a number of decades. Without samples the curve alone makes it.
func (v *view) follow(s scale, f func(float64) float64, part scale, decades float64) scale {
	reach := math.Pow(10, decades)
	lo, hi := s.lo/reach, s.hi*reach
	if s.hi == 0 {
		lo, hi = 0, math.Inf(1)
	}
	for _, line := range v.trace(f, part) {
		for _, d := range line {
			if d.ns >= lo && d.ns <= hi {
				s.lo, s.hi = min(s.lo, d.ns), max(s.hi, d.ns)
			}
		}
	}
	return s
}

// offPicture tells where a curve lies that has values but none on the axes: "above", "below", or nothing.
func (v *view) offPicture(f func(float64) float64) string {
	above, below := false, false
	for _, line := range v.trace(f, v.x) {
		for _, d := range line {
			if v.y.holds(d.ns) {
				return ""
			}
			above, below = above || d.ns > v.y.hi, below || d.ns < v.y.lo
		}
	}
	switch {
	case above && !below:
		return "above"
	case below && !above:
		return "below"
	}
	return ""
}
