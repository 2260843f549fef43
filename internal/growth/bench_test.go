package growth

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"

	"brink/internal/scenario"
)

const (
	curves = 500 // of each law where the acceptance figures are measured
	few    = 200 // elsewhere
)

// score counts what became of planted curves.
type score struct {
	right, wrong, unsure, covered, intervals, knees, total int
	alarms                                                 int
	errors                                                 []float64 // relative, 4x beyond the range
}

func (s *score) add(l law, r Result, truth func(float64) float64, last int64) {
	s.total++
	switch {
	case r.Verdict == CannotTell:
		s.unsure++
	case r.Class == l.class:
		s.right++
	default:
		s.wrong++
	}
	if r.Exponent != nil && !math.IsNaN(l.p) && l.class != Constant {
		s.intervals++
		if r.Exponent.Contains(l.p) {
			s.covered++
		}
	}
	if r.Knee != nil {
		s.knees++
	}
	expected := scenario.Linear
	switch l.class {
	case Constant:
		expected = scenario.Constant
	case Log:
		expected = scenario.Log
	}
	if above, _ := r.Exceeds(expected); above {
		s.alarms++
	}
	far := 4 * float64(last)
	s.errors = append(s.errors, math.Abs(r.At(far)/truth(far)-1))
}

func (s *score) report(b *testing.B) {
	per := func(k, of int) float64 { return 100 * float64(k) / math.Max(1, float64(of)) }
	b.ReportMetric(per(s.right, s.total), "%right")
	b.ReportMetric(per(s.wrong, s.total), "%wrong")
	b.ReportMetric(per(s.unsure, s.total), "%unsure")
	b.ReportMetric(per(s.knees, s.total), "%falseknee")
	b.ReportMetric(per(s.alarms, s.total), "%exceeds")
	b.ReportMetric(100*median(s.errors), "%off4x")
	if s.intervals > 0 {
		b.ReportMetric(per(s.covered, s.intervals), "%covered")
	}
}

func run(b *testing.B, l law, p plan, curves int, fixed ...float64) {
	for b.Loop() {
		var s score
		rng := rand.New(rand.NewPCG(1, seed(b.Name())))
		for i := range curves {
			truth := l.plant(float64(p.sizes[0]), fixed[i%len(fixed)])
			s.add(l, Fit(p.measure(truth, rng), uint64(i)), truth, p.sizes[len(p.sizes)-1])
		}
		s.report(b)
	}
}

func seed(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}

// fixed are the fixed costs of the standard curves, as multiples of the growing part at the smallest size.
var fixed = []float64{0, 0.3, 1, 3}

// BenchmarkClass is the acceptance: 8 sizes over two decades, 5 repetitions.
func BenchmarkClass(b *testing.B) {
	for _, noise := range []float64{0, 0.001, 0.01, 0.05, 0.2} {
		for _, l := range laws {
			p := decades()
			p.noise = noise
			name := fmt.Sprintf("noise=%g%%/%s", 100*noise, l.name)
			b.Run(name, func(b *testing.B) { run(b, l, p, curves, fixed...) })
		}
	}
}

// BenchmarkDesign varies how much is measured, at 5% noise.
func BenchmarkDesign(b *testing.B) {
	with := func(f func(*plan)) plan { p := decades(); p.noise = 0.05; f(&p); return p }
	for _, d := range []struct {
		name string
		plan plan
	}{
		{"one-sample", with(func(p *plan) { p.reps = 1 })},
		{"one-sample-1%", with(func(p *plan) { p.reps, p.noise = 1, 0.01 })},
		{"5-sizes", with(func(p *plan) { p.sizes = ladder(100, 100, 5) })},
		{"6-sizes", with(func(p *plan) { p.sizes = ladder(100, 100, 6) })},
		{"12-sizes", with(func(p *plan) { p.sizes = ladder(100, 100, 12) })},
		{"one-decade", with(func(p *plan) { p.sizes = ladder(100, 10, 8) })},
		{"from-1", with(func(p *plan) { p.sizes = ladder(1, 128, 8) })},
		{"from-1000-by-2", with(func(p *plan) { p.sizes = ladder(1000, 128, 8) })},
		{"spikes-5%", with(func(p *plan) { p.spike = 0.05 })},
		{"spikes-5%-one-sample", with(func(p *plan) { p.spike, p.reps = 0.05, 1 })},
		{"sizes-shift-5", with(func(p *plan) { p.shift = 0.05 })},
		{"sizes-shift-2", with(func(p *plan) { p.shift, p.noise = 0.02, 0.01 })},
		{"sizes-shift-1%-noiseless", with(func(p *plan) { p.shift, p.noise = 0.01, 0 })},
	} {
		for _, l := range laws {
			if l.class == Log && d.plan.sizes[0] == 1 {
				l.g = func(n float64) float64 { return 1 + math.Log(n) }
			}
			if l.class == Linearithmic && d.plan.sizes[0] == 1 {
				l.g = func(n float64) float64 { return 1 + n*math.Log(n) }
			}
			b.Run(d.name+"/"+l.name, func(b *testing.B) { run(b, l, d.plan, few, fixed...) })
		}
	}
}

// BenchmarkFixed lets the fixed cost be 10 and 100 times the growing part at the smallest size.
func BenchmarkFixed(b *testing.B) {
	for _, x := range []float64{10, 100} {
		for _, noise := range []float64{0.01, 0.05} {
			p := decades()
			p.noise = noise
			for _, l := range laws[1:] {
				name := fmt.Sprintf("fixed=%gx/noise=%g%%/%s", x, 100*noise, l.name)
				b.Run(name, func(b *testing.B) { run(b, l, p, few, x) })
			}
		}
	}
}
