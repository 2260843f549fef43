package bisect

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// BenchmarkNext times the decisions of whole searches with p = 0.3: the mean and the slowest of them.
func BenchmarkNext(b *testing.B) {
	graphs := map[string]*Graph{
		"line=257": line(b, 257), "dag=5000": release(b, 5000, 1), "dag=20000": release(b, 20000, 1),
	}
	for _, name := range []string{"line=257", "dag=5000", "dag=20000"} {
		for _, vms := range []int{1, 8} {
			b.Run(fmt.Sprintf("%s/vms=%d", name, vms), func(b *testing.B) {
				for b.Loop() {
					timeSearch(b, graphs[name], vms)
				}
			})
		}
	}
}

func timeSearch(b *testing.B, g *Graph, vms int) {
	rng := rand.New(rand.NewPCG(5, 6))
	k := &plant{graph: g, first: g.Len() / 3, p: 0.3, other: 0.05, rng: rng, skips: clusters(g, rng, 10, 5)}
	delete(k.skips, k.first)
	s := New(g)
	var runs []Observation
	var worst, sum time.Duration
	steps := 0
	for {
		start := time.Now()
		d := s.Next(runs, vms)
		took := time.Since(start)
		worst, sum, steps = max(worst, took), sum+took, steps+1
		if d.Done {
			break
		}
		for _, c := range d.Try {
			runs = append(runs, k.run(c))
		}
	}
	b.ReportMetric(float64(worst.Microseconds())/1000, "ms-worst/Next")
	b.ReportMetric(float64(sum.Microseconds())/1000/float64(steps), "ms-mean/Next")
	b.ReportMetric(float64(len(runs)), "runs")
}

// clusters are stretches of candidates that cannot be tried; not the ends.
func clusters(g *Graph, rng *rand.Rand, howMany, length int) map[int]bool {
	all := map[int]bool{}
	for range howMany {
		from := 1 + rng.IntN(g.Len()-2)
		for c := from; c < min(from+length, g.Bad()); c++ {
			all[c] = true
		}
	}
	return all
}

// BenchmarkNewGraph times what is done once.
func BenchmarkNewGraph(b *testing.B) {
	parents := slices.Clone(release(b, 20000, 1).parents)
	parents[0] = nil
	for b.Loop() {
		if _, err := NewGraph(parents); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRelease is the first bad of 5,000 commits with merges.
func BenchmarkRelease(b *testing.B) {
	g := release(b, 5000, 2)
	for _, p := range []float64{1, 0.5, 0.3} {
		b.Run(fmt.Sprintf("p=%v", p), func(b *testing.B) {
			for b.Loop() {
				var c score
				for seed := range uint64(40) {
					rng := rand.New(rand.NewPCG(seed, 9))
					k := &plant{graph: g, first: 1 + rng.IntN(g.Len()-1), p: p, rng: rng}
					r, rounds := k.search(New(g), 1)
					c.add(r, rounds, k.first)
				}
				c.report(b)
			}
		})
	}
}
