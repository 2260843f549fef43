package bisect

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

// stated groups searches by the confidence that their results state.
type stated struct {
	up    []float64 // upper ends of the groups
	n     []int
	right []int
	sum   []float64
}

func newStated() *stated {
	s := &stated{up: []float64{0.94, 0.97, 0.985, 0.995, 1}}
	s.n, s.right, s.sum = make([]int, len(s.up)), make([]int, len(s.up)), make([]float64, len(s.up))
	return s
}

func (s *stated) add(r Result, first int) {
	if r.Verdict != Found {
		return
	}
	i := 0
	for r.Confidence > s.up[i] && i < len(s.up)-1 {
		i++
	}
	s.n[i]++
	s.sum[i] += r.Confidence
	if r.FirstBad == first {
		s.right[i]++
	}
}

// off is how much larger the stated confidence of a group is than the share that is right, in points.
func (s *stated) off(i int) float64 {
	return 100 * (s.sum[i] - float64(s.right[i])) / float64(s.n[i])
}

// calibrate runs n searches for each wanted confidence, with rates as draw gives them.
func calibrate(tb testing.TB, n int, draw func(*rand.Rand) float64) *stated {
	g, s := line(tb, 257), newStated()
	for w, wanted := range []float64{0.8, 0.95, 0.99} {
		for seed := range uint64(n) {
			rng := rand.New(rand.NewPCG(seed, 11+uint64(w)))
			k := &plant{graph: g, first: 1 + rng.IntN(256), p: draw(rng), rng: rng}
			ask := New(g)
			ask.Confidence = wanted
			r, _ := k.search(ask, 1)
			s.add(r, k.first)
		}
	}
	return s
}

// thirds is how the issue puts it: failures that show always, in half and in a third of the runs.
func thirds(rng *rand.Rand) float64 { return []float64{1, 0.5, 0.3}[rng.IntN(3)] }

// believed draws from the prior, leaving out what the search is not asked to find.
func believed(rng *rand.Rand) float64 {
	for {
		x := rng.Float64()
		for i := range steps {
			if x -= prior(i); x < 0 {
				if rate(i) < 0.15 {
					break
				}
				return rate(i)
			}
		}
	}
}

func BenchmarkCalibration(b *testing.B) {
	for name, draw := range map[string]func(*rand.Rand) float64{"thirds": thirds, "prior": believed} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s := calibrate(b, searches, draw)
				for i := range s.up {
					b.ReportMetric(s.off(i), fmt.Sprintf("points-over-up-to-%v(n=%d)", s.up[i], s.n[i]))
				}
			}
		})
	}
}

// TestStatedConfidenceIsHonest is the small form of BenchmarkCalibration: a hundred searches in a group are off by two
// points by luck alone. Too low is the lesser evil.
func TestStatedConfidenceIsHonest(t *testing.T) {
	s := calibrate(t, 150, thirds)
	for i := range s.up {
		if s.n[i] >= 30 {
			assert.Less(t, s.off(i), 5.0, "confidence up to %v is stated too high, %d searches", s.up[i], s.n[i])
			assert.Greater(t, s.off(i), -8.0, "confidence up to %v is stated too low, %d searches", s.up[i], s.n[i])
		}
	}
	assert.GreaterOrEqual(t, s.n[0], 30)
	assert.GreaterOrEqual(t, s.n[len(s.up)-1], 30)
}
