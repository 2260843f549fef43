package page

import (
	"fmt"
	"slices"
	"strings"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/summary"
)

// signalFigure is a signal as text: what stands around its plot, and instead of it.
type signalFigure struct {
	Name, Title string
	Plot        string   // ID of its element; empty if there is nothing to draw
	Limits      []string // what it must not pass
	Failures    []string // its findings
	Rows        []signalRow
	Axis        string
}

// signalRow is a size in the table that says what the plot shows.
type signalRow struct {
	Size, Median, Min, Max, Seconds, Limit, State string
	Bad                                           bool
}

// newSignals makes the figures of a run's signals, those with findings first, and their plots.
func newSignals(s summary.Summary) (figures []signalFigure, plots []signalPlot) {
	var rest []signalFigure
	for i, sig := range s.Signals {
		f := signalFigure{Name: sig.Name, Title: sig.Title, Limits: limits(s, sig), Axis: s.Scenario.Axis}
		for _, found := range findingsOf(s, sig) {
			f.Failures = append(f.Failures, at(s, found)+": "+found.Text)
		}
		for _, p := range sig.Points {
			f.Rows = append(f.Rows, signalRowOf(sig, p))
		}
		if p := newSignalPlot(s, sig); p != nil {
			p.ID = fmt.Sprintf("signal-%d", i+1)
			f.Plot, plots = p.ID, append(plots, *p)
		}
		if len(f.Failures) > 0 {
			figures = append(figures, f)
		} else {
			rest = append(rest, f)
		}
	}
	return append(figures, rest...), plots
}

// findingsOf are those of a signal's limits.
func findingsOf(s summary.Summary, sig summary.Signal) (found []summary.Finding) {
	for _, f := range s.Findings {
		its := func(l summary.Limit) bool { return l.Name == f.What }
		if f.Kind == judge.OverLimit && slices.ContainsFunc(sig.Limits, its) {
			found = append(found, f)
		}
	}
	return found
}

// limits says what a signal must not pass.
func limits(s summary.Summary, sig summary.Signal) (list []string) {
	for _, l := range sig.Limits {
		text := fmt.Sprintf("no second above %s", judge.Quantity(l.Bound, sig.Unit))
		switch l.Form {
		case scenario.Times:
			text = fmt.Sprintf("median not above %g times %s", l.Bound, l.Of)
		case scenario.Collapse:
			text = fmt.Sprintf("median not below %g of what it was at a smaller number of %s, where %s was less", l.Bound, s.Scenario.Axis, l.Of)
		}
		list = append(list, l.Title+": "+text)
	}
	return list
}

func signalRowOf(sig summary.Signal, p summary.SignalPoint) signalRow {
	word := func(v float64) string { return judge.Quantity(v, sig.Unit) }
	r := signalRow{Size: judge.Count(p.Size), Median: word(p.Median), Min: word(p.Min), Max: word(p.Max),
		Seconds: judge.Count(int64(p.Seconds)), Limit: "-"}
	var edges, passed []string
	for _, l := range sig.Limits {
		if value, ok := edge(l, p.Size); ok {
			edges = append(edges, word(value))
			if beyond(l, p, value) {
				passed = append(passed, l.Title)
			}
		}
	}
	if len(edges) > 0 {
		r.Limit, r.State = strings.Join(edges, ", "), "ok"
	}
	if len(passed) > 0 {
		r.State, r.Bad = strings.Join(passed, ", "), true
	}
	return r
}

// edge is where a limit lies at a size.
func edge(l summary.Limit, size int64) (value float64, ok bool) {
	i := slices.IndexFunc(l.At, func(e summary.Edge) bool { return e.Size == size })
	if i < 0 {
		return 0, false
	}
	return l.At[i].Value, true
}

// beyond reports whether a signal has passed its limit, which lies at a value.
func beyond(l summary.Limit, p summary.SignalPoint, value float64) bool {
	switch l.Form {
	case scenario.Above:
		return p.Max > value
	case scenario.Collapse:
		return p.Median < value
	}
	return p.Median > value
}

// signalPlot is what the script draws of a signal: as a plot of an op, but with a linear axis from 0 unless it is a time.
type signalPlot struct {
	ID      string        `json:"id"`
	Axis    string        `json:"axis"`
	Label   string        `json:"label"`          // of the other axis
	Unit    string        `json:"unit,omitempty"` // empty for a time in ns
	Points  []signalPoint `json:"points"`
	Safe    int64         `json:"safe,omitempty"`
	Broken  int64         `json:"broken,omitempty"`
	Failure string        `json:"failure,omitempty"`
}

type signalPoint struct {
	Size    int64     `json:"n"`
	Median  *float64  `json:"mid"`              // nil if it cannot stand on the axis
	Limit   *float64  `json:"budget,omitempty"` // drawn as a budget is
	Seconds []float64 `json:"ns,omitempty"`     // the smallest and the largest
	Text    string    `json:"text"`             // all of it in words
}

// newSignalPlot returns nil if nothing can be drawn.
func newSignalPlot(s summary.Summary, sig summary.Signal) *signalPlot {
	p := &signalPlot{Axis: s.Scenario.Axis, Label: visible(sig.Name + " in " + sig.Unit), Unit: visible(sig.Unit)}
	if sig.Unit == "ns" {
		p.Label, p.Unit = visible(sig.Name), ""
	}
	drawn := false
	for _, q := range sig.Points {
		if q.Size <= 0 {
			continue
		}
		point := signalPoint{Size: q.Size, Median: p.drawn(q.Median), Text: visible(signalReadout(s, sig, q))}
		for _, v := range []float64{q.Min, q.Max} {
			if y := p.drawn(v); y != nil {
				point.Seconds = append(point.Seconds, *y)
			}
		}
		if len(sig.Limits) > 0 { // the table has the others
			if value, ok := edge(sig.Limits[0], q.Size); ok {
				point.Limit = p.drawn(value)
			}
		}
		drawn = drawn || point.Median != nil
		p.Points = append(p.Points, point)
	}
	if !drawn {
		return nil
	}
	if found := findingsOf(s, sig); len(found) > 0 {
		p.Safe, p.Broken, p.Failure = found[0].Safe, found[0].Broken, visible(found[0].What)
	}
	return p
}

// drawn is a value on the plot, nil if it has no place there: a time of 0 has none on a logarithmic axis.
func (p *signalPlot) drawn(v float64) *float64 {
	if p.Unit == "" && v <= 0 {
		return nil
	}
	v = short(v)
	return &v
}

// signalReadout is a point in a line, for who points at it.
func signalReadout(s summary.Summary, sig summary.Signal, p summary.SignalPoint) string {
	r := signalRowOf(sig, p)
	parts := []string{sizeOf(s, p.Size), "median " + r.Median}
	if p.Seconds > 1 {
		parts[1] += fmt.Sprintf(" of %s (%s to %s)", plural(p.Seconds, "second", "seconds"), r.Min, r.Max)
	}
	if r.Limit != "-" {
		parts = append(parts, "limit "+r.Limit)
	}
	if r.Bad {
		parts = append(parts, r.State)
	}
	return strings.Join(parts, " · ")
}
