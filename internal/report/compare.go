package report

import (
	"fmt"
	"io"
	"slices"

	"brink/internal/judge"
)

// Compare puts two runs side by side: the ratio of the medians of each op at each size (B divided by A), and what only
// one of them showed. Runs of different scenarios, axes or clocks cannot be compared.
func Compare(w io.Writer, a, b *judge.Table) error {
	switch {
	case a.Head.Scenario != b.Head.Scenario || a.Head.Axis != b.Head.Axis:
		return fmt.Errorf("%s and %s ramp different things", a.Head.ID, b.Head.ID)
	case a.Head.Machine.Clock != b.Head.Machine.Clock || a.Head.Machine.Accel != b.Head.Machine.Accel:
		return fmt.Errorf("%s and %s hold different clocks (%s %s, %s %s): their times cannot be compared", a.Head.ID, b.Head.ID,
			a.Head.Machine.Accel, a.Head.Machine.Clock, b.Head.Machine.Accel, b.Head.Machine.Clock)
	}
	p := &printer{w: w}
	if a.Head.Seeded {
		p.printf("SEEDED: planted failures\n")
	}
	p.printf("A  %s  %s\nB  %s  %s\n\n", a.Head.Kernel.Name, a.Head.ID, b.Head.Kernel.Name, b.Head.ID)
	p.ratios(a, b)
	p.only("A", a, b)
	p.only("B", b, a)
	return p.err
}

// ratios prints B/A for each op at each size that both measured.
func (p *printer) ratios(a, b *judge.Table) {
	header := []string{"B/A, " + a.Head.Axis}
	for _, op := range a.Spec.Ops {
		header = append(header, op.Name)
	}
	rows := [][]string{header}
	for _, n := range a.Sizes {
		if !slices.Contains(b.Sizes, n) {
			continue
		}
		row := []string{Count(n)}
		for _, op := range a.Spec.Ops {
			x, okA := a.Cell(n, op.Name).Median()
			y, okB := b.Cell(n, op.Name).Median()
			text := "-"
			if okA && okB && x.WallNS > 0 {
				text = fmt.Sprintf("%.3g", float64(y.WallNS)/float64(x.WallNS))
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	p.table(rows)
	p.printf("\n")
}

// only prints the findings of x that y does not have, or has at another size.
func (p *printer) only(name string, x, y *judge.Table) {
	others := y.Findings()
	for _, f := range x.Findings() {
		i := slices.IndexFunc(others, func(g judge.Finding) bool { return g.What == f.What && g.Kind == f.Kind })
		switch {
		case i < 0:
			p.printf("only in %s: %s at %s %s: %s\n", name, f.Kind, Count(f.Broken), x.Head.Axis, f.Text)
		case others[i].Broken != f.Broken:
			p.printf("earlier or later in %s: %s %s at %s %s, in the other at %s\n", name, f.What, f.Kind, Count(f.Broken),
				x.Head.Axis, Count(others[i].Broken))
		}
	}
}
