package grid

import (
	"slices"

	"brink/internal/judge"
	"brink/internal/scenario"
)

// Quantity is what one op or one signal was at each size in each run.
type Quantity struct {
	Name   string `json:"name"` // of the op or the signal; signal-NAME where an op has the signal's name
	Title  string `json:"title"`
	Unit   string `json:"unit"` // ns for an op
	Signal bool   `json:"signal,omitempty"`
	// Cells hold a line for each size (Grid.Sizes), with a cell for each run (Grid.Runs).
	Cells [][]Cell `json:"cells"`
}

// Cell is a quantity at one size in one run.
type Cell struct {
	Value  float64 `json:"value"` // median, in the quantity's unit, where State is Measured or Over
	State  Mark    `json:"state"`
	Broken bool    `json:"broken,omitempty"` // something has failed in this run at this size or below it
}

// Mark says what is known of a cell.
type Mark string

// The marks of a cell.
const (
	Measured Mark = "measured"
	Over     Mark = "over budget" // measured, and a sample took longer than its budget
	Late     Mark = "late"        // past its deadline
	Refused  Mark = "refused"     // the kernel returned an error
	Skipped  Mark = "n/a"         // not possible with these settings
	Missing  Mark = "-"           // not measured
)

// quantities returns all ops and signals that were measured anywhere.
func quantities(spec scenario.Spec, g Grid, parts []Part) (all []Quantity) {
	add := func(q Quantity, cell func(*judge.Table, int64) Cell) {
		known := false
		for _, n := range g.Sizes {
			line := make([]Cell, len(parts))
			for i, p := range parts {
				line[i] = Cell{State: Missing}
				if p.Table != nil && slices.Contains(p.Table.Sizes, n) {
					line[i] = cell(p.Table, n)
					line[i].Broken = g.Runs[i].broken(n)
				}
				known = known || line[i].State != Missing
			}
			q.Cells = append(q.Cells, line)
		}
		if known {
			all = append(all, q)
		}
	}
	for _, op := range spec.Ops {
		add(Quantity{Name: op.Name, Title: op.Title, Unit: "ns"}, func(t *judge.Table, n int64) Cell {
			return cellOf(t.Cell(n, op.Name), t, op.Name)
		})
	}
	for _, s := range spec.Signals {
		add(Quantity{Name: nameOf(spec, s.Name), Title: s.Title, Unit: s.Unit, Signal: true}, func(t *judge.Table, n int64) Cell {
			if level, ok := t.Level(n, s.Name); ok {
				return Cell{Value: level, State: Measured}
			}
			return Cell{State: Missing}
		})
	}
	return all
}

// nameOf is what a signal is called among the quantities.
func nameOf(spec scenario.Spec, signal string) string {
	if _, ok := spec.Op(signal); ok {
		return "signal-" + signal
	}
	return signal
}

// cellOf reads an op's cell. Its budget is that of the run's own spec.
func cellOf(c *judge.Cell, t *judge.Table, op string) Cell {
	s, ok := c.Median()
	switch {
	case c == nil:
		return Cell{State: Missing}
	case c.Late > 0:
		return Cell{State: Late}
	case c.Failed != nil:
		return Cell{State: Refused}
	case c.Skipped != "":
		return Cell{State: Skipped}
	case !ok:
		return Cell{State: Missing}
	}
	own, _ := t.Spec.Op(op)
	if _, over := c.Worst(own); over {
		return Cell{Value: float64(s.WallNS), State: Over}
	}
	return Cell{Value: float64(s.WallNS), State: Measured}
}

// broken reports whether a run has failed at a size or below it. Growth is a trend and no failure at a size.
func (r Run) broken(n int64) bool {
	return slices.ContainsFunc(r.Findings, func(f judge.Finding) bool { return f.Kind != judge.Growth && f.Broken <= n })
}

// choose returns the quantity that says most: the one that findings of most runs are about, of several the one that fails first;
// without findings the op that grows most steeply.
func choose(spec scenario.Spec, g Grid) string {
	best, runs, first := "", 0, int64(0)
	for _, q := range g.Quantities {
		count, least := 0, int64(0)
		for _, r := range g.Runs {
			for i, f := range about(spec, r.Findings, q.Name) {
				if i == 0 {
					count++
				}
				if least == 0 || f.Broken < least {
					least = f.Broken
				}
			}
		}
		if count > runs || count > 0 && count == runs && least < first {
			best, runs, first = q.Name, count, least
		}
	}
	if best == "" {
		return steepest(g)
	}
	return best
}

// about returns the findings about an op or a signal. A limit's is about the signal, not about the op that ran meanwhile.
func about(spec scenario.Spec, found []judge.Finding, name string) (own []judge.Finding) {
	for _, f := range found {
		subject := f.Op
		if f.Kind == judge.OverLimit {
			if i := slices.IndexFunc(spec.Limits, func(l scenario.Limit) bool { return l.Name == f.What }); i >= 0 {
				subject = nameOf(spec, spec.Limits[i].Signal)
			}
		}
		if subject == name && f.Kind != judge.Growth {
			own = append(own, f)
		}
	}
	return own
}

// steepest returns the op with the largest exponent, the median over the runs, and the first one where no exponent is known.
func steepest(g Grid) string {
	best, most := "", -1.0
	for _, q := range g.Quantities {
		var exponents []float64
		for _, r := range g.Runs {
			for _, x := range r.Growths {
				if x.Op == q.Name && x.Exponent != nil {
					exponents = append(exponents, x.Exponent.Value)
				}
			}
		}
		slices.Sort(exponents)
		if n := len(exponents); n > 0 && exponents[n/2] > most {
			best, most = q.Name, exponents[n/2]
		}
		if best == "" {
			best = q.Name
		}
	}
	return best
}
