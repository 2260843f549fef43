package soak

import (
	"errors"
	"fmt"
	"math"
	"sort"
)

// Question is what a soak is to answer; it stops when it has. The zero value asks for nothing: it runs for its time.
// At most one of Below and Within is set, and neither with two arms.
type Question struct {
	// Arms is 1, or 2 to ask whether the second kernel is better than the first; 0 is taken for 1.
	Arms int `json:"arms,omitempty"`
	// Below asks whether the rate is below so many failures per VM-hour.
	Below float64 `json:"below,omitempty"`
	// Within asks for a rate whose interval reaches from rate/Within to at most rate*Within: 2, say. Above 1.
	Within float64 `json:"within,omitempty"`
}

// Check refuses questions that make no sense, with what to do.
func (q Question) Check() error {
	switch {
	case q.Arms < 0 || q.Arms > 2:
		return fmt.Errorf("a soak has one kernel, or two that are compared, not %d", q.Arms)
	case q.Below < 0 || !finite(q.Below):
		return fmt.Errorf("a rate to be below of %v makes no sense: give a number of failures per VM-hour above 0", q.Below)
	case q.Within != 0 && !(q.Within > 1 && finite(q.Within)):
		return fmt.Errorf("an interval within a factor of %v of the rate makes no sense: give a number above 1, "+
			"2 for half to double", q.Within)
	case q.Below > 0 && q.Within > 0, q.Arms == 2 && (q.Below > 0 || q.Within > 0):
		return errors.New("one question at a time: is the rate below a number, is it known closely enough, " +
			"or which of two kernels is better")
	case q.Within > 0 && q.needed() == 0:
		return fmt.Errorf("an interval within a factor of %v takes more than %d failures: give a larger one", q.Within, mostNeeded)
	}
	return nil
}

func (q Question) arms() int { return max(q.Arms, 1) }

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// mostNeeded is how many failures are waited for at most.
const mostNeeded = 10_000

// needed is how many failures it takes until the exact interval lies within the factor, 0 for more than mostNeeded. The
// interval, divided by the rate, depends on them alone: so the number is fixed before the soak begins, and the interval
// stays exact.
func (q Question) needed() int {
	n := 1 + sort.Search(mostNeeded, func(i int) bool {
		low, high := garwood(i + 1)
		return high <= q.Within*float64(i+1) && float64(i+1) <= q.Within*low
	})
	if n > mostNeeded {
		return 0
	}
	return n
}

// Verdict is the answer.
type Verdict string

// The verdicts. All but None and Undecided end a soak.
const (
	None      Verdict = "none"      // nothing was asked
	Undecided Verdict = "undecided" // not yet
	Below     Verdict = "below"     // the rate is below what was asked
	Above     Verdict = "above"     // it is above
	Narrow    Verdict = "narrow"    // the interval is as narrow as asked
	Better    Verdict = "better"    // the second arm fails less often than the first
	Worse     Verdict = "worse"     // it fails more often
)
