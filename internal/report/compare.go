package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"brink/internal/growth"
	"brink/internal/judge"
	"brink/internal/trial"
)

// Compare puts two runs side by side: the ratio of each op's cost at each size (B divided by A) with its interval, whether
// the change is significant, the thresholds, and what only one of them showed.
func Compare(w io.Writer, a, b *judge.Table, c judge.Comparison) error {
	p := &printer{w: w}
	if a.Head.Seeded {
		p.printf("SEEDED: planted failures\n")
	}
	p.printf("A  %s  %s\nB  %s  %s\n\n", a.Head.Kernel.Name, a.Head.ID, b.Head.Kernel.Name, b.Head.ID)
	if d := differences(a.Head, b.Head); d != "" {
		p.printf("not only the kernel differs: %s\n\n", d)
	}
	p.ratios(a, c)
	p.printf("\n")
	for _, o := range c.Ops {
		p.change(o)
	}
	p.printf("\n")
	for _, f := range c.Findings {
		p.moved(f, a.Head.Axis)
	}
	p.printf("safe up to %s in A, %s in B\n", judge.Count(c.SafeA), judge.Count(c.SafeB))
	return p.err
}

// differences lists what two runs do not have in common besides their kernels.
func differences(a, b trial.Run) string {
	var list []string
	note := func(name string, x, y any) {
		if x != y {
			list = append(list, fmt.Sprintf("%s (%v, %v)", name, x, y))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Settings)) {
		note(name, a.Settings[name], b.Settings[name])
	}
	note("memory", a.Machine.MemoryMB, b.Machine.MemoryMB)
	note("vCPUs", a.Machine.CPUs, b.Machine.CPUs)
	note("CPU", a.Machine.CPU, b.Machine.CPU)
	note("seed", a.Seed, b.Seed)
	return strings.Join(list, ", ")
}

// ratios prints B/A for each op at each size that both measured.
func (p *printer) ratios(a *judge.Table, c judge.Comparison) {
	header := []string{"B/A, " + a.Head.Axis}
	for _, o := range c.Ops {
		header = append(header, o.Op)
	}
	rows := [][]string{header}
	for _, n := range a.Sizes {
		row, any := []string{judge.Count(n)}, false
		for _, o := range c.Ops {
			text := "-"
			for _, r := range o.Sizes {
				if r.N == n {
					text, any = ratio(r), true
				}
			}
			row = append(row, text)
		}
		if any {
			rows = append(rows, row)
		}
	}
	p.table(rows, 1)
}

// ratio prints a ratio with its interval, unless that spans so much that it says nothing.
func ratio(r growth.Ratio) string {
	if r.High > 100*r.Low {
		return fmt.Sprintf("%.3g (?)", r.Value)
	}
	return fmt.Sprintf("%.3g (%.3g to %.3g)", r.Value, r.Low, r.High)
}

// change prints what all sizes of an op say together.
func (p *printer) change(o judge.OpChange) {
	if len(o.Sizes) == 0 {
		p.printf("%-10s no common sizes\n", o.Op)
		return
	}
	p.printf("%-10s %s, ratio %s, confidence %.3g", o.Op, o.Difference, ratio(o.Ratio), o.Confidence)
	if g := o.Growth; g.Changed {
		p.printf("; grows differently: %s, then %s", named(g.From), named(g.To))
		if g.Exponent != nil {
			p.printf(", exponent %+.2f (%+.2f to %+.2f)", g.Exponent.Value, g.Exponent.Low, g.Exponent.High)
		}
	}
	if len(o.Warnings) > 0 {
		p.printf(" [%s]", strings.Join(o.Warnings, "; "))
	}
	p.printf("\n")
}

func named(c growth.Class) string {
	if c == "" {
		return "cannot tell"
	}
	return string(c)
}

func (p *printer) moved(f judge.FindingChange, axis string) {
	switch f.In {
	case "both":
		p.printf("moved: %s %s at %s %s in A, at %s in B\n", f.Finding.What, f.Finding.Kind, bracket(*f.Other), axis, bracket(f.Finding))
	default:
		p.printf("only in %s: %s at %s %s: %s\n", f.In, f.Finding.Kind, bracket(f.Finding), axis, f.Finding.Text)
	}
}

// bracket writes the sizes between which something begins to fail.
func bracket(f judge.Finding) string {
	if f.Safe == 0 {
		return judge.Count(f.Broken)
	}
	return judge.Count(f.Broken) + " (not at " + judge.Count(f.Safe) + ")"
}
