package growth

import (
	"math"
	"math/rand/v2"
)

// plan says how a planted curve is measured.
type plan struct {
	sizes []int64
	reps  int
	noise float64 // relative, of one sample
	spike float64 // probability that a sample takes 2 to 10 times as long
	shift float64 // relative, common to all samples of a size: repetitions that are not independent
}

// ladder returns k sizes from first to first*span, evenly in the logarithm.
func ladder(first, span float64, k int) (n []int64) {
	for i := range k {
		n = append(n, int64(math.Round(first*math.Pow(span, float64(i)/float64(k-1)))))
	}
	return n
}

// decades is the ladder of the acceptance: 8 sizes over two decades.
func decades() plan { return plan{sizes: ladder(100, 100, 8), reps: 5} }

// measure draws samples of a law.
func (p plan) measure(law func(float64) float64, rng *rand.Rand) (out []Point) {
	for _, n := range p.sizes {
		level := law(float64(n)) * math.Exp(p.shift*rng.NormFloat64())
		pt := Point{N: n}
		for range p.reps {
			x := level * math.Max(0.05, 1+p.noise*rng.NormFloat64())
			if rng.Float64() < p.spike {
				x *= 2 + 8*rng.Float64()
			}
			pt.Samples = append(pt.Samples, x)
		}
		out = append(out, pt)
	}
	return out
}

// law is a planted growth.
type law struct {
	name  string
	class Class
	p     float64 // exponent of the marginal cost plus one; NaN where there is no single one
	g     func(float64) float64
}

var laws = []law{
	{"constant", Constant, 0, func(float64) float64 { return 0 }},
	{"log", Log, 0, math.Log},
	{"linear", Linear, 1, func(n float64) float64 { return n }},
	{"linearithmic", Linearithmic, math.NaN(), func(n float64) float64 { return n * math.Log(n) }},
	{"quadratic", Quadratic, 2, func(n float64) float64 { return n * n }},
	{"cubic", Cubic, 3, func(n float64) float64 { return n * n * n }},
	{"power 1.5", Power, 1.5, func(n float64) float64 { return math.Pow(n, 1.5) }},
	{"power 2.5", Power, 2.5, func(n float64) float64 { return math.Pow(n, 2.5) }},
}

// plant gives a law a unit cost and a fixed cost. The growing part is 1000 ns at the smallest size, the fixed cost is
// the given multiple of it.
func (l law) plant(first, fixed float64) func(float64) float64 {
	unit := 1000.0
	if l.class != Constant {
		unit /= l.g(first)
	}
	return func(n float64) float64 { return fixed*1000 + unit*l.g(n) + btoi(l.class == Constant)*1000 }
}

func btoi(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
