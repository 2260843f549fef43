package soak

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat/distuv"
)

// TestExactInterval compares with Garwood's table (Biometrika 28, 1936), 95%.
func TestExactInterval(t *testing.T) {
	for _, c := range []struct {
		n         int
		low, high float64
	}{{0, 0, 3.689}, {1, 0.0253, 5.572}, {2, 0.242, 7.225}, {5, 1.623, 11.668}, {10, 4.795, 18.390}, {50, 37.11, 65.92}} {
		r := NewRate(c.n, 2)
		assert.InDelta(t, c.low/2, r.Low, 0.005, "%d failures", c.n)
		assert.InDelta(t, c.high/2, r.High, 0.005, "%d failures", c.n)
		assert.Less(t, r.Bound, r.High)
	}
	assert.InDelta(t, -math.Log(0.05), NewRate(0, 1).Bound, 1e-9, "3.0 / T without a failure")
}

func TestRateWithoutTime(t *testing.T) {
	assert.Equal(t, Rate{}, NewRate(0, 0))
	assert.Equal(t, "no failure in 0 VM-hours", NewRate(0, 0).String())
}

func TestRateInWords(t *testing.T) {
	assert.Equal(t, "0.211 per VM-hour (0.0574 to 0.539), 4 failures in 19 VM-hours", NewRate(4, 19).String())
	assert.Equal(t, "below 0.158 per VM-hour with 95% confidence, no failure in 19 VM-hours", NewRate(0, 19).String())
	assert.Equal(t, "120 per VM-hour (3.04 to 669), 1 failure in 0.5 VM-minutes", NewRate(1, 1./120).String())
}

// TestAnytimeMixture integrates the two mixtures over the rates that they are made of.
func TestAnytimeMixture(t *testing.T) {
	for _, c := range []struct{ k, x float64 }{{0, 4}, {1, 6}, {7, 20}, {40, 90}} {
		// y = u^4 makes the density shape * y^(shape-1) constant.
		sum := quad.Fixed(func(u float64) float64 {
			y := math.Pow(u, 4)
			return math.Exp(c.k*math.Log(y) + c.x*(1-y))
		}, 0, 1, 400, nil, 0)
		assert.InEpsilon(t, math.Log(sum), below(c.k, c.x), 1e-3, "below, %v failures", c.k)
	}
	for _, c := range []struct{ k, x float64 }{{1, 0.001}, {5, 1}, {30, 12}} {
		// y = u^-4, for the density shape * y^(-shape-1) above 1.
		sum := quad.Fixed(func(u float64) float64 {
			y := math.Pow(u, -4)
			return math.Exp(c.k*math.Log(y) + c.x*(1-y))
		}, 0, 1, 4000, nil, 0)
		assert.InEpsilon(t, math.Log(sum), above(c.k, c.x), 1e-3, "above, %v failures", c.k)
	}
}

// TestAnytimeIsWider than the exact interval, but not by much, and ends where the evidence is enough.
func TestAnytimeIsWider(t *testing.T) {
	for _, n := range []int{0, 1, 2, 5, 20, 100, 2000} {
		r := NewRate(n, 1)
		a := r.Anytime
		assert.LessOrEqual(t, a.Low, r.Low, "%d failures", n)
		assert.Greater(t, a.High, r.High, "%d failures", n)
		assert.LessOrEqual(t, a.Low, a.Floor)
		assert.Less(t, a.Bound, a.High)
		assert.Less(t, a.High-float64(n), 2.2*(r.High-float64(n)), "%d failures", n)
		assert.InDelta(t, enough, below(float64(n), a.Bound), 0.01, "%d failures", n)
		if n > 0 {
			assert.InDelta(t, enough, above(float64(n), a.Floor), 0.01, "%d failures", n)
		}
	}
	assert.InDelta(t, 3.40, NewRate(0, 1).Anytime.Bound, 0.01)
}

// TestCoverage adds up the probabilities of the numbers of failures whose interval holds the truth: 95% or more, for
// every truth.
func TestCoverage(t *testing.T) {
	for mean := 0.05; mean < 30; mean *= 1.07 {
		held := 0.0
		for n := range 100 {
			if low, high := garwood(n); low <= mean && mean <= high {
				held += distuv.Poisson{Lambda: mean}.Prob(float64(n))
			}
		}
		assert.GreaterOrEqual(t, held, level, "%v failures expected", mean)
	}
}

// TestIntervalHoldsTheRate is the small form of BenchmarkInterval, which it must reach: 0.2 an hour in 95% of 500.
func TestIntervalHoldsTheRate(t *testing.T) {
	s := intervals(500, 1, 0.2, 6, 5*time.Minute, 10)
	require.Equal(t, 500, s.n)
	assert.GreaterOrEqual(t, share(s.hits, s.n), 94.0)
	assert.Less(t, s.hits, 500, "an interval that is never wrong is too wide")
}

// TestBelowKeepsItsError looks all the time, at rates just beside the one that is asked of, where errors are likeliest.
func TestBelowKeepsItsError(t *testing.T) {
	at := bounds(400, 6, 1, 50)
	assert.LessOrEqual(t, share(at.better, at.n), 6.5)
	assert.LessOrEqual(t, share(at.worse, at.n), 6.5)
	assert.Positive(t, at.better+at.worse, "a test that never errs waits too long")

	low := bounds(200, 6, 0.3, 200)
	assert.GreaterOrEqual(t, share(low.better, low.n), 98.0)
	assert.Less(t, average(low.hours), 15.0)
	assert.GreaterOrEqual(t, share(bounds(200, 6, 3, 200).worse, 200), 98.0)
}

// TestExactAfterANumberOfFailures stops at the failure that makes the interval narrow: it still holds the rate.
func TestExactAfterANumberOfFailures(t *testing.T) {
	q := Question{Within: 2}
	require.NoError(t, q.Check())
	require.Equal(t, 12, q.needed())
	held := 0
	for i := range 500 {
		p := plant{rates: []float64{1}, vms: 1, hours: 100, rng: seeded(8, i)}
		results := p.run()
		r := Judge(q, results[:12])
		require.Equal(t, Narrow, r.Verdict)
		if x := r.Arms[0].Rate; x.Low <= 1 && 1 <= x.High {
			held++
		}
	}
	assert.GreaterOrEqual(t, share(held, 500), 94.0)
}
