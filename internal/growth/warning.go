package growth

import (
	"fmt"
	"math"
)

const (
	enough = 5   // sizes needed to tell a class
	wide   = 10  // a range below this factor is narrow
	narrow = 2   // below this one nothing is told
	noisy  = 0.2 // relative error of a size above which the data are called noisy
)

// warnings says what is wrong with the series, in words for a reader.
func (s *series) warnings() (w []string) {
	add := func(format string, args ...any) { w = append(w, fmt.Sprintf(format, args...)) }
	if s.dropped > 0 {
		add("%d of %d samples dropped: zero, negative or not a number, or taken at a size below 1", s.dropped, s.total)
	}
	if len(s.n) == 0 {
		add("no samples")
		return w
	}
	if len(s.n) < enough {
		add("too few sizes: %d, at least %d are needed", len(s.n), enough)
	}
	if s.span() < wide {
		add("narrow range of sizes: a factor of %.3g, %d or more is better", s.span(), wide)
	}
	if s.reps == 0 {
		add("one sample a size: the noise is known from the fit only")
	}
	if s.asides*10 > s.total {
		add("%d of %d samples set aside as outliers", s.asides, s.total)
	}
	if low, high := s.fall(); high > 0 {
		add("not monotone: the cost falls from size %.0f to %.0f", low, high)
	}
	return w
}

// fall finds the deepest fall of the cost from a size to a larger one that is more than 10% and four standard errors.
func (s *series) fall() (from, to float64) {
	deepest := math.Log(1.1)
	for i := range s.n {
		for j := range i {
			d := s.z[j] - s.z[i]
			if d > deepest && d > 4*math.Sqrt(s.v[i]+s.v[j]) {
				deepest, from, to = d, s.n[j], s.n[i]
			}
		}
	}
	return from, to
}
