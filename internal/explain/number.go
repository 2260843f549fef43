package explain

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Measure is the number that a failure is about: a signal past its limit, or an op past its budget.
type Measure struct {
	Name  string `json:"name"`            // of the signal or op
	Unit  string `json:"unit"`            // ns for an op
	Op    bool   `json:"op,omitempty"`    // it is the time of an op
	Worst bool   `json:"worst,omitempty"` // of a signal: its largest value counts, not the median
}

// MeasureOf returns the number of a failure; most have none.
func MeasureOf(spec scenario.Spec, kind trial.Kind, what string) *Measure {
	if _, ok := spec.Op(what); ok && kind == judge.Budget {
		return &Measure{Name: what, Unit: "ns", Op: true}
	}
	i := slices.IndexFunc(spec.Limits, func(l scenario.Limit) bool { return l.Name == what })
	if i < 0 || kind != judge.OverLimit {
		return nil
	}
	l := spec.Limits[i]
	m := Measure{Name: l.Signal, Worst: l.Form == scenario.Above}
	if i := slices.IndexFunc(spec.Signals, func(s scenario.Signal) bool { return s.Name == l.Signal }); i >= 0 {
		m.Unit = spec.Signals[i].Unit
	}
	return &m
}

// of reads the number off the events of one trial; ok is false where it was not measured, or is no positive number.
func (m Measure) of(spec scenario.Spec, head trial.Run, size int64, events []trial.Event) (value float64, ok bool) {
	head.Sizes = []int64{size}
	events = slices.Clone(events)
	for i, e := range events {
		if e.Type == trial.EventTrial {
			plan := *e.Plan
			plan.Probe = nil // read it as a ladder of one rung
			events[i].Plan = &plan
		}
	}
	table := judge.Read(spec, head, events)
	if m.Op {
		s, ok := table.Cell(size, m.Name).Median()
		return float64(s.WallNS), ok && s.WallNS > 0
	}
	values := table.Seconds(size, m.Name)
	if value, ok = table.Level(size, m.Name); ok && m.Worst {
		value = slices.Max(values)
	}
	return value, ok && value > 0
}

// Say is a value of the number with its name.
func (m Measure) Say(value float64) string { return m.Name + " " + m.Value(value) }

// Value is a value with its unit.
func (m Measure) Value(value float64) string {
	if m.Op {
		return judge.Duration(time.Duration(value))
	}
	return judge.Quantity(value, m.Unit)
}

// Ratio is how much larger an arm's number is than the control's, with its interval at 95%.
type Ratio struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// alike is how far from 1 a ratio may lie for two numbers to be the same: costs that come from different code differ by
// more, and a guest that was set up in another way may differ by a few percent.
const alike = 1.10

// same reports whether the numbers are the same, as far as the interval tells.
func (r Ratio) same() bool { return r.Low >= 1/alike && r.High <= alike }

// differs reports whether they are not.
func (r Ratio) differs() bool { return r.Low > alike || r.High < 1/alike }

// String is factor 1.00 (0.99 to 1.01).
func (r Ratio) String() string {
	return fmt.Sprintf("factor %.2f (%.2f to %.2f)", r.Value, r.Low, r.High)
}

// spread is how much the numbers of one arm differ, as the standard deviation of their logarithms over all arms, with its
// degrees of freedom: noise is a share of the number, and the same in all arms.
func spread(arms []Arm) (sd, df float64) {
	sum := 0.0
	for _, a := range arms {
		if n := float64(len(a.Numbers)); n > 1 {
			sum += (n - 1) * stat.Variance(logs(a.Numbers), nil)
			df += n - 1
		}
	}
	if df == 0 {
		return 0, 0
	}
	return math.Sqrt(sum / df), df
}

func logs(numbers []float64) []float64 {
	all := make([]float64, len(numbers))
	for i, v := range numbers {
		all[i] = math.Log(v)
	}
	return all
}

// Typical is the geometric mean of an arm's numbers, 0 without any.
func (a Arm) Typical() float64 {
	if len(a.Numbers) == 0 {
		return 0
	}
	return math.Exp(stat.Mean(logs(a.Numbers), nil))
}

// tells reports whether the guest's cpuinfo has a feature, as a fact of the scenario's says.
func (a Arm) tells(feature string) bool {
	for name, text := range a.Facts {
		if strings.Contains(name, "cpu") && slices.Contains(strings.Fields(text), feature) {
			return true
		}
	}
	return false
}

// ratio compares the numbers of two arms by Student's t with the spread of all; nil where one has none, or nothing was
// measured twice.
func ratio(a, b Arm, sd, df float64) *Ratio {
	if len(a.Numbers) == 0 || len(b.Numbers) == 0 || df == 0 {
		return nil
	}
	by := math.Log(a.Typical()) - math.Log(b.Typical())
	half := student(df).Quantile((1+level)/2) * sd * width(a, b)
	times := func(log float64) float64 { return math.Exp(max(-farthest, min(farthest, log))) }
	return &Ratio{Value: times(by), Low: times(by - half), High: times(by + half)}
}

// farthest bounds the logarithm of a ratio, so that JSON can hold it.
const farthest = 50

// apart is the probability that the numbers of two arms differ as much as they do, or more, only by luck.
func apart(a, b Arm, sd, df float64) float64 {
	by := math.Abs(math.Log(a.Typical()) - math.Log(b.Typical()))
	switch {
	case by == 0:
		return 1
	case sd == 0:
		return 0
	}
	return 2 * (1 - student(df).CDF(by/(sd*width(a, b))))
}

func student(df float64) distuv.StudentsT { return distuv.StudentsT{Sigma: 1, Nu: df} }

func width(a, b Arm) float64 { return math.Sqrt(1/float64(len(a.Numbers)) + 1/float64(len(b.Numbers))) }
