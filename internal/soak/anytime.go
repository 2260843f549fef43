package soak

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/mathext"
)

// shape is that of the mixtures below; it says how the evidence is spread over rates far from and near to the one
// that is tried. With 1/4, no failure in 3.4/X VM-hours shows a rate below X, where a soak whose end was fixed needs
// 3.0/X.
const shape = 0.25

// anytime is the confidence sequence of a rate, from two families of e-processes.
//
// Against "the rate is X or more" stands the likelihood ratio of rates y below X, averaged over y with the density
// shape y^(shape-1) X^-shape: a gamma density of which only (0, X) is left. Against "X or less" stand those above,
// with the density shape X^shape y^(-shape-1). Each is a nonnegative supermartingale of mean at most 1 if what it
// speaks against is true, so it ever reaches 1/a with probability at most a (Ville). An X against which it has is
// left out. Both depend on the failures and on X times the VM time only, so that the bounds are numbers that depend
// on the failures, divided by the VM time: no guess of the rate is needed.
func anytime(failures int, hours float64) Anytime {
	const alpha = 1 - level
	return Anytime{
		Low: lowest(failures, alpha/2) / hours, High: highest(failures, alpha/2) / hours,
		Floor: lowest(failures, alpha) / hours, Bound: highest(failures, alpha) / hours,
	}
}

// below is the logarithm of the e-process against a rate of x or more per unit of time, for failures in one unit. It is
// for x above the failures + shape: below that there is no evidence.
func below(failures, x float64) float64 {
	s := failures + shape
	lg, _ := math.Lgamma(s)
	return math.Log(shape) + x - s*math.Log(x) + lg + math.Log(mathext.GammaIncReg(s, x))
}

// above is the same against a rate of x or less, for x up to the failures - shape and at least one failure.
func above(failures, x float64) float64 {
	s := failures - shape
	lg, _ := math.Lgamma(s)
	return math.Log(shape) + x - s*math.Log(x) + lg + math.Log(mathext.GammaIncRegComp(s, x))
}

// highest is the least rate against which there is evidence of 1/alpha: the process grows with x.
func highest(failures int, alpha float64) float64 {
	k, enough := float64(failures), -math.Log(alpha)
	low, high := k+shape, k+shape+1
	for below(k, high) < enough {
		high = k + 2*(high-k)
	}
	return root(low, high, func(x float64) bool { return below(k, x) >= enough })
}

// lowest is the largest rate against which there is: the process falls with x.
func lowest(failures int, alpha float64) float64 {
	if failures == 0 {
		return 0
	}
	k, enough := float64(failures), -math.Log(alpha)
	low, high := k-shape, k-shape
	for above(k, low) < enough {
		low /= 2
	}
	return root(low, high, func(x float64) bool { return above(k, x) < enough })
}

// root is where what is false becomes true, to a part in 100,000 of the interval.
func root(low, high float64, is func(float64) bool) float64 {
	const steps = 100_000
	n := sort.Search(steps, func(i int) bool { return is(low + (high-low)*float64(i)/steps) })
	return low + (high-low)*float64(n)/steps
}
