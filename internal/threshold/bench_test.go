package threshold

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// score counts what became of searches.
type score struct {
	held, near, given, total, certain, odd, spent int
	boots                                  []int
	confidence                             float64
}

func (c *score) add(r Result, threshold int64, width float64) {
	c.total++
	c.boots = append(c.boots, r.Boots)
	if r.Verdict == Found {
		c.confidence += r.Confidence
		if r.Deterministic { c.certain++ }
	}
	if r.Verdict == NotConfirmed { c.given++ }
	if r.Verdict == NotMonotone { c.odd++ }
	if r.Verdict == BudgetSpent { c.spent++ }
	if r.Verdict == Found && r.Low < threshold && threshold <= r.High {
		c.held++
	}
	middle := math.Sqrt(float64(max(r.Low, 1)) * float64(r.High))
	if r.Verdict == Found && math.Abs(middle/float64(threshold)-1) <= width {
		c.near++
	}
}

func (c *score) report(b *testing.B) {
	per := func(k int) float64 { return 100 * float64(k) / float64(c.total) }
	slices.Sort(c.boots)
	sum := 0
	for _, n := range c.boots {
		sum += n
	}
	b.ReportMetric(per(c.held), "%inside")
	b.ReportMetric(per(c.near), "%near")
	b.ReportMetric(per(c.given), "%notconfirmed")
	b.ReportMetric(per(c.certain), "%certain")
	b.ReportMetric(per(c.odd), "%odd")
	b.ReportMetric(per(c.spent), "%spent")
	b.ReportMetric(100*c.confidence/float64(c.total), "%confidence")
	b.ReportMetric(float64(sum)/float64(len(c.boots)), "boots")
	b.ReportMetric(float64(c.boots[len(c.boots)*95/100]), "boots95")
	b.ReportMetric(float64(c.boots[len(c.boots)-1]), "bootsmax")
}

func BenchmarkCertain(b *testing.B) {
	for _, first := range []int64{1, 100, 1000, 1500} {
		b.Run(fmt.Sprintf("ladder=%d", first), func(b *testing.B) {
			for b.Loop() {
				var c score
				for t := int64(1000); t <= 1_000_000; t += 1 + t/500 {
					k := plant{threshold: t, p: 1}
					safe, broken, _ := k.climb(first)
					r, _ := k.search(New(safe, broken))
					c.add(r, t, 0.02)
				}
				c.report(b)
			}
		})
	}
}

func BenchmarkFlaky(b *testing.B) {
	for _, p := range []float64{0.3} {
		b.Run(fmt.Sprintf("p=%v", p), func(b *testing.B) {
			for b.Loop() {
				var c score
				rng := rand.New(rand.NewPCG(1, 2))
				for c.total < N {
					k := plant{logUniform(rng, 1000, 1_000_000), p, rng}
					safe, broken, ok := k.climb(1)
					if !ok {
						continue
					}
					r, _ := k.search(Big(safe, broken))
					c.add(r, k.threshold, 0.05)
				}
				c.report(b)
			}
		})
	}
}

func BenchmarkParts(b *testing.B){ for _, Parts = range []float64{1,2,3,4} { b.Run(fmt.Sprint(Parts), BenchmarkFlaky) } }

func BenchmarkPrior(b *testing.B){ 
  for name, f := range map[string]func(p float64) float64{
	"known": func(p float64) float64 { if math.Abs(p-0.3)<.01 {return 1}; return 0},
	"uniform": func(p float64) float64 {return 1},
	"from.1": func(p float64) float64 { if p<0.09 {return 0}; return 1},
	"from.2": func(p float64) float64 { if p<0.19 {return 0}; return 1},
	"beta22": func(p float64) float64 { return p*(1-p)},
	"p": func(p float64) float64 { return p},
	} {
	sum:=0.0
	for i:=1;i<steps;i++{ sum+=f(float64(i)/steps)}
	Prior = func(r int) float64 { if r==steps-1 {return math.Log(.5)}; return math.Log(.5*f(rates[r])/sum)}
    b.Run(name,BenchmarkFlaky)
	}
}

func BenchmarkMode(b *testing.B){ 
	sum:=0.0
	f:=func(p float64) float64 {return p*(1-p)}
	for i:=1;i<steps;i++{ sum+=f(float64(i)/steps)}
	Prior = func(r int) float64 { if r==steps-1 {return math.Log(.5)}; return math.Log(.5*f(rates[r])/sum)}
	b.Run("base",BenchmarkFlaky)
	for Mode=1;Mode<5;Mode++ {
	for _, Switch = range []float64{0,0.3,0.6} {
    b.Run(fmt.Sprint(Mode,Switch),BenchmarkFlaky)
	}
	}
}
const N = 200

func Big(a,b int64) Search { s:=New(a,b); s.Budget=300; return s }
