package threshold

import (
	"fmt"
	"math"
)

// missed is the accepted probability of giving up on a failure of probability Rare.
const missed = 0.005

// confirm looks for the ladder's failure in fresh VMs, where no earlier size can be its cause.
func (s Search) confirm(h *history) Decision {
	passed := 0
	for _, t := range h.tallies {
		if t.size >= s.Broken {
			passed += t.passed
		}
	}
	r := Result{Low: s.Safe, High: s.Broken, Boots: h.boots, Safe: h.maxPassed, RateHigh: 1}
	if float64(passed) < math.Log(missed)/math.Log(1-s.Rare) {
		return Decision{Size: s.Broken, Result: r}
	}
	r.Verdict = NotConfirmed
	r.Confidence = 1 - math.Pow(1-s.Rare, float64(passed))
	// The largest rate that still passes so often with probability 1 - Level (Clopper, Pearson: Biometrika 26, 1934).
	r.RateHigh = 1 - math.Pow(1-s.Level, 1/float64(passed))
	r.Why = fmt.Sprintf("the failure at %d did not come back in %s loaded straight to it: "+
		"either the ladder's history caused it, or it shows in less than %.0f%% of them", s.Broken, boots(passed), 100*r.RateHigh)
	return Decision{Done: true, Result: r}
}
