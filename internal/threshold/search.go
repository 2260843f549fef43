package threshold

import "math"

// Probe is one fresh VM loaded straight to a size. A boot that ended through the harness's fault is none.
type Probe struct {
	Size   int64 // in units of the axis, at least 1
	Failed bool
}

// Search is what is known before the first fresh VM, and what is asked. New fills in the defaults; in a literal, zero
// means zero.
type Search struct {
	Safe   int64 // largest size that the ladder passed; 0 when its smallest one failed
	Broken int64 // smallest size that the ladder saw failing
	// Ladder holds the sizes that the ladder passed, in any order. Without it the ladder is taken to have doubled from
	// 1 to Safe. It matters for failures that show only sometimes: the ladder may have climbed past their threshold.
	Ladder []int64

	// Width is how wide the interval may be, relative to its lower end, when failures are certain. At 0 the search goes
	// down to one unit.
	Width float64
	// FlakyWidth is the same for failures that show only sometimes.
	FlakyWidth float64
	// Level is the wanted probability that the threshold is inside the interval, above 0 and below 1.
	Level float64
	// Budget is how many fresh VMs the whole search may boot.
	Budget int
	// Repeats is how many boots may be spent on trying both ends of a finished bisection again.
	Repeats int
	// Rare is the smallest failure probability that is worth looking for: when a fresh VM passes at Broken, it is
	// tried again until a failure of this probability would almost surely have come back.
	Rare float64
}

// New is the usual search: 2% for certain failures, 5% for others, each with 97%.
func New(safe, broken int64) Search {
	return Search{Safe: safe, Broken: broken, Width: 0.02, FlakyWidth: 0.05, Level: 0.97, Budget: 150, Repeats: 5, Rare: 0.3}
}

// Decision is what to do next. Result is filled in before the search is done, too: it is what is known so far.
type Decision struct {
	Size   int64 // to load in the next fresh VM; 0 when done
	Done   bool
	Result Result
}

// Next decides from all fresh VMs so far, in any order.
func (s Search) Next(probes []Probe) Decision {
	if why := s.unusable(probes); why != "" {
		return Decision{Done: true, Result: Result{Verdict: Unusable, Why: why, Boots: len(probes)}}
	}
	h := s.read(probes)
	d := s.decide(h)
	if !d.Done && h.boots >= s.Budget {
		d = Decision{Done: true, Result: s.spent(h, d.Result)}
	}
	if !d.Done {
		d.Result.Verdict = Searching
	}
	return d
}

// decide knows no budget.
func (s Search) decide(h *history) Decision {
	switch odd := h.notMonotone(); {
	case h.failed == 0:
		return s.confirm(h)
	case odd != nil:
		return Decision{Done: true, Result: s.notMonotone(h, odd)}
	case h.certain():
		return s.bisect(h)
	}
	return s.weigh(h)
}

// unusable says what is wrong with the question, "" for nothing.
func (s Search) unusable(probes []Probe) string {
	fraction := func(x float64) bool { return x > 0 && x < 1 }
	width := func(x float64) bool { return x >= 0 && !math.IsInf(x, 1) }
	switch {
	case s.Safe < 0 || s.Broken <= s.Safe:
		return "the broken size must be above the safe one, and both not negative"
	case !width(s.Width) || !width(s.FlakyWidth):
		return "a width must be a number from 0 up"
	case !fraction(s.Level) || !fraction(s.Rare):
		return "Level and Rare must be above 0 and below 1"
	}
	for _, p := range probes {
		if p.Size < 1 {
			return "a size below 1 was tried"
		}
	}
	return ""
}
