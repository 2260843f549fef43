package threshold

import "fmt"

// Verdict is how a search stands.
type Verdict string

// The verdicts. All but Searching end a search.
const (
	Searching    Verdict = "searching"
	Found        Verdict = "found"         // the interval is as narrow as asked
	BudgetSpent  Verdict = "budget spent"  // it is not, and no boot is left
	NotConfirmed Verdict = "not confirmed" // no fresh VM failed: history, or rarer than asked for
	NotMonotone  Verdict = "not monotone"  // larger sizes pass where smaller ones fail: there is no threshold
	Unusable     Verdict = "unusable"      // the question makes no sense
)

// Result is what is known about the threshold, the smallest size that can fail.
type Result struct {
	Verdict Verdict
	// Why is the verdict for a person, with counts.
	Why string

	// Low and High hold the threshold between them: Low < threshold <= High. Low is 0 when no size is known to be safe.
	Low, High int64
	// Confidence is the probability that they do, under the model and its priors (see posterior.go). It is 0 while no
	// fresh VM has failed. For NotConfirmed it is the probability that a failure of probability Rare would have shown.
	Confidence float64

	// Safe is the largest size below the threshold, as far as known, that passed in a fresh VM, Broken the smallest
	// that failed in one; 0 for none.
	Safe, Broken int64

	// Rate is the probability of failure at and above the threshold, with an interval at the level of the search.
	Rate, RateLow, RateHigh float64
	// Deterministic says that every fresh VM at or above the threshold failed. RateLow says how sure that is.
	Deterministic bool
	// Boots counts fresh VMs.
	Boots int
}

// Width is the interval's width relative to its lower end; of an interval from 0, relative to 1.
func (r Result) Width() float64 {
	return float64(r.High-r.Low) / float64(max(r.Low, 1))
}

// narrow reports whether an interval needs no further probe.
func narrow(low, high int64, width float64) bool {
	return high-low <= 1 || float64(high-low) <= width*float64(low)
}

// spent turns what is known into the result of a search that has no boot left.
func (s Search) spent(h *history, r Result) Result {
	r.Verdict = BudgetSpent
	switch {
	case s.Budget <= 0:
		r.Why = "no boot was allowed: the interval is the ladder's, whose VM had a history"
	case h.failed == 0:
		r.Why = fmt.Sprintf("the failure at %d did not come back in %s, which is all that was allowed", s.Broken, boots(h.boots))
	default:
		r.Why = fmt.Sprintf("%s spent, the interval is %.2g%% wide with confidence %.2g", boots(h.boots), 100*r.Width(), r.Confidence)
	}
	return r
}

func boots(n int) string {
	if n == 1 {
		return "1 boot"
	}
	return fmt.Sprintf("%d boots", n)
}
