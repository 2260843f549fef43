package scenario

// Signal is a quantity that a guest records once a second of its time while ops run.
type Signal struct {
	Name  string // as processed, drops, control-latency
	Unit  string // "/s", "ns", "frames" …
	Title string
}

// Form is how a limit bounds its signal.
type Form string

// The forms of limits.
const (
	// Above: the largest value of a size is above Bound.
	Above Form = "above"
	// Times: the median of a size is above Bound times the median of the signal Of at that size.
	Times Form = "times"
	// Collapse: the median of a size is below Bound times its largest at the smaller sizes of the ladder, while the median
	// of the signal Of is larger than it was there.
	Collapse Form = "collapse"
)

// Limit is a bound on a signal; what passes it is a finding with the limit's name.
type Limit struct {
	Name   string // livelock
	Title  string // receive livelock
	Signal string
	Form   Form
	Bound  float64 // in the signal's unit for Above, a factor otherwise
	Of     string  // the signal that it is compared with; for Times and Collapse
	Axes   []string
}
