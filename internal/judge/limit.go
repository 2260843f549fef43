package judge

import (
	"fmt"
	"slices"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// OverLimit is the kind of a finding in which a signal passed its limit.
const OverLimit trial.Kind = "over-limit"

// Seconds returns the values of a signal at a size, over all ops, in the order of the spec's ops.
func (t *Table) Seconds(size int64, signal string) (values []float64) {
	for _, op := range t.Spec.Ops {
		if c := t.Cell(size, op.Name); c != nil {
			values = append(values, c.seconds(signal)...)
		}
	}
	return values
}

func (c *Cell) seconds(signal string) (values []float64) {
	for _, s := range c.Signals {
		if v, ok := s[signal]; ok {
			values = append(values, v)
		}
	}
	return values
}

// Level returns the median of a signal at a size; ok is false where it was not recorded.
func (t *Table) Level(size int64, signal string) (level float64, ok bool) {
	return middle(t.Seconds(size, signal))
}

func middle(values []float64) (float64, bool) {
	if len(values) == 0 {
		return 0, false
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2, true
}

// limitFindings are the signals that passed a limit.
func (t *Table) limitFindings() (found []Finding) {
	for _, l := range t.Spec.Limits {
		for _, n := range t.Sizes {
			if text, over := t.passed(l, n); over {
				at := t.where(n, l.Signal)
				found = append(found, Finding{What: l.Name, Op: at.op, Kind: OverLimit, Broken: n, Trial: at.trial,
					Text: l.Title + ": " + text, Signature: string(OverLimit) + ":" + t.Spec.Name + ":" + l.Name})
			}
		}
	}
	return found
}

// passed reports whether a signal passes its limit at a size, and how.
func (t *Table) passed(l scenario.Limit, n int64) (text string, over bool) {
	unit := t.unit(l.Signal)
	level, ok := t.Level(n, l.Signal)
	if !ok {
		return "", false
	}
	switch l.Form {
	case scenario.Above:
		worst := slices.Max(t.Seconds(n, l.Signal))
		return fmt.Sprintf("%s is %s, its limit is %s", l.Signal, Quantity(worst, unit), Quantity(l.Bound, unit)), worst > l.Bound
	case scenario.Times:
		of, ok := t.Level(n, l.Of)
		return fmt.Sprintf("%s is %s, %.1f times %s (%s); the limit is %g times", l.Signal, Quantity(level, unit), level/of, l.Of,
			Quantity(of, unit), l.Bound), ok && of > 0 && level > l.Bound*of
	case scenario.Collapse:
		peak, load, at := t.peak(l, n)
		now, _ := t.Level(n, l.Of)
		return fmt.Sprintf("%s falls to %s, from %s at %s, while %s rises from %s to %s", l.Signal, Quantity(level, unit),
			Quantity(peak, unit), Count(at), l.Of, Quantity(load, t.unit(l.Of)), Quantity(now, t.unit(l.Of))), level < l.Bound*peak && now > load
	}
	return "", false
}

// peak returns the largest level of a signal at the sizes below n, that of what it is compared with there, and the size. In
// a fresh VM, which has no smaller sizes, the ladder's count.
func (t *Table) peak(l scenario.Limit, n int64) (peak, of float64, size int64) {
	from := t
	if t.ladder != nil {
		from = t.ladder
	}
	for _, s := range from.Sizes {
		if level, ok := from.Level(s, l.Signal); ok && s < n && level > peak {
			peak, size = level, s
			of, _ = from.Level(s, l.Of)
		}
	}
	return peak, of, size
}

type place struct {
	op    string
	trial int
}

// where returns the op whose seconds hold the signal at a size, the first of several.
func (t *Table) where(size int64, signal string) place {
	for _, op := range t.Spec.Ops {
		if c := t.Cell(size, op.Name); c != nil && len(c.seconds(signal)) > 0 {
			return place{op.Name, c.Trial}
		}
	}
	return place{}
}

func (t *Table) unit(signal string) string {
	i := slices.IndexFunc(t.Spec.Signals, func(s scenario.Signal) bool { return s.Name == signal })
	if i < 0 {
		return ""
	}
	return t.Spec.Signals[i].Unit
}
