package bisect

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCut(t *testing.T) {
	c, err := NewCut([]float64{1, 1.1, 0.9}, []float64{10, 11, 12}, 2)
	require.NoError(t, err)
	assert.True(t, c.BadAbove)
	assert.InDelta(t, math.Sqrt(1.1*10), c.Value, 1e-9)
	assert.InDelta(t, 11, c.Factor, 1e-9)

	c, err = NewCut([]float64{131072}, []float64{82, 83}, 2)
	require.NoError(t, err)
	assert.False(t, c.BadAbove, "the threshold moved down")
}

func TestCutRefuses(t *testing.T) {
	for _, c := range []struct {
		want      string
		good, bad []float64
		factor    float64
		told      bool // that the ends are alike, and not that the question is wrong
	}{
		{"they overlap", []float64{1, 5}, []float64{4, 9}, 1, true},
		{"they overlap", []float64{2, 2}, []float64{2, 2}, 1, true},
		{"they overlap", []float64{1, 3}, []float64{3, 9}, 1, true},
		{"differ by less than 2", []float64{10, 10}, []float64{15, 15}, 2, true},
		{"differ by less than 2", []float64{15, 15}, []float64{10, 10}, 2, true},
		{"each varies by more than what is between", []float64{1, 2}, []float64{3, 4}, 1, true},
		{"the good end has no samples", nil, []float64{3}, 1, false},
		{"the bad end has the sample 0", []float64{1}, []float64{0}, 1, false},
		{"the bad end has the sample NaN", []float64{1}, []float64{math.NaN()}, 1, false},
		{"factor 0.5 must be at least 1", []float64{1}, []float64{2}, 0.5, false},
		{"factor NaN must be", []float64{1}, []float64{2}, math.NaN(), false},
	} {
		_, err := NewCut(c.good, c.bad, c.factor)
		require.ErrorContains(t, err, c.want)
		if c.told {
			assert.ErrorIs(t, err, ErrNoCut)
		} else {
			assert.NotErrorIs(t, err, ErrNoCut)
		}
	}
}
