package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"brink/internal/grid"
	"brink/internal/judge"
	"brink/internal/picture"
)

// GridStyle is how a grid's report is drawn.
type GridStyle struct {
	Names  []string // ops and signals to show, each as a table with shades
	Width  int      // columns of a table; 0: the default
	Colour bool
	ASCII  bool
}

// Grid writes a grid's report: what ran on what, sizes against values, where each failure lies and what its threshold is one of,
// the runs.
func Grid(w io.Writer, g grid.Grid, style GridStyle) error {
	p := &printer{w: w}
	p.gridHead(g)
	for _, name := range style.Names {
		if p.err == nil {
			p.err = gridTable(w, g, name, style)
			p.printf("\n")
		}
	}
	if len(style.Names) > 0 {
		p.printf("! over budget, late: past its deadline, refused: the kernel returned an error,\n" +
			"n/a: not possible with these settings, -: not measured\n\n")
	}
	for _, t := range g.Thresholds {
		p.threshold(g, t)
	}
	p.gridRuns(g)
	return p.err
}

func gridTable(w io.Writer, g grid.Grid, name string, style GridStyle) error {
	table := GridPicture(g, name)
	table.Subtitle = "" // the report's head says it
	if style.ASCII {
		return picture.GridASCII(w, table, style.Width)
	}
	return picture.GridTerminal(w, table, style.Width, style.Colour)
}

func (p *printer) gridHead(g grid.Grid) {
	if g.Seeded {
		p.printf("SEEDED    the failures below are planted, to try brink itself; they say nothing about this kernel\n")
	}
	what := "series"
	if g.Second != "" {
		what = "grid"
	}
	p.printf("%-9s %s\nscenario  %s: %s%s\n", what, g.ID, g.Scenario, g.Title, inBrackets(g.Settings))
	p.printf("kernel    %s, %s\n", g.Kernel.Name, g.Kernel.Release)
	p.printf("machine   %s, %d MiB, %d vCPU (%s), %s, QEMU %s\n", g.Machine.Accel, g.Machine.MemoryMB, g.Machine.CPUs, g.Machine.CPU,
		g.Machine.Board, g.Machine.QEMU)
	p.printf("clock     %s\n\n", clockWords(g.Machine.Clock))
}

func inBrackets(set map[string]string) string {
	text := ""
	for _, name := range slices.Sorted(maps.Keys(set)) {
		text += ", " + name + "=" + set[name]
	}
	if text == "" {
		return ""
	}
	return " (" + text[2:] + ")"
}

// threshold writes where a failure lies for each value, and what its threshold is one of.
func (p *printer) threshold(g grid.Grid, t grid.Threshold) {
	p.printf("%s  %s of %s, by %s\n", heading(judge.Finding{Seeded: g.Seeded}), t.Kind, t.What, g.Axis)
	rows := [][]string{{g.Second}, {"safe up to"}, {"broken at"}}
	for _, at := range t.Points {
		safe, broken := between(at)
		rows[0], rows[1], rows[2] = append(rows[0], judge.Count(at.Value)), append(rows[1], safe), append(rows[2], broken)
	}
	p.table(rows, 1)
	for _, line := range wrapped(t.Law.Text, lawWidth) {
		p.printf("         %s\n", line)
	}
	p.printf("\n")
}

// lawWidth is where the sentence on a threshold is broken, in columns.
const lawWidth = 100

// wrapped breaks a text at blanks.
func wrapped(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}

func between(at grid.Point) (safe, broken string) {
	switch {
	case at.Broken == 0 && at.Upto == 0:
		return "?", "?"
	case at.Broken == 0:
		return judge.Count(at.Upto), "-"
	case at.Safe == 0:
		return "-", judge.Count(at.Broken)
	}
	return judge.Count(at.Safe), judge.Count(at.Broken)
}

// gridRuns lists the runs. In a series, which has no table over all of them, each has its growths and its findings.
func (p *printer) gridRuns(g grid.Grid) {
	for _, r := range g.Runs {
		p.printf("%-18s %s%s\n", r.Name, r.State, runWords(r))
		if g.Second != "" {
			continue
		}
		p.gridGrowths(r)
		for _, f := range r.Findings {
			p.printf("  %s  %s: %s\n", heading(f), kindAndSize(f, r.Axis), f.Text)
		}
	}
}

// gridGrowths lists how the costs grow in a run, and of which ops that cannot be told.
func (p *printer) gridGrowths(r grid.Run) {
	var untold []string
	for _, x := range r.Growths {
		if !x.Told {
			untold = append(untold, x.Op)
			continue
		}
		p.printf("  growth    %-11s %s\n", x.Op, x.Text)
	}
	if len(untold) == 0 {
		return
	}
	for i, line := range wrapped("cannot tell: "+strings.Join(untold, ", "), lawWidth) {
		p.printf("  %-9s %s\n", map[bool]string{true: "growth"}[i == 0], line)
	}
}

// runWords says what came of a run, and where its own report is.
func runWords(r grid.Run) string {
	if r.ID == "" {
		return ""
	}
	safe := "no size is safe in every op"
	if r.Safe > 0 {
		safe = "safe up to " + judge.Count(r.Safe) + " " + r.Axis
	}
	if r.State != grid.Finished {
		safe = "so far"
	}
	what := map[int]string{0: "no finding", 1: "1 finding"}[len(r.Findings)]
	if what == "" {
		what = fmt.Sprintf("%d findings", len(r.Findings))
	}
	return fmt.Sprintf(": %s, %s, run %s", what, safe, r.ID)
}

// GridPicture is a table of one op or signal over sizes and values.
func GridPicture(g grid.Grid, name string) picture.Grid {
	q, _ := g.Quantity(name)
	to := picture.Grid{Title: q.Name + ": " + q.Title + " (median)", Rows: g.Axis, Columns: g.Second, Seeded: g.Seeded,
		Subtitle: fmt.Sprintf("%s on %s, %s, clock %s", g.Scenario, g.Kernel.Name, g.Machine.Accel, g.Machine.Clock)}
	for _, r := range g.Runs {
		to.ColumnNames = append(to.ColumnNames, judge.Count(r.Value))
	}
	for y, n := range g.Sizes {
		to.RowNames = append(to.RowNames, judge.Count(n))
		var row []picture.GridCell
		for _, c := range q.Cells[y] {
			row = append(row, gridCell(c, q.Unit))
		}
		to.Cells = append(to.Cells, row)
	}
	return to
}

func gridCell(c grid.Cell, unit string) picture.GridCell {
	to := picture.GridCell{Value: c.Value, Text: string(c.State), Known: c.State == grid.Measured || c.State == grid.Over,
		Over: c.State == grid.Over, Broken: c.Broken}
	if to.Known {
		to.Text = judge.Quantity(c.Value, unit)
	}
	return to
}
