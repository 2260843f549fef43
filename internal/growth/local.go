package growth

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Local is the exponent of the marginal cost plus one between three neighbouring sizes: 1 where each more costs the
// same. Low and High hold 95%.
type Local struct {
	N    float64 `json:"n"` // the middle size
	P    float64 `json:"p"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// locals reads the exponents off the differences of neighbouring sizes. Where a difference is less than two standard
// errors the noise is all there is, and the place is left out.
func (s *series) locals(phi, df float64) (out []Local) {
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile((1 + level) / 2)
	sd := func(i int) float64 { return s.y[i] * math.Sqrt(s.v[i]*phi) }
	for i := 2; i < len(s.n); i++ {
		d1, d2 := s.y[i-1]-s.y[i-2], s.y[i]-s.y[i-1]
		if d1 <= 2*math.Hypot(sd(i-1), sd(i-2)) || d2 <= 2*math.Hypot(sd(i), sd(i-1)) {
			continue
		}
		m1, m2 := d1/(s.n[i-1]-s.n[i-2]), d2/(s.n[i]-s.n[i-1])
		wide := math.Log(s.n[i]/s.n[i-2]) / 2 // between the middles of the two gaps
		p := 1 + math.Log(m2/m1)/wide
		err := math.Hypot(sd(i)/d2, math.Hypot(sd(i-1)*(1/d1+1/d2), sd(i-2)/d1)) / wide
		out = append(out, Local{s.n[i-1], p, p - t*err, p + t*err})
	}
	return out
}
