package growth

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// quality returns the share of the variance between sizes that the model explains, and its leave-one-size-out error:
// the coefficients are fitted without a size and predict it; exponent and knee are kept.
func (s *series) quality(m *model) (r2, prediction float64) {
	var flat normal
	total := 0.0
	for i, z := range s.z {
		w := 1 / s.v[i]
		flat.gram[0][0] += w
		flat.right[0] += w * z
		total += w * z * z
	}
	total -= flat.right[0] * flat.right[0] / flat.gram[0][0]
	if total > 0 {
		r2 = max(0, 1-m.fit.rss/total)
	}
	unit := m.unit
	if m.power > 0 {
		unit = []Term{one, {NS: 1, Power: m.power}}
	}
	sum := 0.0
	for i := range s.n {
		rest := s.without(i)
		fit := rest.solve(rest.columns(unit))
		f := 0.0
		for j, t := range unit {
			f += fit.coef[j] * t.At(s.n[i])
		}
		d := s.z[i] - math.Log(max(f, least*s.y[i]))
		sum += d * d
	}
	return r2, math.Sqrt(sum / float64(len(s.n)))
}

func (s *series) without(i int) *series {
	drop := func(x []float64) []float64 { return slices.Delete(slices.Clone(x), i, i+1) }
	return &series{n: drop(s.n), z: drop(s.z), y: drop(s.y), v: drop(s.v)}
}

// error is the relative standard error of the cost at a size, in the mean.
func (s *series) error(phi float64) float64 { return math.Sqrt(phi * mean(s.v)) }

// slope is the upper end of the interval of the log-log slope of the totals, at least 0, around a constant (or
// several, with a jump).
func (s *series) slope(m *model, e evidence) float64 {
	var sw, sx, sxx, sxr float64
	for i := range s.n {
		w, x, r := 1/s.v[i], math.Log(s.n[i]), s.z[i]-math.Log(m.fit.f[i])
		sw += w
		sx += w * x
		sxx += w * x * x
		sxr += w * x * r
	}
	phi, df := e.dispersion(m.fit.rss, m.params+1)
	spread := sxx - sx*sx/sw
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile((1 + level) / 2)
	return max(0, sxr/spread+t*math.Sqrt(phi/spread))
}

// before and after are the laws on the two sides of a knee.
func (m *model) before() (out []Term) {
	for _, t := range m.terms {
		if t.From == 0 {
			out = append(out, t)
		}
	}
	return out
}

func (m *model) after() (out []Term) {
	for _, t := range m.terms {
		if t.Upto == 0 {
			out = append(out, t)
		}
	}
	return out
}

func (m *model) sides() (before, after Side) {
	side := func(law []Term, n float64) Side {
		out := Side{Class: classOf(law), NS: evaluate(m.terms, n)}
		for _, t := range law {
			out.Marginal += t.marginal(n)
		}
		return out
	}
	at := m.knees[0].at
	return side(m.before(), at), side(m.after(), math.Nextafter(at, math.Inf(1)))
}

func percent(x float64) string { return fmt.Sprintf("%.0f%%", 100*x) }
