package judge

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// OverLimit is the kind of a finding in which a signal passed its limit.
const OverLimit trial.Kind = "over-limit"

// Seconds returns the values of a signal at a size, over all ops, in the order of the spec's ops. Those of an op that did not
// come to its end count, too.
func (t *Table) Seconds(size int64, signal string) (values []float64) {
	for _, op := range t.Spec.Ops {
		values = append(values, t.cells[key{size, op.Name}].seconds(signal)...)
	}
	return values
}

func (c *Cell) seconds(signal string) (values []float64) {
	if c == nil {
		return nil
	}
	for _, s := range c.Signals {
		if v, ok := s[signal]; ok && !math.IsNaN(v) && !math.IsInf(v, 0) {
			values = append(values, v)
		}
	}
	return values
}

// Level returns the median of a signal at a size; ok is false where it was not recorded.
func (t *Table) Level(size int64, signal string) (level float64, ok bool) {
	return middle(t.Seconds(size, signal))
}

// middle is the median, with the mean of the middle two.
func middle(values []float64) (float64, bool) {
	if len(values) == 0 {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return sorted[(n-1)/2]/2 + sorted[n/2]/2, true
}

// edge is where a limit lies at one size.
type edge struct {
	scenario.Limit
	at   float64 // the value that must not be passed
	peak Rung    // of a Collapse: the highest one below
	of   float64 // level of the signal that it is compared with
}

// limitFindings are the signals that passed a limit.
func (t *Table) limitFindings() (found []Finding) {
	for _, l := range t.Spec.Limits {
		for _, n := range t.Sizes {
			e, ok := t.edge(l, n)
			if !ok {
				continue
			}
			if value, ok := e.reading(t.Seconds(n, l.Signal)); ok && e.passed(value) {
				op, number := t.shown(e, n)
				found = append(found, Finding{What: l.Name, Op: op, Kind: OverLimit, Broken: n, Trial: number,
					Text: l.Title + ": " + t.words(e, value), Signature: LimitSignature(t.Spec, l.Name)})
			}
		}
	}
	return found
}

// LimitSignature is the signature of findings of a limit.
func LimitSignature(spec scenario.Spec, limit string) string {
	return string(OverLimit) + ":" + spec.Name + ":" + limit
}

// edge says where a limit lies at a size; ok is false where it has nothing to be compared with.
func (t *Table) edge(l scenario.Limit, n int64) (e edge, ok bool) {
	e.Limit = l
	if l.Form == scenario.Above {
		e.at = l.Bound
		return e, true
	}
	if e.of, ok = t.Level(n, l.Of); !ok || e.of <= 0 {
		return e, false
	}
	switch l.Form {
	case scenario.Times:
		e.at = l.Bound * e.of
		return e, true
	case scenario.Collapse:
		e.peak = t.peak(l, n, e.of)
		e.at = l.Bound * e.peak.Level
		return e, e.peak.Level > 0
	}
	return e, false
}

// Beyond reports whether a signal is beyond a limit at a size.
func (t *Table) Beyond(l scenario.Limit, size int64) bool {
	e, ok := t.edge(l, size)
	if !ok {
		return false
	}
	value, ok := e.reading(t.Seconds(size, l.Signal))
	return ok && e.passed(value)
}

// Edge returns the value that a signal must not pass at a size; ok is false where the limit has nothing to be compared with.
func (t *Table) Edge(l scenario.Limit, size int64) (value float64, ok bool) {
	e, ok := t.edge(l, size)
	return e.at, ok
}

// reading is the value that the limit is about: the worst second, or the median.
func (e edge) reading(values []float64) (float64, bool) {
	if e.Form == scenario.Above && len(values) > 0 {
		return slices.Max(values), true
	}
	return middle(values)
}

func (e edge) passed(value float64) bool { return e.worse(value, e.at) }

// worse reports whether a value lies further in the direction of the limit than another one.
func (e edge) worse(a, b float64) bool {
	if e.Form == scenario.Collapse {
		return a < b
	}
	return a > b
}

// shown returns the op whose own seconds show it most, and its trial. An op that starts from the next smaller size counts only
// if no other one shows it: a fresh VM cannot repeat it.
func (t *Table) shown(e edge, n int64) (op string, number int) {
	var most float64
	var from scenario.State
	for _, o := range t.Spec.Ops {
		c := t.cells[key{n, o.Name}]
		value, ok := e.reading(c.seconds(e.Signal))
		if !ok || !e.passed(value) || op != "" && o.From == scenario.Smaller {
			continue
		}
		if op == "" || from == scenario.Smaller || e.worse(value, most) {
			op, number, most, from = o.Name, c.Trial, value, o.From
		}
	}
	return op, number
}

// words says how a limit was passed.
func (t *Table) words(e edge, value float64) string {
	of := func(v float64) string { return Quantity(v, t.unit(e.Of)) }
	now := Quantity(value, t.unit(e.Signal))
	switch e.Form {
	case scenario.Times:
		return fmt.Sprintf("%s is %s, %.1f times %s (%s); the limit is %g times", e.Signal, now, value/e.of, e.Of, of(e.of), e.Bound)
	case scenario.Collapse:
		return fmt.Sprintf("%s falls from %s at %s to %s, while %s rises from %s to %s", e.Signal, Quantity(e.peak.Level, t.unit(e.Signal)),
			strings.TrimSpace(Count(e.peak.Size)+" "+t.Head.Axis), now, e.Of, of(e.peak.Of), of(e.of))
	}
	return fmt.Sprintf("%s is %s, its limit is %s", e.Signal, now, Quantity(e.Bound, t.unit(e.Signal)))
}

func (t *Table) unit(signal string) string {
	i := slices.IndexFunc(t.Spec.Signals, func(s scenario.Signal) bool { return s.Name == signal })
	if i < 0 {
		return ""
	}
	return t.Spec.Signals[i].Unit
}
