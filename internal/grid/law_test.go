package grid

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/scenario"
)

var pps = scenario.Axis{Name: "pps", Load: true}

// thresholdsAt are thresholds that a search has narrowed to 2%.
func thresholdsAt(at func(n float64) float64, values ...int64) (points []Point) {
	for _, v := range values {
		n := at(float64(v))
		points = append(points, Point{Value: v, Safe: int64(n * 0.99), Broken: int64(n * 1.01)})
	}
	return points
}

func TestLaw(t *testing.T) {
	values := []int64{1, 10, 32, 100, 320}
	constant := func(float64) float64 { return 50_000 }
	product := func(n float64) float64 { return 3_200_000 / n }
	fixed := func(n float64) float64 { return 1e9 / (20_000 + 500*n) } // 20 µs a frame, and 500 ns for each container
	none, at := func(upto int64) Point { return Point{Upto: upto} }, func(broken int64) Point { return Point{Broken: broken} }
	with := func(points []Point, i int, p Point) []Point {
		p.Value = points[i].Value
		points[i] = p
		return points
	}
	for name, c := range map[string]struct {
		points []Point
		of     Of
		text   string
	}{
		"constant":   {thresholdsAt(constant, values...), OfRamped, "one of pps: about 50,000 whatever the containers; threshold ~ containers^"},
		"product":    {thresholdsAt(product, values...), OfProduct, "one of pps x containers: about 3,200,000; threshold ~ containers^-1.00"},
		"fixed cost": {thresholdsAt(fixed, values...), OfNeither, "neither one of pps (power 0) nor of pps x containers (power -1)"},
		"three":      {thresholdsAt(product, 10, 100, 320), OfProduct, "about 3,200,000"},
		"three of a ladder": {[]Point{{Value: 10, Safe: 4000, Broken: 8000}, {Value: 20, Safe: 2000, Broken: 4000}, {Value: 40, Safe: 2000, Broken: 4000}},
			CannotTell, "give more values, or a narrower search"},
		"two": {thresholdsAt(product, 10, 100), CannotTell, "cannot tell: threshold ~ containers^-1.00 (-1.01 to -0.99) between two values"},
		"one": {with(with(thresholdsAt(product, 1, 10, 100), 0, none(8000)), 1, none(8000)), CannotTell, "one threshold says nothing"},
		"step": {[]Point{{Value: 1, Upto: 8000}, {Value: 10, Upto: 8000}, {Value: 32, Broken: 1000}, {Value: 100, Broken: 1000}}, OfSecond,
			"one of containers: none up to 10, and from 32 on at the smallest pps already"},
		"too late":                    {[]Point{{Value: 1, Broken: 1000}, {Value: 10, Broken: 1000}}, CannotTell, "begin lower"},
		"unknown":                     {[]Point{{Value: 1}, {Value: 10}}, CannotTell, "says nothing"},
		"none seen":                   {with(thresholdsAt(constant, values...), 4, none(90_000)), OfNeither, "; but containers=320 has none up to 90,000"},
		"none where none is expected": {with(thresholdsAt(product, values...), 0, none(1_000_000)), OfProduct, "about 3,200,000"},
		"earlier":                     {with(thresholdsAt(constant, values...), 4, at(1000)), OfNeither, "; but containers=320 has it at 1,000 already"},
	} {
		t.Run(name, func(t *testing.T) {
			l := law(c.points, pps, "containers")
			assert.Equal(t, c.of, l.Of, l.Text)
			assert.Contains(t, l.Text, c.text)
		})
	}
	l := law(thresholdsAt(fixed, values...), pps, "containers")
	assert.Contains(t, l.Text, "time for each at the threshold: linear: 20.", "the law behind it, where the ramped axis is a rate")
	assert.Contains(t, l.Text, " + 50")
	assert.NotContains(t, law(thresholdsAt(fixed, values...), scenario.Axis{Name: "macs"}, "containers").Text, "time for each")
}

// TestSlopeCovers: the interval holds the power at least as often as it says, with the ladder's thresholds, with narrow ones, and
// with a scatter that the thresholds' widths do not explain.
func TestSlopeCovers(t *testing.T) {
	for name, c := range map[string]struct{ width, scatter float64 }{"ladder": {2, 0}, "narrow": {1.02, 0}, "scattered": {1.02, 0.1}} {
		for _, n := range []int{3, 4, 6} {
			rng, covered := rand.New(rand.NewPCG(1, uint64(n))), 0
			const runs = 1000
			for range runs {
				power, points := -1.5*rng.Float64(), []Point(nil)
				for i := range n {
					value := math.Pow(4, float64(i+1))
					at := 1e9 * math.Pow(value, power) * math.Exp(c.scatter*rng.NormFloat64())
					low := at / math.Pow(c.width, rng.Float64())
					points = append(points, Point{Value: int64(value), Safe: int64(low), Broken: int64(low * c.width)})
				}
				f, used := fit(points)
				require.Equal(t, n, used)
				low, high := f.interval()
				if (Slope{Low: low, High: high}).contains(power) {
					covered++
				}
			}
			assert.GreaterOrEqual(t, covered, runs*94/100, "%s, %d thresholds", name, n)
		}
	}
}
