package page

import (
	"fmt"
	"strings"

	"brink/internal/judge"
	"brink/internal/summary"
)

// figure is an op's ramp as text: what stands around its plot, and instead of it.
type figure struct {
	Op, Title string
	Plot      string // ID of its element; empty if there is nothing to draw
	Growth    string // expected and found
	Notes     []string
	Failures  []string // a size and what happened there
	Rows      []figureRow
	Axis      string
}

// figureRow is a size in the table that says what the plot shows.
type figureRow struct {
	Size, Median, Each, Samples, Budget, State string
	Bad                                        bool
}

// newFigure makes the figure of the op at an index, and its plot if there is something to draw.
func newFigure(s summary.Summary, at int) (figure, *plot) {
	op := s.Ops[at]
	f := figure{Op: op.Name, Title: op.Title, Growth: growth(op), Notes: notes(op), Axis: s.Scenario.Axis}
	for _, p := range op.Points {
		f.Rows = append(f.Rows, rowOf(op, p))
	}
	f.Failures = failures(op.Points)
	p := newPlot(s, op)
	if p != nil {
		p.ID = fmt.Sprintf("plot-%d", at+1)
		f.Plot = p.ID
	}
	return f, p
}

// worth tells whether an op's ramp says something: it has a finding; that of a signal has a plot of its own. Without
// findings those say most that grow with the size.
func worth(s summary.Summary, op summary.Op) bool {
	any := false
	for _, f := range s.Findings {
		if f.Kind == judge.OverLimit {
			continue
		}
		if f.Op == op.Name {
			return true
		}
		any = any || f.Op != ""
	}
	return !any && op.Expected == "O(n)" && op.Model != nil
}

func growth(op summary.Op) string {
	switch {
	case op.ModelText == "":
		return "expected " + op.Expected
	case op.Model == nil:
		return "expected " + op.Expected + "; how it grows: " + op.ModelText
	}
	return "expected " + op.Expected + ", found " + op.ModelText
}

func notes(op summary.Op) (notes []string) {
	if k := op.Knee; k != nil {
		notes = append(notes, fmt.Sprintf("knee (%s) at %s (%s to %s)",
			k.Kind, judge.Count(int64(k.At)), judge.Count(int64(k.Low)), judge.Count(int64(k.High))))
	}
	if op.Waits {
		notes = append(notes, "waits more than it computes")
	}
	return notes
}

// failures says what went wrong at which sizes. Neighbours that are over budget are one failure, told by the first and the last.
func failures(points []summary.Point) (list []string) {
	over := func(i int) bool { return i >= 0 && i < len(points) && points[i].State == summary.OverBudget }
	for i, p := range points {
		text := judge.Count(p.Size) + " " + told(p)
		switch {
		case !failed(p), over(i) && over(i-1) && over(i+1):
		case over(i) && over(i-1):
			list[len(list)-1] += " … " + text
		default:
			list = append(list, text)
		}
	}
	return list
}

func failed(p summary.Point) bool {
	return p.State == summary.OverBudget || p.State == summary.Late || p.State == summary.Refused
}

// told is what happened at a point.
func told(p summary.Point) string {
	switch {
	case p.Text != "":
		return stateName(p.State) + ": " + p.Text
	case p.State == summary.OverBudget:
		return fmt.Sprintf("over budget: %s instead of %s", duration(worst(p)), duration(p.BudgetNS))
	}
	return stateName(p.State)
}

// worst is the longest sample of a point.
func worst(p summary.Point) (ns int64) {
	for _, s := range p.Samples {
		ns = max(ns, s.WallNS)
	}
	return ns
}

func rowOf(op summary.Op, p summary.Point) figureRow {
	r := figureRow{Size: judge.Count(p.Size), Median: "-", Each: "-", Samples: samples(p), Budget: "-", State: told(p), Bad: failed(p)}
	if len(p.Samples) > 0 {
		r.Median, r.Each = duration(p.MedianNS), duration(p.EachNS)
	}
	if b := budget(op, p); b > 0 {
		r.Budget = duration(b)
	}
	return r
}

// samples is how many there are and between which times they lie.
func samples(p summary.Point) string {
	n := len(p.Samples)
	if n < 2 {
		return fmt.Sprint(n)
	}
	least := p.Samples[0].WallNS
	for _, s := range p.Samples {
		least = min(least, s.WallNS)
	}
	return fmt.Sprintf("%d (%s to %s)", n, duration(least), duration(worst(p)))
}

// readout is a point in a line, for who points at it.
func readout(s summary.Summary, op summary.Op, p summary.Point) string {
	parts := []string{sizeOf(s, p.Size)}
	if len(p.Samples) > 0 {
		median := "median " + duration(p.MedianNS)
		if p.Samples[0].Count > 1 {
			median += ", " + duration(p.EachNS) + " each"
		}
		parts = append(parts, median)
	}
	switch n := len(p.Samples); {
	case n == 0:
		parts = append(parts, "no sample")
	case n == 1:
		parts = append(parts, "1 sample")
	default:
		parts = append(parts, strings.Replace(samples(p), " (", " samples (", 1))
	}
	if b := budget(op, p); b > 0 {
		parts = append(parts, "budget "+duration(b))
	}
	if p.State != summary.OK {
		parts = append(parts, told(p))
	}
	return strings.Join(parts, " · ")
}
