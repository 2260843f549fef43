package soak

import (
	"cmp"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
)

// Shape says whether failures come early or late in the life of a VM.
type Shape string

// The shapes.
const (
	Untold Shape = "untold" // too few failures to tell
	Steady Shape = "steady" // no sign against an exponential law: a VM that has run for an hour is as good as new
	Early  Shape = "early"  // mostly soon after the load: fresh VMs find more
	Aging  Shape = "aging"  // mostly late: longer lives find more
)

// Life is the time to failure of one VM, in VM time.
type Life struct {
	// First is the shortest that was seen, 0 without a failure.
	First time.Duration `json:"first_ns,omitempty"`
	// Median is Kaplan and Meier's: when half of the VMs have failed, those that were stopped taken into account; 0
	// when that was not reached.
	Median time.Duration `json:"median_ns,omitempty"`
	// Mean is the VM time per failure, 1/rate, with its exact interval: what to expect if the rate is constant.
	// MeanHigh is 0 when there is no upper end.
	Mean     time.Duration `json:"mean_ns,omitempty"`
	MeanLow  time.Duration `json:"mean_low_ns,omitempty"`
	MeanHigh time.Duration `json:"mean_high_ns,omitempty"`
	// Shape is the verdict of a test for a constant rate at 5%, P its two-sided p-value, 1 when there are too few
	// failures.
	Shape Shape   `json:"shape"`
	P     float64 `json:"p"`
}

// told is how many failures it takes to call a rate steady. Two can show that it is not.
const told = 10

// age is how long a VM has lived, and whether it then failed.
type age struct {
	time   float64 // ns
	failed bool
}

// newLife reads the lives of an arm's VMs, in any order.
func newLife(ages []age, r Rate) Life {
	slices.SortFunc(ages, func(a, b age) int { return cmp.Or(cmp.Compare(a.time, b.time), sooner(a, b)) })
	l := Life{Shape: Untold, P: 1, Median: median(ages), MeanLow: mean(r.High), MeanHigh: mean(r.Low), Mean: mean(r.PerHour)}
	if i := slices.IndexFunc(ages, func(a age) bool { return a.failed }); i >= 0 {
		l.First = time.Duration(ages[i].time)
	}
	l.shape(ages)
	return l
}

// sooner puts a failure before what was stopped at the same age.
func sooner(a, b age) int {
	switch {
	case a.failed == b.failed:
		return 0
	case a.failed:
		return -1
	}
	return 1
}

// mean is the time per failure at a rate per hour, 0 when there is none, or it is longer than a Duration can hold.
func mean(rate float64) time.Duration {
	ns := float64(time.Hour) / rate
	if !(ns < math.MaxInt64) {
		return 0
	}
	return time.Duration(ns)
}

// median is where the estimate of Kaplan and Meier (J. American Statistical Association 53, 1958) of the share that
// lives falls to a half; 0 when it does not.
func median(ages []age) time.Duration {
	alive := 1.0
	for i, a := range ages {
		if !a.failed {
			continue
		}
		if alive *= 1 - 1/float64(len(ages)-i); alive <= 0.5+1e-9 {
			return time.Duration(a.time)
		}
	}
	return 0
}

// shape tests for a constant rate: then the time that all VMs together had spent at ages below that of a failure, as a
// share of all their time, is uniform (total time on test: Barlow and Campo, Reliability and Fault Tree Analysis, 1975;
// Laplace's test for its mean). The oldest age is no news where a failure was it.
//
// Note: that holds if when a VM is stopped does not depend on the others. In a soak it does a little: a VM that came
// late, because one before it failed, is stopped at a younger age.
func (l *Life) shape(ages []age) {
	var spent, all, sum float64
	for _, a := range ages {
		all += a.time
	}
	n, before := 0, 0.0
	for i, a := range ages {
		spent += (a.time - before) * float64(len(ages)-i)
		before = a.time
		if a.failed && i < len(ages)-1 && all > 0 {
			sum += spent / all
			n++
		}
	}
	if n < 2 {
		return
	}
	low := sumOfUniforms(n, sum)
	l.P = min(1, 2*min(low, 1-low))
	switch {
	case l.P <= 1-level && 2*sum < float64(n):
		l.Shape = Early
	case l.P <= 1-level:
		l.Shape = Aging
	case n >= told:
		l.Shape = Steady
	}
}

// sumOfUniforms is the probability that n uniform numbers add up to no more than x (Irwin and Hall), by the normal
// distribution where the exact sum would lose its digits.
func sumOfUniforms(n int, x float64) float64 {
	if n > 12 {
		return distuv.Normal{Mu: float64(n) / 2, Sigma: math.Sqrt(float64(n) / 12)}.CDF(x)
	}
	sum, term := 0.0, 1.0 // term: (-1)^i / (i! (n-i)!)
	for i := 2; i <= n; i++ {
		term /= float64(i)
	}
	for i := 0; i <= n && float64(i) < x; i++ {
		sum += term * math.Pow(x-float64(i), float64(n))
		term *= -float64(n-i) / float64(i+1)
	}
	return min(1, max(0, sum))
}
