package growth

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"brink/internal/scenario"
)

func TestTermAt(t *testing.T) {
	for name, c := range map[string]struct {
		term Term
		n    float64
		want float64
		text string
	}{
		"constant":     {Term{NS: 5}, 100, 5, "5"},
		"linear":       {Term{NS: 2, Power: 1}, 100, 200, "2 n"},
		"linearithmic": {Term{NS: 2, Power: 1, Log: 1}, 1, 0, "2 n ln n"},
		"half":         {Term{NS: 2, Power: 0.5}, 100, 20, "2 n^0.5"},
		"before bend":  {Term{NS: 2, Power: 2, From: 10}, 10, 0, "2 n^2 above 10"},
		"after bend":   {Term{NS: 2, Power: 2, From: 10}, 11, 42, "2 n^2 above 10"},
		"jump":         {Term{NS: 7, From: 10}, 11, 7, "7 above 10"},
		"drop":         {Term{NS: 7, Upto: 10}, 11, 0, "7 up to 10"},
		"before drop":  {Term{NS: 7, Upto: 10}, 10, 7, "7 up to 10"},
		"stops":        {Term{NS: 7, Power: 1, Upto: 10}, 20, 70, "7 n up to 10"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.InDelta(t, c.want, c.term.At(c.n), 1e-9)
			assert.Equal(t, c.text, c.term.String())
		})
	}
}

func TestMarginalIsTheDerivative(t *testing.T) {
	for _, k := range smooth {
		for _, term := range k.grow {
			assert.InEpsilon(t, (term.At(1000.1)-term.At(999.9))/0.2, term.marginal(1000), 1e-6, term)
		}
	}
}

func TestNonNegative(t *testing.T) {
	solve := func(y ...float64) [maxTerms]float64 { // columns 1 and i
		var e normal
		e.k = 2
		for i, v := range y {
			row := [2]float64{1, float64(i)}
			for a := range row {
				for b := range row {
					e.gram[a][b] += row[a] * row[b]
				}
				e.right[a] += row[a] * v
			}
		}
		x, _ := e.solve()
		return x
	}
	for name, c := range map[string]struct {
		y    []float64
		a, b float64
	}{
		"inside":            {[]float64{1, 3, 5}, 1, 2},
		"falling is flat":   {[]float64{5, 3, 1}, 3, 0},
		"no negative start": {[]float64{-1, 1, 3}, 0, 1.4},
		"all negative":      {[]float64{-1, -2, -3}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			x := solve(c.y...)
			assert.InDelta(t, c.a, x[0], 1e-12)
			assert.InDelta(t, c.b, x[1], 1e-12)
		})
	}
}

func TestSeries(t *testing.T) {
	s := newSeries([]Point{
		{20, []float64{100, 101, 99, 100, 900}},
		{10, []float64{50, 50.5, 49.5}},
		{10, []float64{50}},
	})
	assert.Equal(t, []float64{10, 20}, s.n, "sorted and merged")
	assert.Equal(t, 1, s.asides, "the sample that took nine times as long")
	assert.Equal(t, 6, s.reps)
	assert.InDelta(t, 100, s.y[1], 0.1)
	assert.InDelta(t, 0.008, s.spread, 0.002)

	exact := newSeries([]Point{{10, []float64{5, 5, 5}}})
	assert.Zero(t, exact.spread)
	assert.InDelta(t, floor*floor, exact.v[0], 1e-15, "an exact clock does not give an infinite weight")
}

func TestExceeds(t *testing.T) {
	above := map[Class]map[scenario.Growth]bool{
		Constant:     {scenario.Constant: false, scenario.Log: false, scenario.Linear: false},
		Log:          {scenario.Constant: true, scenario.Log: false, scenario.Linear: false},
		Linear:       {scenario.Constant: true, scenario.Log: true, scenario.Linear: false},
		Linearithmic: {scenario.Constant: true, scenario.Log: true, scenario.Linear: true},
		Quadratic:    {scenario.Constant: true, scenario.Log: true, scenario.Linear: true},
	}
	for i, l := range laws[:5] {
		t.Run(l.name, func(t *testing.T) {
			p := decades()
			p.noise = 0.02
			r := Fit(p.measure(l.plant(100, 1), rng(uint64(i+1))), 1)
			for g, want := range above[l.class] {
				is, confidence := r.Exceeds(g)
				assert.Equal(t, want, is, g)
				assert.Equal(t, want, confidence >= sure, "%s: %g", g, confidence)
			}
			is, _ := r.Exceeds("O(?)")
			assert.False(t, is)
		})
	}
	// Certain and immaterial: 2% more at the largest size than at the smallest, under an exact clock.
	r := Fit(decades().measure(func(n float64) float64 { return 1000 + n*0.002 }, rng(1)), 1)
	is, confidence := r.Exceeds(scenario.Constant)
	assert.False(t, is)
	assert.Greater(t, confidence, sure)
}
