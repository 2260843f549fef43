package growth

import (
	"math"

	"brink/internal/scenario"
	"gonum.org/v1/gonum/stat/distuv"
)

const (
	sure = 0.998 // confidence at which a growth counts as above what is expected
	// rise is how much the marginal cost must rise over the range, beyond what is expected, and the whole cost at all, to
	// matter: a bend of a few per cent can be certain under the instruction clock and yet be only a hash table that fills.
	rise = 1.25
)

// Above says how sure it is that the cost grows faster than expected.
type Above struct {
	Expected   scenario.Growth `json:"expected"`
	Confidence float64         `json:"confidence"` // that it grows faster at all
	// Rise is the factor by which the marginal cost (for O(1) the cost) rises over the range beyond what is expected.
	Rise    float64 `json:"rise"`
	Exceeds bool    `json:"exceeds"`
}

// Exceeds reports whether the cost grows faster than expected, with confidence, and by enough to matter; the second
// result is the confidence that it grows faster at all, 0 to 1. n log n exceeds O(n). A growth that is unknown is
// never exceeded.
func (r Result) Exceeds(expected scenario.Growth) (bool, float64) {
	for _, a := range r.Above {
		if a.Expected == expected {
			return a.Exceeds, a.Confidence
		}
	}
	return false, 0
}

// above tests the growths that a spec can expect against the free power: an F test of no growth at all, with both the
// factor and the exponent free, and one-sided t tests of exponents 0 and 1 on the signed root of the profile.
func (f *family) above(p float64, fit fitted, e evidence) (out []Above) {
	phi, df := e.dispersion(fit.rss, f.params())
	first, last := f.n[0], f.n[len(f.n)-1]
	total := fit.f[len(fit.f)-1] / fit.f[0]
	flat := f.solve(f.base)
	ratio := max(0, flat.rss-fit.rss) / phi
	a := Above{Expected: scenario.Constant, Confidence: distuv.F{D1: 2, D2: df}.CDF(ratio / 2), Rise: total}
	a.Exceeds = a.Confidence >= sure && a.Rise >= rise
	out = append(out, a)
	if f.from > 0 {
		first = f.from
	}
	for _, g := range []scenario.Growth{scenario.Log, scenario.Linear} {
		q := expects(g)
		t := math.Sqrt(max(0, f.at(q).rss-fit.rss) / phi)
		if p < q {
			t = -t
		}
		confidence := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.CDF(t)
		a := Above{Expected: g, Confidence: confidence, Rise: math.Pow(last/first, p-q)}
		a.Exceeds = a.Confidence >= sure && a.Rise >= rise && total >= rise
		out = append(out, a)
	}
	return out
}
