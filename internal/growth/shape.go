package growth

import "math"

// shape is a kind of knee wherever it is: a growth (or none), and what comes at the knee.
type shape struct {
	kind  KneeKind
	grow  *Term // before the knee
	steep *Term // what begins to grow at the knee
	stops bool  // grow stops there, steep takes its place; else steep comes on top
}

// shapes are the knees looked for: a level that rises or falls at once, a cost per unit that does, a growth on top of
// the old one or in its place.
var shapes = makeShapes()

func makeShapes() (out []shape) {
	for _, g := range []*Term{nil, &logN, &linN, &linLogN, &square, &cube} {
		out = append(out, shape{kind: Jump, grow: g}, shape{kind: Drop, grow: g})
		if g == &linN || g == &square {
			out = append(out, shape{kind: Jump, grow: g, steep: g})
		}
		for _, h := range []*Term{&linN, &linLogN, &square, &cube} {
			if g != nil && h.rank() < g.rank() || h == &linLogN && g != &linLogN {
				continue
			}
			out = append(out, shape{kind: Bend, grow: g, steep: h})
			if g != nil && g != h {
				out = append(out, shape{kind: Bend, grow: g, steep: h, stops: true})
			}
		}
	}
	return out
}

// terms places the shape.
func (s shape) terms(at float64) []Term {
	out := []Term{one}
	if s.grow != nil {
		g := *s.grow
		if s.stops {
			g.Upto = at
		}
		out = append(out, g)
	}
	switch s.kind {
	case Jump:
		out = append(out, Term{NS: 1, From: at})
	case Drop:
		out = append(out, Term{NS: 1, Upto: at})
	}
	if s.steep != nil {
		h := *s.steep
		h.From = at
		out = append(out, h)
	}
	return out
}

// places returns where the shape may be: between two sizes, for a bend so many places in each gap.
func (s shape) places(n []float64, between int) (at []float64) {
	for i := aside - 1; i+aside < len(n); i++ {
		if s.kind != Bend {
			at = append(at, math.Sqrt(n[i]*n[i+1]))
			continue
		}
		for j := range between {
			at = append(at, n[i]*math.Pow(n[i+1]/n[i], float64(j)/float64(between)))
		}
	}
	return at
}
