package summary

import (
	"slices"

	"brink/internal/judge"
	"brink/internal/scenario"
)

// Signal is a quantity that the guest recorded about once a second of its time while ops ran, in the signal's unit.
type Signal struct {
	Name   string        `json:"name"`
	Unit   string        `json:"unit"` // "/s", "ns", "%", or what is counted
	Title  string        `json:"title"`
	Points []SignalPoint `json:"points"`
	Limits []Limit       `json:"limits,omitempty"`
}

// SignalPoint is a signal at one size, over all ops.
type SignalPoint struct {
	Size    int64   `json:"size"`
	Median  float64 `json:"median"`
	Min     float64 `json:"min"`
	Max     float64 `json:"max"`
	Seconds int     `json:"seconds"` // how many there are
}

// Limit is a bound on a signal; what passes it is a finding of kind over-limit with its name.
type Limit struct {
	Name  string        `json:"name"`
	Title string        `json:"title"`
	Form  scenario.Form `json:"form"`
	Bound float64       `json:"bound"` // in the signal's unit if the form is above, else a factor
	Of    string        `json:"of,omitempty"`
	At    []Edge        `json:"at"` // where it lies, at the sizes where it has something to be compared with
}

// Edge is the value that a signal must not pass at a size: not rise above it, or not fall below it if the limit is a collapse.
type Edge struct {
	Size  int64   `json:"size"`
	Value float64 `json:"value"`
}

// signalsOf are those that were recorded.
func signalsOf(t *judge.Table) []Signal {
	all := []Signal{}
	for _, sig := range t.Spec.Signals {
		s := Signal{Name: sig.Name, Unit: sig.Unit, Title: sig.Title, Points: signalPoints(t, sig.Name)}
		if len(s.Points) == 0 {
			continue
		}
		for _, l := range t.Spec.Limits {
			if l.Signal == sig.Name {
				s.Limits = append(s.Limits, limitOf(t, l, s.Points))
			}
		}
		all = append(all, s)
	}
	return all
}

func signalPoints(t *judge.Table, signal string) []SignalPoint {
	points := []SignalPoint{}
	for _, n := range t.Sizes {
		values := t.Seconds(n, signal)
		if level, ok := t.Level(n, signal); ok {
			points = append(points, SignalPoint{Size: n, Median: level, Min: slices.Min(values), Max: slices.Max(values), Seconds: len(values)})
		}
	}
	return points
}

func limitOf(t *judge.Table, l scenario.Limit, points []SignalPoint) Limit {
	out := Limit{Name: l.Name, Title: l.Title, Form: l.Form, Bound: l.Bound, Of: l.Of, At: []Edge{}}
	for _, p := range points {
		if value, ok := t.Edge(l, p.Size); ok {
			out.At = append(out.At, Edge{p.Size, value})
		}
	}
	return out
}
