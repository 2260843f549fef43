package growth

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCompare(t *testing.T) {
	linear := func(n float64) float64 { return 1000 + 10*n }
	times := func(k float64) func(float64) float64 { return func(n float64) float64 { return k * linear(n) } }
	for name, c := range map[string]struct {
		b     func(float64) float64
		noise float64
		reps  int
		want  Difference
	}{
		"same":                    {linear, 0.02, 5, NotDifferent},
		"same, exact clock":       {linear, 0, 1, NotDifferent},
		"half a per cent, exact":  {times(1.005), 0, 5, NotDifferent},
		"slower by a tenth":       {times(1.1), 0.02, 5, Slower},
		"faster by a tenth":       {times(0.9), 0.02, 5, Faster},
		"too noisy":               {linear, 0.5, 2, Undecided},
		"slower at the large end": {func(n float64) float64 { return 1000 + 10*n + 0.005*n*n }, 0.02, 5, Slower},
		"slower here, faster there": {func(n float64) float64 { return 3000 + 7*n },
			0.02, 5, Undecided},
	} {
		t.Run(name, func(t *testing.T) {
			p := decades()
			p.noise, p.reps = c.noise, c.reps
			a, b := p.measure(linear, rng(1)), p.measure(c.b, rng(2))
			got := Compare(a, b, 1)
			assert.Equal(t, c.want, got.Difference, "%+v", got.Ratio)
			assert.Len(t, got.Sizes, len(p.sizes))
			assert.LessOrEqual(t, got.Ratio.Low, got.Ratio.Value)
			assert.Equal(t, got, Compare(a, b, 1), "deterministic")
		})
	}
}

func TestCompareGrowth(t *testing.T) {
	p := decades()
	p.noise = 0.02
	of := func(i int) []Point { return p.measure(laws[i].plant(100, 1), rng(uint64(i+1))) }
	for name, c := range map[string]struct {
		a, b    int
		verdict Verdict
		changed bool
	}{
		"linear stays":       {2, 2, Told, false},
		"linear to square":   {2, 4, Told, true},
		"constant to linear": {0, 2, Told, true},
		"constant stays":     {0, 0, Told, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := Compare(of(c.a), of(c.b), 1).Growth
			assert.Equal(t, c.verdict, got.Verdict)
			assert.Equal(t, c.changed, got.Changed)
			assert.Equal(t, laws[c.a].class, got.From)
			assert.Equal(t, laws[c.b].class, got.To)
		})
	}
}

func TestCompareNeedsCommonSizes(t *testing.T) {
	a := []Point{{10, []float64{1, 1}}, {20, []float64{2, 2}}}
	b := []Point{{30, []float64{1, 1}}}
	got := Compare(a, b, 1)
	assert.Equal(t, Undecided, got.Difference)
	assert.Contains(t, got.Warnings, "no common sizes")

	one := Compare(a, []Point{{20, []float64{4, 4}}}, 1)
	require.Len(t, one.Sizes, 1)
	assert.InEpsilon(t, 2, one.Ratio.Value, 0.01)
	assert.Equal(t, Slower, one.Difference)
}
