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
