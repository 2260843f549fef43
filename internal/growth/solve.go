package growth

import "math"

const (
	steps = 6    // Gauss-Newton steps at most; two or three are the rule
	reach = 1.0  // largest log residual that a step believes in: beyond it the linear step is no guide
	least = 1e-3 // a prediction counts as at least this part of the measured cost, or one zero would decide all
)

// fitted is a model's fit to a series.
type fitted struct {
	coef [maxTerms]float64
	f    []float64 // predicted cost, ns
	rss  float64   // sum of (log y - log f)^2 / v
}

// active counts the coefficients that are not 0.
func (f *fitted) active() (n int) {
	for _, c := range f.coef {
		if c > 0 {
			n++
		}
	}
	return n
}

// solve fits the sum of the columns, with coefficients that are not negative, by least squares of the log residuals:
// linear least squares with weights 1/y^2 first, then Gauss-Newton steps, each again linear and not negative.
func (s *series) solve(cols [][]float64) fitted {
	best := s.step(cols, s.y, s.y)
	work := make([]float64, len(s.n))
	for range steps {
		for i, f := range best.f {
			r := s.z[i] - math.Log(f)
			work[i] = f * (1 + max(-reach, min(reach, r)))
		}
		next := s.step(cols, work, best.f)
		gain := best.rss - next.rss
		if gain > 0 {
			best = next
		}
		if gain < 1e-6*best.rss {
			break
		}
	}
	return best
}

// step is one linear fit of the columns to y with weights 1/(scale^2 v).
func (s *series) step(cols [][]float64, y, scale []float64) fitted {
	var e normal
	e.k = len(cols)
	for i := range s.n {
		w := 1 / (scale[i] * scale[i] * s.v[i])
		for a := range cols {
			wa := w * cols[a][i]
			for b := range a + 1 {
				e.gram[a][b] += wa * cols[b][i]
			}
			e.right[a] += wa * y[i]
		}
	}
	out := fitted{f: make([]float64, len(s.n))}
	out.coef, _ = e.solve()
	for i := range s.n {
		f := 0.0
		for a := range cols {
			f += out.coef[a] * cols[a][i]
		}
		out.f[i] = max(f, least*s.y[i])
	}
	out.rss = s.rss(out.f)
	return out
}

// rss is the weighted sum of squared log residuals.
func (s *series) rss(f []float64) (sum float64) {
	for i := range f {
		r := s.z[i] - math.Log(f[i])
		sum += r * r / s.v[i]
	}
	return sum
}
