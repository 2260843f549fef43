package threshold

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEndsOfAnIntervalWereTriedInAFreshVM(t *testing.T) {
	s := New(1000, 1040)
	post := &posterior{segments: []segment{{0, 1000}, {1000, 1020}, {1020, 1040}}, mass: []float64{0.01, 0.98, 0.01}}
	tests := map[string]struct {
		probes    []Probe
		low, high int64
		ok        bool
	}{
		"none":       {nil, 1000, 1020, false},
		"upper end":  {[]Probe{{1020, true}}, 0, 1020, true},
		"lower end":  {[]Probe{{1000, false}, {1040, true}}, 1000, 1040, true},
		"both":       {[]Probe{{1000, false}, {1020, true}}, 1000, 1020, true},
		"wrong ways": {[]Probe{{1000, true}, {1020, false}}, 1000, 1020, false},
	}
	for name, test := range tests {
		low, high, ok := s.credible(s.read(test.probes), post)
		assert.Equal(t, test.ok, ok, name)
		assert.Equal(t, []int64{test.low, test.high}, []int64{low, high}, name)
	}
}
