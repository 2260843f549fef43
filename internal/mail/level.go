package mail

import (
	"fmt"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/summary"
)

// limit returns the signal and the limit that the finding is of, if it is of one.
func (l *letter) limit() (sig summary.Signal, limit summary.Limit, ok bool) {
	if l.finding.Kind != judge.OverLimit {
		return sig, limit, false
	}
	for _, sig := range l.Signals {
		for _, limit := range sig.Limits {
			if limit.Name == l.finding.What {
				return sig, limit, true
			}
		}
	}
	return sig, limit, false
}

// bound says what counts as broken: the limit is the test's choice.
func (l *letter) bound() string {
	sig, limit, ok := l.limit()
	if !ok {
		return ""
	}
	const choice = "; by choice of the test, "
	switch limit.Form {
	case scenario.Times:
		return fmt.Sprintf(choice+"more than %g times %s is too much", limit.Bound, limit.Of)
	case scenario.Collapse:
		return fmt.Sprintf(choice+"less than %g of what it was with less %s is too little", limit.Bound, limit.Of)
	}
	return fmt.Sprintf(choice+"a second above %s is too much", judge.Quantity(limit.Bound, sig.Unit))
}

// levels prints the signal that passed its limit at each size, beside the one that it is compared with.
func (l *letter) levels() {
	sig, limit, ok := l.limit()
	if !ok {
		return
	}
	var of summary.Signal
	rows := [][]string{{l.Scenario.Axis, sig.Name, "smallest", "largest"}}
	for _, other := range l.Signals {
		if other.Name == limit.Of {
			of, rows[0] = other, append(rows[0], other.Name)
		}
	}
	for _, p := range sig.Points {
		row := []string{judge.Count(p.Size), judge.Quantity(p.Median, sig.Unit), judge.Quantity(p.Min, sig.Unit), judge.Quantity(p.Max, sig.Unit)}
		for _, q := range of.Points {
			if q.Size == p.Size {
				row = append(row, judge.Quantity(q.Median, of.Unit))
			}
		}
		rows = append(rows, row)
	}
	l.columns(rows)
	l.paragraph("%s: %s; the median of its seconds, and their range.", sig.Name, sig.Title)
}
