package explain

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// fisher is the probability that an arm fails failed times or less in its trials only by luck, when it fails as often as
// its control: Fisher's exact test, one-sided (Fisher, Statistical Methods for Research Workers, 1934, section 21.02).
func fisher(controlFailed, controlPassed, failed, passed int) float64 {
	n0, n1 := controlFailed+controlPassed, failed+passed
	all := controlFailed + failed
	if n0 == 0 || n1 == 0 {
		return 1
	}
	p := 0.0
	for k := max(0, all-n0); k <= failed; k++ {
		p += math.Exp(choose(n1, k) + choose(n0, all-k) - choose(n0+n1, all))
	}
	return min(1, p)
}

// choose is the logarithm of the binomial coefficient.
func choose(n, k int) float64 {
	if k < 0 || k > n {
		return math.Inf(-1)
	}
	g := func(n int) float64 { v, _ := math.Lgamma(float64(n + 1)); return v }
	return g(n) - g(k) - g(n-k)
}

// Rate is how often an arm fails, with its interval.
type Rate struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// rateOf gives the exact interval at the level (Clopper, Pearson: Biometrika 26, 1934).
func rateOf(failed, passed int) Rate {
	n := failed + passed
	if n == 0 {
		return Rate{High: 1}
	}
	r, tail := Rate{Value: float64(failed) / float64(n), High: 1}, (1-level)/2
	if failed > 0 {
		r.Low = mathext.InvRegIncBeta(float64(failed), float64(passed+1), tail)
	}
	if passed > 0 {
		r.High = mathext.InvRegIncBeta(float64(failed+1), float64(passed), 1-tail)
	}
	return r
}
