package report

import (
	"math"
	"slices"
	"time"

	"brink/internal/growth"
	"brink/internal/judge"
	"brink/internal/picture"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Ramp is what an op's picture shows: its samples, the fit, the budget, and the sizes between which something fails. Of
// several findings it is the op's own, else the first that takes the VM.
func Ramp(t *judge.Table, op scenario.Op) picture.Ramp {
	axis, _ := t.Spec.Axis(t.Head.Axis)
	r := picture.Ramp{Title: op.Name + ": " + op.Title, Axis: axis.Name, Unit: axis.Unit, Seeded: t.Head.Seeded, Subtitle: subtitle(t)}
	var wall, off time.Duration
	units := false // a sample counts units, so that its budget grows with the size
	for _, n := range t.Sizes {
		c := t.Cell(n, op.Name)
		if c == nil {
			continue
		}
		p := picture.Point{Size: n, Failed: c.Late > 0 || c.Failed != nil}
		for _, s := range c.Samples {
			p.Samples = append(p.Samples, s.Wall())
			wall, off, units = wall+s.Wall(), off+s.OffCPU(), units || s.Count > 1
		}
		r.Points = append(r.Points, p)
	}
	r.Waits = off > wall/2
	r.Budget = func(n int64) time.Duration {
		if !units {
			n = 1
		}
		return op.Budget.At(n)
	}
	if fit, ok := t.Fit(op); ok {
		draw(&r, fit)
	}
	mark(&r, t.Findings(), op.Name)
	return r
}

// draw adds the fitted model and the knee.
func draw(r *picture.Ramp, fit growth.Result) {
	if fit.Knee != nil {
		r.Knee = &picture.Interval{At: float64(fit.Knee.At), Low: float64(fit.Knee.Low), High: float64(fit.Knee.High)}
	}
	if fit.Verdict != growth.Told {
		r.ModelName = "growth: cannot tell"
		return
	}
	r.ModelName = judge.Model(fit)
	r.Model = func(n float64) (mid, low, high float64) {
		mid = fit.At(n)
		spread := math.Exp(2 * fit.Prediction) // two standard deviations of the log error, left-out sizes predicted
		return mid, mid / spread, mid * spread
	}
}

// mark adds the sizes of the finding that belongs to the op.
func mark(r *picture.Ramp, found []judge.Finding, op string) {
	own := func(f judge.Finding) bool { return f.Op == op && f.Kind != judge.Growth && f.Kind != judge.OverLimit }
	lost := func(f judge.Finding) bool { return f.Kind.Kills() }
	for _, choose := range []func(judge.Finding) bool{own, lost} {
		if i := slices.IndexFunc(found, choose); i >= 0 {
			f := found[i]
			r.Safe, r.Broken, r.Failure = f.Safe, f.Broken, failure(f)
			return
		}
	}
}

func failure(f judge.Finding) string {
	if f.Function != "" {
		return string(f.Kind) + " " + f.Function
	}
	if f.Kind == trial.Deadline || f.Kind == judge.Budget {
		return string(f.Kind)
	}
	return string(f.Kind) + " " + f.What
}

// Worth lists the ops whose pictures say something: those with findings of their own, else those that grow with the
// size. What a signal shows is in its own picture.
func Worth(t *judge.Table) []scenario.Op {
	found := t.Findings()
	var ops, growing []scenario.Op
	for _, op := range t.Spec.Ops {
		if slices.ContainsFunc(found, func(f judge.Finding) bool { return f.Op == op.Name && f.Kind != judge.OverLimit }) {
			ops = append(ops, op)
		}
		if op.Growth == scenario.Linear && op.From != scenario.Smaller {
			growing = append(growing, op)
		}
	}
	if len(ops) > 0 {
		return ops
	}
	return growing[:min(len(growing), 2)]
}
