package grid

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// line is a weighted least squares line through log threshold over log value.
type line struct {
	x, z   []float64
	v      []float64 // variance of z: the threshold lies anywhere between its safe and its broken size
	slope  float64
	mean   float64 // weighted, of x
	height float64 // weighted, of z
	sxx    float64
	phi    float64 // by how much the scatter exceeds what the variances explain, at least 1
}

// exact is the relative error below which no threshold is a law.
const exact = 0.001

// fit uses the thresholds that have a safe and a broken size.
func fit(points []Point) (f line, n int) {
	w, sx, sz := 0.0, 0.0, 0.0
	for _, p := range points {
		if p.Safe < 1 || p.Broken < 1 || p.Value < 1 {
			continue
		}
		x, low, high := math.Log(float64(p.Value)), math.Log(float64(p.Safe)), math.Log(float64(p.Broken))
		v := (high-low)*(high-low)/12 + exact*exact
		f.x, f.z, f.v = append(f.x, x), append(f.z, (low+high)/2), append(f.v, v)
		w, sx, sz = w+1/v, sx+x/v, sz+(low+high)/2/v
	}
	if len(f.x) < 2 {
		return f, len(f.x)
	}
	f.mean, f.height = sx/w, sz/w
	sxz := 0.0
	for i := range f.x {
		f.sxx += (f.x[i] - f.mean) * (f.x[i] - f.mean) / f.v[i]
		sxz += (f.x[i] - f.mean) * (f.z[i] - f.height) / f.v[i]
	}
	f.slope, f.phi = sxz/f.sxx, 1
	if df := float64(len(f.x) - 2); df > 0 {
		chi := 0.0
		for i := range f.x {
			r := f.z[i] - f.at(f.x[i])
			chi += r * r / f.v[i]
		}
		f.phi = max(1, chi/df)
	}
	return f, len(f.x)
}

func (f line) at(x float64) float64 { return f.height + f.slope*(x-f.mean) }

// quantile is Student's, for the few thresholds there are: also where the variances explain the scatter, for that may be luck.
func (f line) quantile() float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(len(f.x) - 2)}.Quantile(0.975)
}

// ends are the least and the largest slope between two thresholds that lie anywhere above their safe and up to their broken sizes.
func (f line) ends() (low, high float64) {
	half := func(i int) float64 { return math.Sqrt(3 * max(0, f.v[i]-exact*exact)) }
	e := (half(0) + half(1)) / math.Abs(f.x[1]-f.x[0])
	return f.slope - e, f.slope + e
}

// interval holds the slope with 95%.
func (f line) interval() (low, high float64) {
	e := f.quantile() * math.Sqrt(f.phi/f.sxx)
	return f.slope - e, f.slope + e
}

// of says what the slope speaks for, and the constant of that.
func (f line) of(s Slope) (Of, float64) {
	switch {
	case s.contains(0) && s.contains(-1):
		return CannotTell, 0
	case s.contains(0):
		return OfRamped, math.Exp(f.height)
	case s.contains(-1):
		return OfProduct, math.Exp(f.height + f.mean)
	}
	return OfNeither, 0
}

// against returns the thresholds outside the fit that the law cannot be true for: none was seen where there should be one, or it
// was there before.
func (f line) against(points []Point) (out []Point) {
	v := 0.0
	for _, own := range f.v {
		v += own / float64(len(f.v))
	}
	for _, p := range points {
		x := math.Log(float64(p.Value))
		e := math.Exp(f.quantile() * math.Sqrt(f.phi*(v+(x-f.mean)*(x-f.mean)/f.sxx)))
		here := math.Exp(f.at(x))
		if p.Broken == 0 && float64(p.Upto) > here*e || p.Broken > 0 && p.Safe == 0 && float64(p.Broken) < here/e {
			out = append(out, p)
		}
	}
	return out
}
