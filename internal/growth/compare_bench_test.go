package growth

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkCompare counts the words for two runs whose costs differ by a factor, and how often the interval holds
// that factor.
func BenchmarkCompare(b *testing.B) {
	for _, noise := range []float64{0, 0.01, 0.05, 0.2} {
		for _, factor := range []float64{1, 1.02, 1.1, 1.5} {
			b.Run(fmt.Sprintf("noise=%g%%/x%g", 100*noise, factor), func(b *testing.B) {
				for b.Loop() {
					compared(b, noise, factor)
				}
			})
		}
	}
}

func compared(b *testing.B, noise, factor float64) {
	rng := rand.New(rand.NewPCG(9, 10))
	p := decades()
	p.noise = noise
	words, covered, changed := map[Difference]int{}, 0, 0
	for i := range few {
		l := laws[i%6]
		law := l.plant(100, 1)
		c := Compare(p.measure(law, rng), p.measure(func(n float64) float64 { return factor * law(n) }, rng), uint64(i))
		words[c.Difference]++
		if c.Ratio.Low <= factor && factor <= c.Ratio.High {
			covered++
		}
		if c.Growth.Changed {
			changed++
		}
	}
	per := func(n int) float64 { return 100 * float64(n) / few }
	b.ReportMetric(per(words[Slower]), "%slower")
	b.ReportMetric(per(words[Faster]), "%faster")
	b.ReportMetric(per(words[NotDifferent]), "%same")
	b.ReportMetric(per(words[Undecided]), "%unsure")
	b.ReportMetric(per(covered), "%covered")
	b.ReportMetric(per(changed), "%growthchanged")
}
