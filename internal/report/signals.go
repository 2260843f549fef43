package report

import (
	"slices"

	"brink/internal/judge"
	"brink/internal/scenario"
)

// signals prints the levels of the signals that were recorded.
func (p *printer) signals(t *judge.Table) {
	var columns []column
	for _, s := range t.Spec.Signals {
		recorded := func(n int64) bool { _, ok := t.Level(n, s.Name); return ok }
		if slices.ContainsFunc(t.Sizes, recorded) {
			columns = append(columns, newColumn(t, s))
		}
	}
	if len(columns) == 0 {
		return
	}
	rows := [][]string{{t.Head.Axis}}
	for _, c := range columns {
		rows[0] = append(rows[0], c.title)
	}
	for _, n := range t.Sizes {
		row := []string{judge.Count(n)}
		for _, c := range columns {
			row = append(row, c.cell(t, n))
		}
		rows = append(rows, row)
	}
	p.table(rows, 1)
	p.printf("\n  signals: median of their seconds in all ops, or the worst second (max) where the limit is on that;\n" +
		"  ! beyond its limit, -: not recorded\n\n")
}

// column is a signal in the table.
type column struct {
	scenario.Signal
	title  string
	limits []scenario.Limit
	worst  bool // the limit is on the worst second
}

func newColumn(t *judge.Table, s scenario.Signal) column {
	c := column{Signal: s, title: s.Name, limits: limitsOn(t, s.Name)}
	if c.worst = slices.ContainsFunc(c.limits, func(l scenario.Limit) bool { return l.Form == scenario.Above }); c.worst {
		c.title += " max"
	}
	return c
}

func (c column) cell(t *judge.Table, n int64) string {
	level, ok := t.Level(n, c.Name)
	if !ok {
		return "-"
	}
	if c.worst {
		level = slices.Max(t.Seconds(n, c.Name))
	}
	text := judge.Quantity(level, c.Unit)
	if slices.ContainsFunc(c.limits, func(l scenario.Limit) bool { return t.Beyond(l, n) }) {
		text = "!" + text
	}
	return text
}
