package bisect

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// searches is how many are simulated for each setting.
const searches = 500

// score counts what became of searches.
type score struct {
	total, right, held, settled int
	runs                        []int
	rounds                      int
	rule, early, ruleRight      int
	stated                      float64
	verdicts                    map[Verdict]int
}

func (c *score) add(r Result, rounds, first int) {
	c.total++
	c.runs = append(c.runs, r.Runs)
	c.rounds += rounds
	if c.verdicts == nil {
		c.verdicts = map[Verdict]int{}
	}
	c.verdicts[r.Verdict]++
	if r.Verdict == Found || r.Verdict == Range {
		c.settled++
		c.stated += r.Confidence
	}
	if r.Verdict == Found && r.FirstBad == first {
		c.right++
		c.held++
	}
	if r.Verdict == Range && slices.ContainsFunc(r.Suspects, func(x Suspect) bool { return x.Candidate == first }) {
		c.held++
	}
}

func (c *score) mean() float64 {
	sum := 0
	for _, n := range c.runs {
		sum += n
	}
	return float64(sum) / float64(c.total)
}

// report gives shares in percent of the searches.
func (c *score) report(b *testing.B) {
	share := func(n int) float64 { return 100 * float64(n) / float64(c.total) }
	slices.Sort(c.runs)
	b.ReportMetric(share(c.right), "%right")
	b.ReportMetric(share(c.held), "%held")
	b.ReportMetric(100*c.stated/float64(max(c.settled, 1)), "%stated")
	b.ReportMetric(c.mean(), "runs")
	b.ReportMetric(float64(c.runs[c.total*95/100]), "runs95")
	b.ReportMetric(float64(c.runs[c.total-1]), "runsworst")
	b.ReportMetric(float64(c.rounds)/float64(c.total), "rounds")
	for _, v := range []Verdict{Range, EndsGood, EndsBad, Swapped, NotReproduced, Budget} {
		if n := c.verdicts[v]; n > 0 {
			b.ReportMetric(share(n), "%"+string(v))
		}
	}
	if c.rule > 0 {
		b.ReportMetric(share(c.ruleRight), "%ruleright")
		b.ReportMetric(100*c.mean()*float64(c.total)/float64(c.rule), "%ofrule")
		b.ReportMetric(100*c.mean()*float64(c.total)/float64(c.early), "%ofruleearly")
	}
}

// simulate plants a failure at a place of 256, with the seeds 0 to 499.
func simulate(tb testing.TB, n, vms int, ask func(*Search), set func(*plant)) *score {
	g := line(tb, 257)
	var c score
	for seed := range uint64(n) {
		rng := rand.New(rand.NewPCG(seed, 7))
		k := &plant{graph: g, first: 1 + rng.IntN(256), p: 1, rng: rng}
		set(k)
		s := New(g)
		ask(&s)
		r, rounds := k.search(s, vms)
		c.add(r, rounds, k.first)
		k.rng = rand.New(rand.NewPCG(seed, 8))
		perStep := 20
		if k.p == 1 {
			perStep = 10
		}
		first, runs, early := k.rule(perStep)
		c.rule, c.early = c.rule+runs, c.early+early
		if first == k.first {
			c.ruleRight++
		}
	}
	return &c
}

func usual(*Search) {}

// BenchmarkLine is the first bad of 256, for failures that show always and sometimes.
func BenchmarkLine(b *testing.B) {
	for _, wanted := range []float64{0.8, 0.95, 0.99} {
		for _, other := range []float64{0, 0.1} {
			for _, p := range []float64{1, 0.5, 0.3} {
				b.Run(fmt.Sprintf("wanted=%v/other=%v/p=%v", wanted, other, p), func(b *testing.B) {
					for b.Loop() {
						simulate(b, searches, 1, func(s *Search) { s.Confidence = wanted },
							func(k *plant) { k.p, k.other = p, other }).report(b)
					}
				})
			}
		}
	}
}

// BenchmarkMisuse is what the model does not hold for, or what takes longer than it should.
func BenchmarkMisuse(b *testing.B) {
	cases := []struct {
		name string
		ask  func(*Search)
		set  func(*plant)
	}{
		{"stray=1%/p=1", usual, func(k *plant) { k.stray = 0.01 }},
		{"stray=1%/p=0.5", usual, func(k *plant) { k.p, k.stray = 0.5, 0.01 }},
		{"stray=1%/p=0.3", usual, func(k *plant) { k.p, k.stray = 0.3, 0.01 }},
		{"stray=1%,told/p=0.3", func(s *Search) { s.Stray = 0.01 }, func(k *plant) { k.p, k.stray = 0.3, 0.01 }},
		{"p=0.1", usual, func(k *plant) { k.p = 0.1 }},
		{"p=0.1,budget=1000,rare=0.05", func(s *Search) { s.Budget, s.Rare = 1000, 0.05 }, func(k *plant) { k.p = 0.1 }},
		{"skips=20%/p=1", usual, func(k *plant) { k.skips = skips(k, 51, 1) }},
		{"skips=20%/p=0.3", usual, func(k *plant) { k.p, k.skips = 0.3, skips(k, 51, 1) }},
		{"clusters=5x10/p=1", usual, func(k *plant) { k.skips = skips(k, 5, 10) }},
		{"clusters=5x10,tries=1/p=1", func(s *Search) { s.Tries = 1 }, func(k *plant) { k.skips = skips(k, 5, 10) }},
		{"clusters=5x10/p=0.3", usual, func(k *plant) { k.p, k.skips = 0.3, skips(k, 5, 10) }},
		{"cluster=1x100/p=1", usual, func(k *plant) { k.skips = skips(k, 1, 100) }},
		{"p=0.9-falls-to-0.3", usual, func(k *plant) { k.p, k.fade = 0.9, 0.6 }},
		{"p=0.3-rises-to-0.9", usual, func(k *plant) { k.p, k.fade = 0.3, -0.6 }},
		{"both-bad/p=1", usual, func(k *plant) { k.first = 0 }},
		{"both-bad/p=0.3", usual, func(k *plant) { k.first, k.p = 0, 0.3 }},
		{"both-good", usual, func(k *plant) { k.first = -1 }},
		{"swapped/p=1", usual, func(k *plant) { k.reversed = true }},
		{"swapped/p=0.3", usual, func(k *plant) { k.reversed, k.p = true, 0.3 }},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				simulate(b, searches, 1, c.ask, c.set).report(b)
			}
		})
	}
}

func skips(k *plant, howMany, length int) map[int]bool {
	return clusters(k.graph, k.rng, howMany, length)
}

// BenchmarkParallel gives several VMs work at once: rounds are what one waits for.
func BenchmarkParallel(b *testing.B) {
	for _, vms := range []int{1, 2, 4, 8} {
		for _, p := range []float64{1, 0.3} {
			b.Run(fmt.Sprintf("vms=%d/p=%v", vms, p), func(b *testing.B) {
				for b.Loop() {
					simulate(b, 100, vms, usual, func(k *plant) { k.p = p }).report(b)
				}
			})
		}
	}
}
