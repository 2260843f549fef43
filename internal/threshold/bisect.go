package threshold

import (
	"fmt"
	"math"
	"math/bits"
)

// bisect narrows a threshold above which every VM failed so far.
func (s Search) bisect(h *history) Decision {
	low, high := max(h.maxPassed, h.rungBelow(h.minFailed)), h.minFailed
	post := s.posterior(h)
	r := Result{Low: low, High: high, Confidence: post.within(low, high), Safe: h.maxPassed, Broken: high,
		Rate: 1, RateLow: math.Pow(1-s.Level, 1/float64(h.failed)), RateHigh: 1, Deterministic: true, Boots: h.boots}
	switch {
	case !narrow(low, high, s.Width):
		return Decision{Size: split(low, high, s.Width), Result: r}
	case low > 0 && h.at(low).passed == 0: // only the ladder passed there
		return Decision{Size: low, Result: r}
	case r.Confidence < s.Level && s.mayRepeat(h):
		return Decision{Size: post.guard(low, high), Result: r}
	}
	r.Verdict = Found
	r.Why = s.found(h, r)
	return Decision{Done: true, Result: r}
}

func (s Search) found(h *history, r Result) string {
	below := fmt.Sprintf("%d passed in %s", r.Low, boots(h.at(r.Low).passed))
	if r.Low == 0 {
		below = "no smaller size is left"
	}
	return fmt.Sprintf("%d failed in %s, %s; %s at and above it failed; %s in all",
		r.High, boots(h.at(r.High).failed), below, boots(h.failed), boots(r.Boots))
}

// scale measures sizes in steps that need not be split: one unit, or the relative width where that is more.
type scale struct{ width float64 }

func (c scale) from(size float64) float64 {
	if size*c.width <= 1 {
		return size
	}
	return 1/c.width + math.Log(size*c.width)/math.Log1p(c.width)
}

func (c scale) to(u float64) float64 {
	if u*c.width <= 1 {
		return u
	}
	return math.Exp((u-1/c.width)*math.Log1p(c.width)) / c.width
}

// split chooses the size between two ends that leaves the fewest boots, at worst and then on average. The interval
// is n steps wide; bisection needs ceil(log2 n) boots at worst. The cut is the one of a complete binary tree: one side
// is a power of two, so that most of the steps are reached one boot earlier where n is not.
func split(low, high int64, width float64) int64 {
	c := scale{width}
	from, to := c.from(float64(low)), c.from(float64(high))
	n := min(math.Ceil(to-from-1e-9), float64(high-low))
	k := math.Floor(n / 2)
	if n < 1<<52 && n >= 2 {
		levels := bits.Len64(uint64(n) - 1)
		half := math.Exp2(float64(levels - 1))
		k = max(n-half, half/2) // the smaller side
	}
	at := c.to(from + (to-from)*k/n)
	return min(max(int64(math.Round(at)), low+1), high-1)
}
