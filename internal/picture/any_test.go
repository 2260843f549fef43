package picture

import (
	"io"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAnyRamp: whatever the numbers are, a picture comes of them.
func TestAnyRamp(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 10))
	odd := []float64{0, -1, 1, 2, 1e-300, 1e300, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxInt64, 4096, 1e12, 0.5}
	sizes := []int64{0, -1, 1, 2, 3, 4096, 4097, 1e12, math.MaxInt64, math.MinInt64}
	value := func() float64 { return odd[rnd.IntN(len(odd))] }
	number := func() int64 { return sizes[rnd.IntN(len(sizes))] }
	for i := range 200 {
		r := Ramp{Safe: number(), Broken: number(), Waits: i%2 == 0, Seeded: i%3 == 0}
		for range rnd.IntN(5) {
			p := Point{Size: number(), Failed: rnd.IntN(4) == 0}
			for range rnd.IntN(3) {
				p.Samples = append(p.Samples, time.Duration(number()))
			}
			r.Points = append(r.Points, p)
		}
		if rnd.IntN(2) == 0 {
			r.Knee = &Interval{value(), value(), value()}
		}
		if rnd.IntN(2) == 0 {
			a, b, c := value(), value(), value()
			r.Model = func(n float64) (mid, low, high float64) { return a + b*n, a - c*n, c * n * n }
		}
		if rnd.IntN(2) == 0 {
			d := number()
			r.Budget = func(n int64) time.Duration { return time.Duration(n * d) }
		}
		require.NoError(t, Terminal(io.Discard, r, rnd.IntN(100), rnd.IntN(30), true), "%+v", r)
		if i%10 == 0 {
			require.NotContains(t, drawSVG(t, r), "NaN", "%+v", r)
		}
	}
}
