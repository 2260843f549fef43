package growth

import "math"

// swell fits a level that rises smoothly to another one, n/(n+k), on top of a constant, log n and n: what a cache
// that runs full looks like. It is no model of ours, only one more smooth curve that must not be taken for a knee.
func (s *series) swell() (rss float64, params int) {
	cols := s.columns([]Term{one, logN, linN})
	rss = math.Inf(1)
	for i := range s.n {
		rise := make([]float64, len(s.n))
		for j, n := range s.n {
			rise[j] = n / (n + s.n[i])
		}
		if fit := s.solve(append(cols[:3:3], rise)); fit.rss < rss {
			rss, params = fit.rss, fit.active()+1
		}
	}
	return rss, params
}
