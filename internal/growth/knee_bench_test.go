package growth

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// kneeLaw is a planted change of regime at k.
type kneeLaw struct {
	name string
	at   func(k float64) func(n float64) float64
}

var kneeLaws = []kneeLaw{
	{"jump-constant-x3", func(k float64) func(float64) float64 {
		return func(n float64) float64 { return 1000 * (1 + 2*btoi(n > k)) }
	}},
	{"jump-linear-x2", func(k float64) func(float64) float64 {
		return func(n float64) float64 { return (500 + 10*n) * (1 + btoi(n > k)) }
	}},
	{"bend-constant-to-linear", func(k float64) func(float64) float64 {
		return func(n float64) float64 { return 1000 * (1 + 2*max(0, n-k)/k) }
	}},
	{"bend-linear-x5", func(k float64) func(float64) float64 {
		return func(n float64) float64 { return 500 + 10*n + 40*max(0, n-k) }
	}},
	{"bend-linear-to-quadratic", func(k float64) func(float64) float64 {
		return func(n float64) float64 { return 500 + 10*n + 10*max(0, n*n-k*k)/k }
	}},
	{"exponent-1-to-2", func(k float64) func(float64) float64 {
		return func(n float64) float64 { return 10 * k * math.Pow(n/k, 1+btoi(n > k)) }
	}},
}

// BenchmarkKnee plants knees anywhere in the inner gaps of the ladder. Located means within one step of the ladder.
func BenchmarkKnee(b *testing.B) {
	for _, noise := range []float64{0, 0.01, 0.05, 0.2} {
		for _, reps := range []int{5, 1} {
			for _, l := range kneeLaws {
				b.Run(fmt.Sprintf("noise=%g%%/reps=%d/%s", noise*100, reps, l.name), func(b *testing.B) {
					for b.Loop() {
						found, located, inside := knees(l, noise, reps)
						b.ReportMetric(found, "%found")
						b.ReportMetric(located, "%located")
						b.ReportMetric(inside, "%covered")
					}
				})
			}
		}
	}
}

func knees(l kneeLaw, noise float64, reps int) (found, located, inside float64) {
	rng := rand.New(rand.NewPCG(3, 4))
	p := decades()
	p.noise, p.reps = noise, reps
	step := float64(p.sizes[1]) / float64(p.sizes[0])
	for i := range curves {
		gap := 2 + i%3 // three sizes before and after at least
		lo, hi := float64(p.sizes[gap]), float64(p.sizes[gap+1])
		k := lo * math.Pow(hi/lo, 0.05+0.9*rng.Float64())
		r := Fit(p.measure(l.at(k), rng), uint64(i))
		if r.Knee == nil {
			continue
		}
		found++
		if d := r.Knee.At / k; d < step && d > 1/step {
			located++
		}
		if r.Knee.Low <= k && k <= r.Knee.High {
			inside++
		}
	}
	return 100 * found / curves, 100 * located / curves, 100 * inside / max(1, found)
}

// BenchmarkFalseKnee counts knees seen where there is none, also in smooth curves that no candidate describes exactly.
func BenchmarkFalseKnee(b *testing.B) {
	for name, g := range smoothCurves {
		for _, noise := range []float64{0, 0.001, 0.01, 0.05, 0.2} {
			for _, sizes := range []int{8, 20} {
				b.Run(fmt.Sprintf("%s/sizes=%d/noise=%g%%", name, sizes, noise*100), func(b *testing.B) {
					for b.Loop() {
						seen, rng := 0.0, rand.New(rand.NewPCG(5, 6))
						p := decades()
						p.noise, p.sizes = noise, ladder(100, 100, sizes)
						for i := range curves / 5 {
							if Fit(p.measure(g, rng), uint64(i)).Knee != nil {
								seen++
							}
						}
						b.ReportMetric(100*seen/(curves/5), "%falseknee")
					}
				})
			}
		}
	}
}

// BenchmarkRun is the time for a run of 10 ops, 20 sizes, 10 repetitions; the target is 100 ms.
func BenchmarkRun(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 8))
	p := plan{sizes: ladder(100, 1000, 20), reps: 10, noise: 0.05}
	var ops [][]Point
	for i := range 10 {
		l := laws[i%len(laws)]
		ops = append(ops, p.measure(l.plant(100, 1), rng))
	}
	for b.Loop() {
		for _, points := range ops {
			Fit(points, 1)
		}
	}
}
