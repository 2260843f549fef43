package soak

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// soaks is how many are simulated for each setting.
const soaks = 500

func (s score) report(b *testing.B) {
	b.ReportMetric(share(s.better, s.n), "%better")
	b.ReportMetric(share(s.worse, s.n), "%worse")
	b.ReportMetric(share(s.undecided, s.n), "%undecided")
	if len(s.hours) > 0 {
		slices.Sort(s.hours)
		b.ReportMetric(average(s.hours), "VM-hours")
		b.ReportMetric(s.hours[len(s.hours)*95/100], "VM-hours95")
	}
}

// BenchmarkInterval soaks kernels that fail 0.2 times in a VM-hour: %inside is the share of the soaks whose exact
// interval holds that. It may be more than 95: failures are whole numbers.
func BenchmarkInterval(b *testing.B) {
	for _, hours := range []float64{1, 5, 25, 100} {
		for _, boot := range []time.Duration{0, 10 * time.Minute} {
			b.Run(fmt.Sprintf("rate=0.2/vms=6/hours=%v/boot=%v", hours, boot), func(b *testing.B) {
				for b.Loop() {
					s := intervals(soaks, 1, 0.2, 6, boot, hours)
					b.ReportMetric(share(s.hits, s.n), "%inside")
					b.ReportMetric(average(s.hours), "VM-hours")
				}
			})
		}
	}
}

// BenchmarkVersus compares kernels, looking after each race. With ratio 1 every verdict is an error, else every %worse.
// A fails once in a VM-hour; 6 VMs, 200 hours.
func BenchmarkVersus(b *testing.B) {
	for _, boot := range []time.Duration{0, 10 * time.Minute} {
		for _, ratio := range []float64{1, 1.5, 2, 5, 20, 1000} {
			b.Run(fmt.Sprintf("ratio=%v/boot=%v", ratio, boot), func(b *testing.B) {
				for b.Loop() {
					s := duels(soaks, 2, ratio, func(p *plant) { p.boot = boot })
					s.report(b)
					b.ReportMetric(share(s.hits, s.n), "%inside")
				}
			})
		}
	}
}

// BenchmarkVersusMisuse compares kernels that are alike, where a test that counts VMs at risk is misled: lives that are
// all the same but for a little, boots that differ. Every verdict is an error.
func BenchmarkVersusMisuse(b *testing.B) {
	for name, set := range misuses() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				duels(soaks, 6, 1, set).report(b)
			}
		})
	}
}

// BenchmarkBelow asks whether a rate is below 1 per VM-hour, all the time. Better means that it was called below, worse
// above; of a rate of 0.999 "above" is an error, of 1.001 "below". 1,000 VM-hours, 4,000 soaks.
func BenchmarkBelow(b *testing.B) {
	for _, rate := range []float64{0.001, 0.1, 0.3, 0.5, 0.7, 0.999, 1.001, 1.5, 2, 5, 20} {
		b.Run(fmt.Sprintf("rate=%v", rate), func(b *testing.B) {
			for b.Loop() {
				bounds(8*soaks, 3, rate, 1000).report(b)
			}
		})
	}
}

// BenchmarkShape asks of lives whether the rate is constant: weibull=1 is, below 1 failures come early, above late.
func BenchmarkShape(b *testing.B) {
	for _, k := range []float64{0.5, 1, 2} {
		for _, hours := range []float64{2, 20} {
			b.Run(fmt.Sprintf("weibull=%v/hours=%v", k, hours), func(b *testing.B) {
				for b.Loop() {
					counts := shapes(soaks, k, hours)
					for _, s := range []Shape{Early, Steady, Aging, Untold} {
						b.ReportMetric(share(counts[s], soaks), "%"+string(s))
					}
				}
			})
		}
	}
}

// BenchmarkLonger compares the forecast after a fifth of the time with what it took: forecast/taken in the middle of
// the soaks, and the share that is right to a factor of 3. It looks worst at those that were decided quickly.
func BenchmarkLonger(b *testing.B) {
	for _, ratio := range []float64{2, 5, 20} {
		b.Run(fmt.Sprintf("ratio=%v", ratio), func(b *testing.B) {
			for b.Loop() {
				off := forecasts(soaks, ratio)
				slices.Sort(off)
				near := 0
				for _, x := range off {
					if x > 1./3 && x < 3 {
						near++
					}
				}
				b.ReportMetric(off[len(off)/2], "forecast/taken")
				b.ReportMetric(share(near, len(off)), "%near")
				b.ReportMetric(share(len(off), soaks), "%told")
			}
		})
	}
}

// BenchmarkJudge times one look at a long soak.
func BenchmarkJudge(b *testing.B) {
	p := plant{rates: []float64{1, 0.9}, vms: 20, hours: 100, rng: rand.New(rand.NewPCG(1, 2))}
	results := p.run()
	for b.Loop() {
		Judge(Question{Arms: 2}, results)
	}
	b.ReportMetric(float64(len(results)), "results")
}
