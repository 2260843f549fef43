package growth

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/scenario"
)

func TestKnee(t *testing.T) {
	const k = 1000
	want := map[string]struct {
		kind          KneeKind
		before, after Class
	}{
		"jump-constant-x3":         {Jump, Constant, Constant},
		"jump-linear-x2":           {Jump, Linear, Linear},
		"bend-constant-to-linear":  {Bend, Constant, Linear},
		"bend-linear-x5":           {Bend, Linear, Linear},
		"bend-linear-to-quadratic": {Bend, Linear, Quadratic},
		"exponent-1-to-2":          {Bend, Linear, Quadratic},
	}
	for _, l := range kneeLaws {
		t.Run(l.name, func(t *testing.T) {
			p := decades()
			p.noise = 0.01
			truth := l.at(k)
			r := Fit(p.measure(truth, rng(2)), 1)
			require.NotNil(t, r.Knee)
			assert.Equal(t, want[l.name].kind, r.Knee.Kind)
			assert.Equal(t, want[l.name].before, r.Knee.Before.Class)
			assert.Equal(t, want[l.name].after, r.Knee.After.Class)
			assert.Equal(t, want[l.name].after, r.Class)
			assert.LessOrEqual(t, r.Knee.Low, float64(k))
			assert.GreaterOrEqual(t, r.Knee.High, float64(k))
			assert.InEpsilon(t, truth(5000), r.At(5000), 0.05)
		})
	}
}

func TestDrop(t *testing.T) {
	p := decades()
	p.noise = 0.01
	r := Fit(p.measure(func(n float64) float64 { return 1000 + 2000*btoi(n < 1000) }, rng(2)), 1)
	require.NotNil(t, r.Knee)
	assert.Equal(t, Drop, r.Knee.Kind)
	assert.Greater(t, r.Knee.Before.NS, r.Knee.After.NS)
}

func TestNoKneeInSmoothGrowth(t *testing.T) {
	for name, g := range smoothCurves {
		t.Run(name, func(t *testing.T) {
			p := decades()
			for i, noise := range []float64{0, 0.05} {
				p.noise = noise
				assert.Nil(t, Fit(p.measure(g, rng(uint64(i+1))), 1).Knee)
			}
		})
	}
}

// A cost per unit that changes once is no growth above O(n): the knee says what happened.
func TestBendIsNotSuperlinear(t *testing.T) {
	p := decades()
	p.noise = 0.01
	r := Fit(p.measure(kneeLaws[3].at(1000), rng(2)), 1)
	is, _ := r.Exceeds(scenario.Linear)
	assert.False(t, is)
	r = Fit(p.measure(kneeLaws[4].at(1000), rng(2)), 1)
	is, _ = r.Exceeds(scenario.Linear)
	assert.True(t, is)
}

func TestOneWildSizeIsNoKnee(t *testing.T) {
	p := decades()
	p.noise = 0.01
	points := p.measure(laws[2].plant(100, 1), rng(3))
	last := points[len(points)-1].Samples
	for i := range last {
		last[i] *= 3
	}
	assert.Nil(t, Fit(points, 1).Knee)
}

var smoothCurves = map[string]func(float64) float64{
	"constant":   func(float64) float64 { return 1000 },
	"n log n":    func(n float64) float64 { return 5000 + n*math.Log(n) },
	"n2":         func(n float64) float64 { return 5000 + n*n },
	"n+n2":       func(n float64) float64 { return 10*n + 0.01*n*n },
	"n^1.5+c":    func(n float64) float64 { return 5000 + math.Pow(n, 1.5) },
	"sqrt":       math.Sqrt,
	"log2":       func(n float64) float64 { return math.Log(n) * math.Log(n) },
	"n log2":     func(n float64) float64 { return n * math.Log(n) * math.Log(n) },
	"n+n^1.5":    func(n float64) float64 { return 10*n + 0.3*math.Pow(n, 1.5) },
	"saturating": func(n float64) float64 { return 1000 * n / (n + 1000) },
	"n2 log":     func(n float64) float64 { return 5000 + n*n*math.Log(n) },
}
