package picture

import "time"

// Ramp is what is known of one op, or of a signal: its samples, and what was concluded from them. The zero value of every field but the points
// means that there is none.
type Ramp struct {
	Title    string // the op, and what it does
	Subtitle string // scenario, kernel, machine, clock
	Axis     string // what was ramped, plural: peers
	Unit     string // the same, singular: peer
	Points   []Point

	Budget    func(n int64) time.Duration              // longest time allowed to one sample at size n
	Model     func(n float64) (mid, low, high float64) // the fit and its interval, in ns
	ModelName string                                   // a + b·n^1.98 [1.9, 2.1]
	Knee      *Interval                                // where the regime changes

	Safe    int64  // largest size at which all was well
	Broken  int64  // smallest size at which something failed
	Failure string // what failed there

	Signal *Signal // what is drawn if it is not the time of an op

	Seeded bool // the failure is planted
	Waits  bool // the op spends most of its time waiting, not computing
}

// Point is one size.
type Point struct {
	Size    int64
	Samples []time.Duration
	Values  []float64 // instead of samples, of a signal: one a second
	Failed  bool      // the op failed at this size; it may have samples all the same
}

// Signal is a quantity that a guest records once a second. Its points have values, and no samples.
type Signal struct {
	Name  string
	Unit  string                  // ns, %, /s, or what is counted
	Limit func(n float64) float64 // what must not be passed at a size; NaN where there is none
}

// Interval is a size that is known to lie in [Low, High].
type Interval struct{ At, Low, High float64 }
