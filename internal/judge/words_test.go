package judge

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"brink/internal/growth"
)

func TestCount(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 131072: "131,072", 1234567: "1,234,567",
		-1: "-1", -999: "-999", -1000: "-1,000", -123456: "-123,456", math.MaxInt64: "9,223,372,036,854,775,807",
		math.MinInt64: "-9,223,372,036,854,775,808"} {
		assert.Equal(t, want, Count(n))
	}
}

func TestTerm(t *testing.T) {
	for want, term1 := range map[string]growth.Term{
		"12.0 ms n":      {NS: 12e6, Power: 1},
		"7.9e-13 ns n^3": {NS: 7.9e-13, Power: 3},
	} {
		assert.Equal(t, want, term(term1))
	}
}

func TestQuantity(t *testing.T) {
	for _, c := range []struct {
		value float64
		unit  string
		want  string
	}{
		{15e6, "ns", "15.0 ms"}, {43.12, "%", "43.1%"}, {278_000.4, "/s", "278,000/s"}, {0.25, "tasks", "0.25 tasks"}, {9.999, "", "10"},
		{0, "/s", "0/s"}, {-3, "frames", "-3 frames"}, {1e300, "frames", "1e+300 frames"}, {1e300, "ns", "1e+300 ns"},
		{math.Inf(1), "/s", "+Inf/s"}, {math.NaN(), "", "NaN"},
	} {
		assert.Equal(t, c.want, Quantity(c.value, c.unit), "%g %s", c.value, c.unit)
	}
}
