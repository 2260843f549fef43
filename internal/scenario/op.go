package scenario

import "time"

// State says where the axis stands before or after an op.
type State uint8

// The states of an axis relative to the size being measured.
const (
	Empty   State = iota + 1 // no state at all: size 0
	Smaller                  // at the next smaller size of the ladder
	Full                     // at the size
)

// Growth is how the total cost of an op may grow with the size n.
type Growth string

// The growth classes a spec may expect.
const (
	Constant Growth = "O(1)"
	Log      Growth = "O(log n)"
	Linear   Growth = "O(n)"
)

// Op is one timed kernel operation.
type Op struct {
	Name   string
	Title  string
	Axes   []string // the axes that it is done on; empty: all
	From   State    // where it starts
	To     State    // where it leaves the axis
	Reps   int      // samples taken at each size
	Growth Growth   // expected growth of one sample
	Budget Budget
	// Deadline ends the trial when one step of this op (all its reps) takes longer. In guest time.
	Deadline time.Duration
}

// MinDeadline is the shortest deadline an op may have: the kernel's own detectors of hangs must have spoken before it
// (trial.Detectors).
const MinDeadline = 30 * time.Second

// Grows reports whether the op leads to the size from below or from nothing.
func (o Op) Grows() bool { return o.From != Full && o.To == Full }

// Budget is the longest time one sample may take at size n: Base + n*PerUnit, in guest time.
//
// Note: under the instruction clock one nanosecond is one instruction, and a real core does one to four in that time;
// a budget met under the instruction clock is met on hardware too, as long as caches do not dominate.
type Budget struct {
	Base    time.Duration
	PerUnit time.Duration
}

// At returns the budget for a sample that handles the given number of units.
func (b Budget) At(units int64) time.Duration { return b.Base + time.Duration(units)*b.PerUnit }
