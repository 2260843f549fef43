package picture

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// view is a ramp made ready: texts cleaned, samples sorted, axes chosen, curves traced. Everything in it is finite and above 0.
type view struct {
	Ramp
	x, y   scale
	sizes  []measured
	failed []int64 // sizes at which the op failed
	knee   *Interval
	notes  []string
}

// measured holds the samples of one size in ns, or the values of a signal, smallest first.
type measured struct {
	n       int64
	samples []float64
	signal  bool
}

// median is the smaller of the middle two, as in the report; of a signal's values their mean.
func (m measured) median() float64 {
	low, high := m.samples[(len(m.samples)-1)/2], m.samples[len(m.samples)/2]
	if m.signal {
		return (low + high) / 2
	}
	return low
}

// What is smaller or larger is no measurement, and would press all others flat.
const (
	smallest = 1e-9
	largest  = 1e19
)

// dot is a point of a curve.
type dot struct{ n, ns float64 }

func look(r Ramp) *view {
	v := &view{Ramp: r}
	for _, text := range []*string{&v.Title, &v.Subtitle, &v.Axis, &v.Unit, &v.ModelName, &v.Failure} {
		*text = clean(*text)
	}
	if v.Signal != nil {
		s := *v.Signal
		s.Name, s.Unit = clean(s.Name), clean(s.Unit)
		v.Signal = &s
	}
	if v.Axis == "" {
		v.Axis = "size"
	}
	if v.Unit == "" {
		v.Unit = v.Axis
	}
	v.Safe, v.Broken = max(0, v.Safe), max(0, v.Broken)
	v.gather()
	v.ranges()
	v.place()
	return v
}

// gather merges points of the same size and leaves out what a logarithmic axis cannot show.
func (v *view) gather() {
	at := map[int64][]float64{}
	samples, sizes := 0, 0
	for _, p := range v.Points {
		if p.Size < 1 {
			sizes++
			continue
		}
		if p.Failed && !slices.Contains(v.failed, p.Size) {
			v.failed = append(v.failed, p.Size)
		}
		for _, s := range v.values(p) {
			if good(s) && s > smallest && s < largest {
				at[p.Size] = append(at[p.Size], s)
			} else {
				samples++
			}
		}
	}
	for n, s := range at {
		slices.Sort(s)
		v.sizes = append(v.sizes, measured{n, s, v.Signal != nil})
	}
	slices.SortFunc(v.sizes, func(a, b measured) int { return cmp.Compare(a.n, b.n) })
	slices.Sort(v.failed)
	v.failed = slices.DeleteFunc(v.failed, func(n int64) bool { return n == v.Broken }) // that one has a mark of its own
	if samples > 0 && v.Signal != nil {
		v.note("%s without a place on a logarithmic axis left out", v.plural(samples))
	} else if samples > 0 {
		v.note("%s of zero or less left out", v.plural(samples))
	}
	if sizes > 0 {
		v.note("%s below 1 left out", plural(sizes, "size", "sizes"))
	}
	if len(v.sizes) == 0 {
		v.note("no %s", v.samplesWord())
	}
}

// values are what is drawn of a point.
func (v *view) values(p Point) []float64 {
	if v.Signal != nil {
		return p.Values
	}
	all := make([]float64, len(p.Samples))
	for i, s := range p.Samples {
		all[i] = float64(s)
	}
	return all
}

// place keeps the knee if it can be drawn, its interval cut to the axis.
func (v *view) place() {
	k := v.Knee
	switch {
	case k == nil:
	case !good(k.At) || !v.x.holds(k.At):
		v.note("the knee is not on the axis")
	default:
		low, high := k.At, k.At
		for _, edge := range []float64{k.Low, k.High} {
			if !math.IsNaN(edge) {
				low, high = min(low, edge), max(high, edge)
			}
		}
		v.knee = &Interval{k.At, max(low, v.x.lo), min(high, v.x.hi)}
	}
	if v.Model != nil && len(v.trace(v.mid, v.x)) == 0 {
		v.note("the fit has no value on this axis")
	}
}

func (v *view) note(format string, args ...any) {
	v.notes = append(v.notes, fmt.Sprintf(format, args...))
}

// mid is the fit.
func (v *view) mid(n float64) float64 {
	if v.Model == nil {
		return math.NaN()
	}
	mid, _, _ := v.Model(n)
	return mid
}

// budget is the budget in ns, or the limit of a signal.
func (v *view) budget(n float64) float64 {
	if v.Signal != nil {
		if v.Signal.Limit == nil {
			return math.NaN()
		}
		return v.Signal.Limit(n)
	}
	if v.Budget == nil || n < 1 || n > math.MaxInt64/2 {
		return math.NaN()
	}
	return float64(v.Budget(int64(math.Round(n))))
}

// steps is how many straight lines a curve is made of.
const steps = 240

// trace follows a curve along a part of the size axis, in steps of equal width. A curve without a value breaks in two.
func (v *view) trace(f func(float64) float64, part scale) (lines [][]dot) {
	var line []dot
	for i := 0; i <= steps; i++ {
		n := part.value(float64(i) / steps)
		if ns := f(n); good(ns) {
			line = append(line, dot{n, ns})
			continue
		}
		if len(line) > 1 {
			lines = append(lines, line)
		}
		line = nil
	}
	if len(line) > 1 {
		lines = append(lines, line)
	}
	return lines
}

// band follows the interval of the fit and returns its outlines: along the upper edge, back along the lower one.
func (v *view) band(part scale) (outlines [][]dot) {
	edge := func(pick func(low, high float64) float64) func(float64) float64 {
		return func(n float64) float64 {
			mid, low, high := v.Model(n)
			if !good(mid) || math.IsNaN(low) || math.IsNaN(high) {
				return math.NaN()
			}
			ns := pick(min(low, high), max(low, high))
			return min(max(ns, v.y.lo/10), v.y.hi*10) // a lower edge at 0 lies below the picture
		}
	}
	if v.Model == nil || part.lo >= part.hi {
		return nil
	}
	upper := v.trace(edge(func(_, high float64) float64 { return high }), part)
	lower := v.trace(edge(func(low, _ float64) float64 { return low }), part)
	for i := range upper { // both have their gaps where the model has none of its values
		slices.Reverse(lower[i])
		outlines = append(outlines, append(upper[i], lower[i]...))
	}
	return outlines
}

// inside returns the part of the size axis that was measured, and the part after it up to the last size that was tried, where a
// fit is a guess. Either may be empty.
func (v *view) inside() (part, guess scale) {
	if len(v.sizes) == 0 {
		return scale{v.x.lo, v.x.lo}, v.x
	}
	part = scale{float64(v.sizes[0].n), float64(v.sizes[len(v.sizes)-1].n)}
	last := max(part.hi, float64(v.Broken))
	for _, p := range v.Points {
		last = max(last, float64(p.Size))
	}
	return part, scale{part.hi, last}
}

// good tells whether a value has a place on a logarithmic axis.
func good(v float64) bool { return v > 0 && !math.IsInf(v, 1) }

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(float64(n)) + " " + many
}

// count writes a size with its unit, exactly.
func (v *view) count(n int64) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if n == 1 {
		return digits + " " + v.Unit
	}
	return digits + " " + v.Axis
}
