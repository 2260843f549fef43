package lab

import "time"

// longQuiet is how long a console is silent, in host time, before what it said counts as complete whatever the guest does.
const longQuiet = 3 * time.Second

// lull is a silence of the console. A host that is busy holds the guest up in the middle of a report: it is complete only when
// the guest had time to go on, and did not. It may hold brink up as well, while the guest goes on: a silence counts when it is still
// there at a second look.
type lull struct {
	since time.Time     // last byte before it
	busy  time.Duration // CPU time that the VM had used when it was first noticed
	seen  time.Time     // when it was first long enough
}

// over reports whether the silence since a moment is the end of what was said.
func (l *lull) over(now, since time.Time, busy time.Duration) bool {
	if l.since != since {
		*l = lull{since: since, busy: busy}
	}
	quiet := now.Sub(since)
	if !(quiet > settle && busy-l.busy > settle || quiet > longQuiet) {
		return false
	}
	if l.seen.IsZero() {
		l.seen = now
	}
	return now.Sub(l.seen) >= settle/2
}
