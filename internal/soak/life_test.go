package soak

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func ages(minutes ...float64) (list []age) { // negative: stopped
	for _, m := range minutes {
		failed := m > 0
		if !failed {
			m = -m
		}
		list = append(list, age{m * float64(time.Minute), failed})
	}
	return list
}

func TestMedianTimeToFailure(t *testing.T) {
	assert.Equal(t, 3*time.Minute, newLife(ages(1, 2, 3, 4, 5), Rate{}).Median)
	// 1 - 1/5, - 1/4 of it, then two are gone unharmed: the last halves again.
	assert.Equal(t, 5*time.Minute, newLife(ages(1, 2, -3, -4, 5), Rate{}).Median)
	assert.Zero(t, newLife(ages(1, -9, -9, -9), Rate{}).Median, "most VMs live")
	assert.Zero(t, newLife(nil, Rate{}).Median)
}

func TestSumOfUniforms(t *testing.T) {
	assert.InDelta(t, 0.125, sumOfUniforms(2, 0.5), 1e-12)
	assert.InDelta(t, 1./6, sumOfUniforms(3, 1), 1e-12)
	assert.InDelta(t, 0.5, sumOfUniforms(3, 1.5), 1e-12)
	assert.InDelta(t, 1, sumOfUniforms(4, 4), 1e-12)
	assert.InDelta(t, 0.5, sumOfUniforms(12, 6), 1e-9)
	assert.InDelta(t, sumOfUniforms(12, 5)-0.5, (sumOfUniforms(13, 5.5)-0.5)*1.04, 0.01, "the normal takes over smoothly")
}

func TestShapeOfLives(t *testing.T) {
	assert.Equal(t, Early, newLife(ages(1, 2, 1, 3, -60, -60, -60, -60), Rate{}).Shape)
	assert.Equal(t, Aging, newLife(ages(58, 59, 57, 58, -60, -60, -60, -60), Rate{}).Shape)
	assert.Equal(t, Untold, newLife(ages(5, -60), Rate{}).Shape)
	assert.Equal(t, Untold, newLife(nil, Rate{}).Shape)
}

// TestSteadyIsCalledSteady is the small form of BenchmarkShape.
func TestSteadyIsCalledSteady(t *testing.T) {
	counts := shapes(200, 1, 5)
	assert.LessOrEqual(t, share(counts[Early]+counts[Aging], 200), 8.0)
	assert.GreaterOrEqual(t, share(shapes(100, 0.5, 10)[Early], 100), 95.0)
	assert.GreaterOrEqual(t, share(shapes(100, 2, 10)[Aging], 100), 95.0)
}
