package picture

import "time"

// Ramp is what is known of one op: its samples, and what was concluded from them. The zero value of every field but the points
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

	Seeded bool // the failure is planted
	Waits  bool // the op spends most of its time waiting, not computing
}

// Point is one size.
type Point struct {
	Size    int64
	Samples []time.Duration
	Failed  bool // the op failed at this size; it may have samples all the same
}

// Interval is a size that is known to lie in [Low, High].
type Interval struct{ At, Low, High float64 }
