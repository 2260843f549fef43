package threshold

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// searches is how many are simulated for each rate.
const searches = 200

// score counts what became of searches.
type score struct {
	total, inside, near, missed, spent, certain, odd int
	boots                                            []int
}

func (c *score) add(r Result, threshold int64, width float64) {
	c.total++
	c.boots = append(c.boots, r.Boots)
	middle := math.Sqrt(float64(max(r.Low, 1)) * float64(r.High))
	for n, is := range map[*int]bool{
		&c.inside:  r.Verdict == Found && r.Low < threshold && threshold <= r.High && r.Width() <= width,
		&c.near:    r.Verdict == Found && math.Abs(middle/float64(threshold)-1) <= width,
		&c.missed:  r.Verdict == NotConfirmed,
		&c.spent:   r.Verdict == BudgetSpent,
		&c.odd:     r.Verdict == NotMonotone,
		&c.certain: r.Verdict == Found && r.Deterministic,
	} {
		if is {
			*n++
		}
	}
}

// report gives shares in percent of the searches, and fresh boots of one search.
func (c *score) report(b *testing.B) {
	for unit, n := range map[string]int{"%inside": c.inside, "%near": c.near, "%notconfirmed": c.missed,
		"%spent": c.spent, "%certain": c.certain, "%notmonotone": c.odd} {
		b.ReportMetric(100*float64(n)/float64(c.total), unit)
	}
	slices.Sort(c.boots)
	sum := 0
	for _, n := range c.boots {
		sum += n
	}
	b.ReportMetric(float64(sum)/float64(c.total), "boots")
	b.ReportMetric(float64(c.boots[c.total*95/100]), "boots95")
	b.ReportMetric(float64(c.boots[c.total-1]), "bootsworst")
}

// BenchmarkCertain plants thresholds from 1,000 to 1,000,000, 0.5% apart, under ladders that double from different sizes.
func BenchmarkCertain(b *testing.B) {
	for _, first := range []int64{1, 100, 1000, 1500} {
		b.Run(fmt.Sprintf("ladder=%d", first), func(b *testing.B) {
			for b.Loop() {
				var c score
				for t := int64(1000); t <= 1_000_000; t += t / 200 {
					k := plant{threshold: t, p: 1}
					s, _ := k.climb(first)
					r := k.search(s)
					c.add(r, t, 0.02)
				}
				c.report(b)
			}
		})
	}
}

// BenchmarkFlaky plants thresholds from 1,000 to 1,000,000 with failures that show only sometimes. The ladder meets the same
// kernel, so it often climbs past the threshold. %inside is the share whose interval is 5% wide and holds
// the threshold, %near of those whose middle is within 5% of it; giving up counts as a miss.
func BenchmarkFlaky(b *testing.B) {
	for _, p := range []float64{0.3, 0.5, 0.9} {
		for seed := range uint64(3) {
			b.Run(fmt.Sprintf("p=%v/seed=%d", p, seed), func(b *testing.B) {
				for b.Loop() {
					var c score
					rng := rand.New(rand.NewPCG(seed, 2))
					for c.total < searches {
						k := plant{logUniform(rng, 1000, 1_000_000), p, rng}
						if s, ok := k.climb(1); ok {
							r := k.search(s)
							c.add(r, k.threshold, 0.05)
						}
					}
					c.report(b)
				}
			})
		}
	}
}

// BenchmarkNext times one decision after a long search over a wide range.
func BenchmarkNext(b *testing.B) {
	k := plant{123_456_789_012, 0.3, rand.New(rand.NewPCG(1, 2))}
	s := New(1<<37, 1<<38)
	var probes []Probe
	for len(probes) < s.Budget-1 {
		size := logUniform(k.rng, 5e10, float64(s.Broken))
		probes = append(probes, Probe{size, k.fails(size)})
	}
	for b.Loop() {
		s.Next(probes)
	}
}
