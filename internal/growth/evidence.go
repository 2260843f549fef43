package growth

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// lackOfFit is the probability below which the misses of the best model are more than the spread of the samples.
const lackOfFit = 0.05

// evidence turns a sum of squared residuals into a likelihood. There are three cases:
//
//   - the spread of the samples explains the misses of the best model: every sample counts, and the spread adds its
//     sum of squares (its variance is 1 in these units), as in ordinary least squares over all samples;
//   - it does not (the model is not the whole truth, or the repetitions are not independent): each size counts once
//     and the misses alone tell the noise;
//   - one sample a size: the same, with the floor as the smallest noise.
type evidence struct {
	units float64 // observations
	extra float64 // sum of squares that every model has in common
	reps  float64 // degrees of freedom behind extra
	least float64 // smallest dispersion
}

// weigh chooses the case, from the residuals of the best of all models and its number of parameters: the second when
// misses so large are as unlikely as given.
func (s *series) weigh(rss float64, params int, unlikely float64) evidence {
	sizes, reps := float64(len(s.n)), float64(s.reps)
	if reps == 0 {
		return evidence{units: sizes, extra: sizes, least: 1}
	}
	df := max(1, sizes-float64(params))
	if 1-(distuv.F{D1: df, D2: reps}).CDF(rss/df) < unlikely {
		return evidence{units: sizes}
	}
	return evidence{units: sizes + reps, extra: reps, reps: reps}
}

// aicc is Akaike's criterion with the correction for small samples (Hurvich, Tsai: Regression and time series model
// selection in small samples, Biometrika 1989). params does not count the variance.
func (e evidence) aicc(rss float64, params int) float64 {
	k := float64(params + 1)
	units := max(1, e.units)
	return units*math.Log((rss+e.extra+1e-9)/units) + 2*k + 2*k*(k+1)/max(1, units-k-1)
}

// dispersion is the variance of the residuals in units of v, and its degrees of freedom.
func (e evidence) dispersion(rss float64, params int) (phi, df float64) {
	df = max(1, e.units-float64(params))
	shared := e.extra
	if e.reps == 0 {
		shared = 0
	}
	return max((rss+shared)/df, e.least), df
}
