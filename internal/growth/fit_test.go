package growth

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClass(t *testing.T) {
	for _, noise := range []float64{0, 0.05} {
		for i, l := range laws {
			t.Run(l.name, func(t *testing.T) {
				p := decades()
				p.noise = noise
				truth := l.plant(100, 1)
				r := Fit(p.measure(truth, rand.New(rand.NewPCG(1, uint64(i)))), 1)
				require.Equal(t, Told, r.Verdict)
				assert.Equal(t, l.class, r.Class)
				assert.Equal(t, l.class, r.Plausible[0])
				assert.Nil(t, r.Knee)
				assert.Empty(t, r.Warnings)
				assert.InEpsilon(t, truth(40000), r.At(40000), 0.1)
				require.NotNil(t, r.Exponent)
				if !math.IsNaN(l.p) {
					assert.True(t, r.Exponent.Contains(l.p), "%v", *r.Exponent)
				}
			})
		}
	}
}

func TestExactCoefficients(t *testing.T) {
	r := Fit(decades().measure(func(n float64) float64 { return 5000 + 3*n*n }, rand.New(rand.NewPCG(1, 1))), 1)
	require.Len(t, r.Coefficients, 2)
	assert.InEpsilon(t, 5000, r.Coefficients[0].NS, 1e-6)
	assert.InEpsilon(t, 3, r.Coefficients[1].NS, 1e-6)
	assert.Equal(t, 2.0, r.Coefficients[1].Power)
	assert.InDelta(t, 1, r.R2, 1e-6)
	assert.Less(t, r.Prediction, 1e-6)
}

// The totals of 1 ms + 10 ns * n^2 look like n^0.9 over this range; the marginal cost does not.
func TestFixedCostDoesNotHideGrowth(t *testing.T) {
	p := plan{sizes: ladder(32, 32, 6), reps: 5, noise: 0.02}
	r := Fit(p.measure(func(n float64) float64 { return 1e6 + 10*n*n }, rand.New(rand.NewPCG(4, 4))), 1)
	assert.Equal(t, Quadratic, r.Class)
	assert.True(t, r.Exponent.Contains(2), "%v", *r.Exponent)
}

func TestLocalExponents(t *testing.T) {
	r := Fit(decades().measure(func(n float64) float64 { return 1e6 + n*n }, rand.New(rand.NewPCG(1, 1))), 1)
	require.NotEmpty(t, r.Local)
	for _, l := range r.Local {
		assert.InDelta(t, 2, l.P, 0.01)
		assert.LessOrEqual(t, l.Low, l.P)
	}
}

// Measured once per size on real kernels; see the comments. What can be told from so little is told, the rest is not.
func TestRealOps(t *testing.T) {
	points := func(n []int64, ms ...float64) (out []Point) {
		for i := range n {
			out = append(out, Point{n[i], []float64{1e6 * ms[i]}})
		}
		return out
	}
	// One frame to n bridge ports.
	flood := Fit(points([]int64{1, 32, 100, 320, 1000}, 0.0073, 0.068, 0.218, 0.923, 2.872), 1)
	assert.Contains(t, flood.Warnings, "one sample a size: the noise is known from the fit only")
	require.NotNil(t, flood.Exponent)
	assert.True(t, flood.Exponent.Contains(1.09), "%v", *flood.Exponent)

	// From the limit being hit to the victim being killed, with n sibling cgroups.
	oom := Fit(points([]int64{1, 1000, 4000, 8000}, 4, 101, 391, 783), 1)
	assert.Equal(t, CannotTell, oom.Verdict, "four sizes")
	assert.InDelta(t, 1, oom.Exponent.Value, 0.05)
	above, _ := oom.Exceeds("O(1)")
	assert.True(t, above)
	above, _ = oom.Exceeds("O(n)")
	assert.False(t, above)
}

func TestBadInput(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	five := func(s ...float64) (out []Point) {
		for n := int64(1); n <= 5; n++ {
			out = append(out, Point{n * n * n, s})
		}
		return out
	}
	const few = "too few sizes: %d, at least 5 are needed"
	const dropped = "%d of %d samples dropped: zero, negative or not a number, or taken at a size below 1"
	close := plan{sizes: []int64{1000, 1001, 1002, 1003, 1004}, reps: 2}
	for name, c := range map[string]struct {
		points  []Point
		warning string
	}{
		"nothing":         {nil, "no samples"},
		"no samples":      {[]Point{{N: 10}, {N: 20}}, "no samples"},
		"one size":        {[]Point{{10, []float64{1, 2, 3}}}, fmt.Sprintf(few, 1)},
		"identical sizes": {[]Point{{10, []float64{1}}, {10, []float64{2}}, {10, []float64{3}}}, fmt.Sprintf(few, 1)},
		"two sizes":       {[]Point{{10, []float64{1, 2}}, {100, []float64{20, 21}}}, fmt.Sprintf(few, 2)},
		"three sizes":     {five(1, 2)[:3], fmt.Sprintf(few, 3)},
		"zeros":           {five(0, 0), fmt.Sprintf(dropped, 10, 10)},
		"not a number":    {five(nan, inf, -1), fmt.Sprintf(dropped, 15, 15)},
		"sizes below 1":   {[]Point{{0, []float64{1}}, {-5, []float64{1}}}, fmt.Sprintf(dropped, 2, 2)},
		"sizes close by": {close.measure(laws[2].plant(1, 0), rng(1)),
			"narrow range of sizes: a factor of 1, 10 or more is better"},
		"absurd cost": {[]Point{{1, []float64{1e300}}, {1 << 62, []float64{1e308}}}, fmt.Sprintf(dropped, 2, 2)},
	} {
		t.Run(name, func(t *testing.T) {
			r := Fit(c.points, 1)
			assert.Equal(t, CannotTell, r.Verdict)
			assert.Empty(t, r.Class)
			assert.Contains(t, r.Warnings, c.warning)
			_, err := json.Marshal(r)
			assert.NoError(t, err, "no NaN and no infinity gets into a record")
			above, _ := r.Exceeds("O(1)")
			assert.False(t, above)
			_, err = json.Marshal(Compare(c.points, c.points, 1))
			assert.NoError(t, err)
		})
	}
}

// Where n log n and its neighbours fit alike, none of them is named.
func TestCannotTell(t *testing.T) {
	p := plan{sizes: ladder(100, 10, 6), reps: 2, noise: 0.2}
	r := Fit(p.measure(laws[3].plant(100, 3), rng(1)), 1)
	assert.Equal(t, CannotTell, r.Verdict)
	assert.Empty(t, r.Class)
	assert.Greater(t, len(r.Plausible), 1)
	above, _ := r.Exceeds("O(n)")
	assert.False(t, above)
}

func rng(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed)) }

func TestWarnings(t *testing.T) {
	fall := decades().measure(func(n float64) float64 { return 1e6 / n }, rng(1))
	assert.Contains(t, Fit(fall, 1).Warnings, "not monotone: the cost falls from size 100 to 10000")
	noisy := plan{sizes: ladder(100, 100, 8), reps: 1, noise: 0.5}
	w := Fit(noisy.measure(laws[0].plant(100, 0), rng(3)), 1).Warnings
	assert.Contains(t, w[len(w)-1], "too noisy")
	spiky := plan{sizes: ladder(100, 100, 8), reps: 8, noise: 0.01, spike: 0.2}
	r := Fit(spiky.measure(laws[2].plant(100, 1), rng(5)), 1)
	assert.Contains(t, r.Warnings[0], "set aside as outliers")
	assert.Equal(t, Linear, r.Class)
}

func TestRecordHoldsEverything(t *testing.T) {
	p := decades()
	p.noise = 0.05
	points := p.measure(kneeLaws[3].at(1000), rng(1))
	r := Fit(points, 7)
	assert.Equal(t, r, Fit(points, 7), "deterministic")
	text, err := json.Marshal(r)
	require.NoError(t, err)
	var back Result
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, r, back)
	assert.Equal(t, r.At(5000), back.At(5000))
}

// Whatever comes in, nothing panics and the result can be written down.
func TestAnyInput(t *testing.T) {
	r := rng(9)
	odd := []float64{0, -1, math.NaN(), math.Inf(1), 1e-300, 1e300, 1}
	for i := range 60 {
		var points []Point
		for range r.IntN(9) {
			p := Point{N: r.Int64N(1<<r.IntN(62)+1) - 1}
			for range r.IntN(4) {
				x := math.Exp(20 * r.Float64())
				if r.IntN(4) == 0 {
					x = odd[r.IntN(len(odd))]
				}
				p.Samples = append(p.Samples, x)
			}
			points = append(points, p)
		}
		_, err := json.Marshal(Compare(points, points[:len(points)/2], uint64(i)))
		require.NoError(t, err, points)
		_, err = json.Marshal(Fit(points, uint64(i)))
		require.NoError(t, err, points)
	}
}
