package page

import (
	"math"
	"slices"

	"brink/internal/judge"
	"brink/internal/summary"
)

// plot is what the script draws of an op. Times are in ns of the guest's clock; names are short, there are many.
type plot struct {
	ID      string       `json:"id"`
	Axis    string       `json:"axis"`
	Points  []plotPoint  `json:"points"`
	Curve   [][4]float64 `json:"curve,omitempty"` // size, model, low, high
	Knee    *[3]float64  `json:"knee,omitempty"`  // at, low, high
	Safe    int64        `json:"safe,omitempty"`
	Broken  int64        `json:"broken,omitempty"`
	Failure string       `json:"failure,omitempty"` // what happens at the broken size
}

type plotPoint struct {
	Size    int64   `json:"n"`
	Median  int64   `json:"mid,omitempty"`
	Budget  int64   `json:"budget,omitempty"`
	Samples []int64 `json:"ns,omitempty"`
	State   string  `json:"state,omitempty"` // of one that failed
	Text    string  `json:"text"`            // all of it in words
}

// newPlot returns nil if no sample can stand on a logarithmic axis.
func newPlot(s summary.Summary, op summary.Op) *plot {
	p := &plot{Axis: s.Scenario.Axis}
	drawn := 0
	for _, q := range op.Points {
		if q.Size <= 0 {
			continue
		}
		point := plotPoint{Size: q.Size, Median: max(0, q.MedianNS), Budget: budget(op, q), Text: visible(readout(s, op, q))}
		for _, one := range q.Samples {
			if one.WallNS > 0 {
				point.Samples = append(point.Samples, one.WallNS)
			}
		}
		if failed(q) {
			point.State = stateName(q.State)
		}
		drawn += len(point.Samples)
		p.Points = append(p.Points, point)
	}
	if drawn == 0 {
		return nil
	}
	p.model(op)
	p.mark(s, op)
	return p
}

func (p *plot) model(op summary.Op) {
	if op.Model != nil {
		for _, d := range op.Model.Curve {
			if d.Size > 0 && d.Low > 0 {
				p.Curve = append(p.Curve, [4]float64{short(d.Size), short(d.NS), short(d.Low), short(d.High)})
			}
		}
	}
	if k := op.Knee; k != nil && k.Low > 0 {
		p.Knee = &[3]float64{short(k.At), short(k.Low), short(k.High)}
	}
}

// mark adds the sizes between which the op fails: its own finding's, else those of the first that takes the VM.
func (p *plot) mark(s summary.Summary, op summary.Op) {
	own := func(f summary.Finding) bool {
		return f.Op == op.Name && f.Kind != judge.Growth && f.Kind != judge.OverLimit
	}
	lost := func(f summary.Finding) bool { return f.Kind.Kills() }
	for _, choose := range []func(summary.Finding) bool{own, lost} {
		if i := slices.IndexFunc(s.Findings, choose); i >= 0 {
			f := s.Findings[i]
			p.Safe, p.Broken, p.Failure = f.Safe, f.Broken, visible(string(f.Kind))
			if f.Function != "" {
				p.Failure += visible(" in " + f.Function)
			}
			return
		}
	}
}

// budget is what a sample may take at a point. Where an op gave no sample it is known only if it does not depend on the
// units, or if those are the size.
func budget(op summary.Op, p summary.Point) int64 {
	full := slices.ContainsFunc(op.Points, func(q summary.Point) bool { return len(q.Samples) > 0 && q.Samples[0].Count == q.Size })
	switch {
	case p.BudgetNS > 0:
		return p.BudgetNS
	case p.State == summary.Skipped:
		return 0
	case op.PerUnitNS == 0:
		return op.BudgetNS
	case full:
		return op.BudgetNS + op.PerUnitNS*p.Size
	}
	return 0
}

// short keeps five digits, more than can be seen.
func short(v float64) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	step := math.Pow(10, 4-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*step) / step
}
