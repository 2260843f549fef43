package summary

import (
	"math"
	"slices"
	"time"

	"brink/internal/growth"
	"brink/internal/judge"
	"brink/internal/scenario"
)

// curveDots is how many points a model's curve has.
const curveDots = 60

func opOf(t *judge.Table, op scenario.Op) Op {
	o := Op{Name: op.Name, Title: op.Title, Expected: string(op.Growth), BudgetNS: int64(op.Budget.Base), PerUnitNS: int64(op.Budget.PerUnit),
		DeadlineNS: int64(op.Deadline), Points: []Point{}}
	var wall, off time.Duration
	for _, n := range t.Sizes {
		c := t.Cell(n, op.Name)
		if c == nil {
			continue
		}
		o.Points = append(o.Points, pointOf(n, c, op))
		for _, s := range c.Samples {
			wall, off = wall+s.Wall(), off+s.OffCPU()
		}
	}
	o.Waits = off > wall/2
	o.model(t, op)
	return o
}

func pointOf(n int64, c *judge.Cell, op scenario.Op) Point {
	p := Point{Size: n, State: OK, Trial: c.Trial, Samples: c.Samples}
	if s, ok := c.Median(); ok {
		p.MedianNS, p.EachNS, p.BudgetNS = s.WallNS, s.WallNS/max(1, s.Count), int64(op.Budget.At(s.Count))
	}
	_, over := c.Worst(op)
	switch {
	case c.Late > 0:
		p.State, p.Text = Late, "not done after "+judge.Duration(c.Late)
	case c.Failed != nil:
		p.State, p.Text = Refused, c.Failed.Message
	case c.Skipped != "":
		p.State, p.Text = Skipped, c.Skipped
	case over:
		p.State = OverBudget
	}
	return p
}

// model adds the fitted growth, or says why there is none.
func (o *Op) model(t *judge.Table, op scenario.Op) {
	fit, ok := t.Fit(op)
	if !ok {
		return
	}
	if k := fit.Knee; k != nil {
		o.Knee = &Knee{Kind: string(k.Kind), At: float64(k.At), Low: float64(k.Low), High: float64(k.High)}
	}
	o.ModelText = t.Law(op)
	if fit.Verdict != growth.Told {
		return
	}
	m := Model{Class: string(fit.Class), Curve: curve(fit, t.Sizes)}
	if e := fit.Exponent; e != nil {
		m.Exponent, m.ExponentLow, m.ExponentHigh = e.Value, e.Low, e.High
	}
	o.Model = &m
}

// curve follows a model from the smallest size to the largest of the ladder, in steps of equal ratio.
func curve(fit growth.Result, sizes []int64) []Dot {
	lo, hi := float64(max(1, slices.Min(sizes))), float64(max(1, slices.Max(sizes)))
	spread := math.Exp(2 * fit.Prediction) // two standard deviations of the log error, left-out sizes predicted
	dots := []Dot{}
	for i := range curveDots {
		n := lo * math.Pow(hi/lo, float64(i)/(curveDots-1))
		d := Dot{n, fit.At(n), fit.At(n) / spread, fit.At(n) * spread}
		if d.NS > 0 && !math.IsNaN(d.NS) && !math.IsInf(d.High, 0) && !math.IsNaN(d.High) { // JSON has no infinity
			dots = append(dots, d)
		}
	}
	return dots
}
