package lab

import "time"

// longQuiet is how long a console is silent, in host time, before what it said counts as complete whatever the guest does.
const longQuiet = 3 * time.Second

// lull is a silence of the console. A host that is busy holds the guest up in the middle of a report: it is complete only when
// the guest had time to go on, and did not.
type lull struct {
	since time.Time     // last byte before it
	busy  time.Duration // CPU time that the VM had used when it was first noticed
}

// over reports whether the silence since a moment is the end of what was said.
func (l *lull) over(now, since time.Time, busy time.Duration) bool {
	if l.since != since {
		*l = lull{since, busy}
	}
	quiet := now.Sub(since)
	return quiet > settle && busy-l.busy > settle || quiet > longQuiet
}
