package growth

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

const (
	resamples = 400
	level     = 0.95 // of every interval
)

// Exponent is p in a + b*n^p, the growth of the marginal cost plus one; 0 stands for log n. Low and High hold 95%.
//
// Of a constant cost no p can be told: Value and Low are 0 and High is the largest log-log slope of the totals that the
// noise would hide.
type Exponent struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Contains reports whether p is inside the interval.
func (e Exponent) Contains(p float64) bool { return e.Low <= p && p <= e.High }

// interval is the profile interval {p : (rss(p) - rss(best)) / dispersion <= q}, where q is the 95% quantile of that
// very statistic over series drawn from the fit. The draws take the dispersion as unknown too, so that few sizes give
// a wide interval, and they hold the fixed cost to be not negative as the fit does.
//
// Note: the percentile interval of redrawn samples is no good here. With five samples a size it is 10% too narrow,
// with one it does not exist, and where the fixed cost is 0 it is wrong (Andrews: Inconsistency of the bootstrap when
// a parameter is on the boundary of the parameter space, Econometrica 2000).
func (f *family) interval(p float64, fit fitted, e evidence, rng *rand.Rand) Exponent {
	phi, df := e.dispersion(fit.rss, f.params())
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(0.9995)
	far := fit.rss + phi*t*t
	lo, hi := f.edge(p, 0, far), f.edge(p, maxPower, far)
	q := f.quantile(p, lo, hi, fit, e, phi, rng)
	limit := fit.rss + phi*q
	return Exponent{p, f.edge(p, 0, limit), f.edge(p, maxPower, limit)}
}

// quantile draws series from the fit, linear in the relative errors, and returns the 95% quantile of the statistic.
func (f *family) quantile(p, lo, hi float64, fit fitted, e evidence, phi float64, rng *rand.Rand) float64 {
	const half = 16
	grid := []*reduced{f.reduce(p, fit)}
	for i := 1; i <= half; i++ {
		x := float64(i) / half
		grid = append(grid, f.reduce(p-x*(p-lo), fit), f.reduce(p+x*(hi-p), fit))
	}
	sd := make([]float64, len(f.v))
	for i, v := range f.v {
		sd[i] = math.Sqrt(v * phi)
	}
	chi := distuv.ChiSquared{K: max(1, e.reps), Src: rng}
	stats, y := make([]float64, resamples), make([]float64, len(sd))
	for r := range stats {
		total := 0.0
		for i := range y {
			u := rng.NormFloat64()
			y[i] = 1 + sd[i]*u
			total += y[i] * y[i] / f.v[i]
		}
		here := total - grid[0].gain(y)
		best := here
		for _, g := range grid[1:] {
			best = min(best, total-g.gain(y))
		}
		df := max(1, e.units-float64(f.params()))
		shared := 0.0
		if e.reps > 0 {
			shared = phi * chi.Rand()
		}
		stats[r] = (here - best) / ((max(0, best) + shared) / df)
	}
	slices.Sort(stats)
	return stats[int(level*resamples)]
}

// reduced are the normal equations of one exponent, linear around a fit, with all that does not depend on the data
// done.
type reduced struct {
	normal
	rows [][]float64 // columns divided by the fit and by v
}

func (f *family) reduce(p float64, fit fitted) *reduced {
	cols := f.cols(p)
	r := &reduced{rows: make([][]float64, len(cols))}
	r.k = len(cols)
	for a, c := range cols {
		r.rows[a] = make([]float64, len(c))
		for i := range c {
			r.rows[a][i] = c[i] / fit.f[i] / f.v[i]
			for b := range a + 1 {
				r.gram[a][b] += r.rows[a][i] * cols[b][i] / fit.f[i]
			}
		}
	}
	return r
}

// gain is by how much the model lowers the sum of squares of y.
func (r *reduced) gain(y []float64) float64 {
	for a, row := range r.rows {
		sum := 0.0
		for i, x := range row {
			sum += x * y[i]
		}
		r.right[a] = sum
	}
	_, g := r.solve()
	return g
}
