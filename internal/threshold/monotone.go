package threshold

import (
	"fmt"
	"math"
)

// chance is the p-value below which passes above failures are no luck. It is small because many splits are
// looked at, after every boot.
const chance = 2e-3

// reversal is where larger sizes fail less than smaller ones.
type reversal struct{ small, large tally } // size: the smallest and the largest of their group

// notMonotone looks for sizes that fail clearly less than smaller ones, nil for none. From the smallest size that failed
// twice on, every cut into smaller and larger sizes is compared by Fisher's exact test, one-sided (Fisher: Statistical
// Methods for Research Workers, 1934).
func (h *history) notMonotone() *reversal {
	for i, first := range h.tallies {
		if first.failed < 2 {
			continue
		}
		small := tally{size: first.size}
		for j := i; j < len(h.tallies); j++ {
			small.failed += h.tallies[j].failed
			small.passed += h.tallies[j].passed
			large := sum(h.tallies[j+1:])
			if large.passed > 0 && fisher(small, large) < chance {
				return &reversal{small, large}
			}
		}
	}
	return nil
}

// sum adds up tallies; the size is the smallest one.
func sum(all []tally) (s tally) {
	for i, t := range all {
		if i == 0 {
			s.size = t.size
		}
		s.failed += t.failed
		s.passed += t.passed
	}
	return s
}

// fisher is the probability of so many failures among the smaller sizes, or more, if both groups fail alike.
func fisher(small, large tally) (p float64) {
	n, m := small.failed+small.passed, large.failed+large.passed
	failed := small.failed + large.failed
	for k := small.failed; k <= min(n, failed); k++ {
		p += math.Exp(logChoose(n, k) + logChoose(m, failed-k) - logChoose(n+m, failed))
	}
	return p
}

func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

func (s Search) notMonotone(h *history, odd *reversal) Result {
	r := Result{Verdict: NotMonotone, High: odd.small.size, Broken: odd.small.size, Boots: h.boots}
	r.Low = h.rungBelow(odd.small.size)
	r.Safe, _ = h.seen(odd.small.size-1, odd.small.size)
	n, m := odd.small.failed+odd.small.passed, odd.large.failed+odd.large.passed
	r.Rate = float64(odd.small.failed) / float64(n)
	r.RateHigh = 1
	r.Why = fmt.Sprintf("not a threshold: from %d on %d of %s failed, from %d on only %d of %s",
		odd.small.size, odd.small.failed, boots(n), odd.large.size, odd.large.failed, boots(m))
	return r
}
