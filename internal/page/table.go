package page

import (
	"fmt"
	"slices"

	"brink/internal/judge"
	"brink/internal/summary"
	"brink/internal/trial"
)

// opTable is every op at every size.
type opTable struct {
	Sizes []string
	Rows  []opRow
}

type opRow struct {
	Op, Title       string
	Expected, Found string
	Budget          string
	Cells           []opCell
}

// opCell is a median, and below it the cost of a unit or what went wrong.
type opCell struct {
	Text, Note string
	Bad        bool
}

func newOps(s summary.Summary) (t opTable) {
	for _, n := range s.Scenario.Sizes {
		t.Sizes = append(t.Sizes, judge.Count(n))
	}
	for _, op := range s.Ops {
		r := opRow{Op: op.Name, Title: op.Title, Expected: op.Expected, Found: found(op), Budget: duration(op.BudgetNS)}
		if op.PerUnitNS > 0 {
			r.Budget += " + " + duration(op.PerUnitNS) + " each"
		}
		for _, n := range s.Scenario.Sizes {
			r.Cells = append(r.Cells, cellOf(op, n))
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

// found is the growth in a word and its exponent; the model with its terms is beside the plot.
func found(op summary.Op) string {
	if op.Model == nil {
		if op.ModelText == "" {
			return "not fitted"
		}
		return op.ModelText
	}
	if m := op.Model; m.Class != "constant" && m.Exponent != 0 {
		return fmt.Sprintf("%s, exponent %.2f (%.2f to %.2f)", m.Class, m.Exponent, m.ExponentLow, m.ExponentHigh)
	}
	return op.Model.Class
}

func cellOf(op summary.Op, n int64) opCell {
	i := slices.IndexFunc(op.Points, func(p summary.Point) bool { return p.Size == n })
	if i < 0 {
		return opCell{Text: "-"}
	}
	p := op.Points[i]
	c := opCell{Text: "-", Bad: failed(p)}
	if p.State == summary.Late || p.State == summary.Refused || p.State == summary.Skipped {
		c.Text = stateName(p.State)
		return c
	}
	if len(p.Samples) > 0 {
		c.Text = duration(p.MedianNS)
		if p.Samples[0].Count > 1 {
			c.Note = duration(p.EachNS) + " each"
		}
	}
	if p.State == summary.OverBudget {
		c.Text = "!" + c.Text
	}
	return c
}

// restTable is the guest beside the state that grows.
type restTable struct {
	Canaries []string
	Rows     []restRow
}

type restRow struct {
	Size, When string
	Trial      int
	Canaries   []restCell
	Health     []string
	Lines      []string // new errors in the kernel's log
	Errors     string   // how many there were
}

type restCell struct {
	Text, Title string
	Bad         bool
}

func newRests(s summary.Summary) (t restTable) {
	for _, r := range s.Rests {
		for _, c := range r.Canaries {
			if !slices.Contains(t.Canaries, c.Name) {
				t.Canaries = append(t.Canaries, c.Name)
			}
		}
	}
	for _, r := range s.Rests {
		h := r.Health
		row := restRow{Size: judge.Count(r.Size), When: r.When, Trial: r.Trial, Lines: h.KernelLines, Errors: judge.Count(int64(h.KernelCount)),
			Health: []string{judge.Count(h.Threads), judge.Count(h.LastPID), mib(h.MemFreeKB), mib(h.MemAvailKB), mib(h.SlabKB),
				mib(h.PercpuKB), mib(h.StackKB), judge.Count(h.Taint)}}
		for _, name := range t.Canaries {
			row.Canaries = append(row.Canaries, canary(r, name))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func canary(r summary.Rest, name string) restCell {
	i := slices.IndexFunc(r.Canaries, func(c trial.Canary) bool { return c.Name == name })
	if i < 0 {
		return restCell{Text: "-"}
	}
	c := r.Canaries[i]
	if c.Err == nil {
		return restCell{Text: duration(c.NS)}
	}
	if c.Err.Name == "" {
		return restCell{Text: "error", Title: c.Err.Message, Bad: true}
	}
	return restCell{Text: c.Err.Name, Title: c.Err.Message, Bad: true}
}
