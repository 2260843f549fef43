package threshold

import (
	"math"
	"math/rand/v2"
)

// plant is a kernel that fails from a size on with a probability.
type plant struct {
	threshold int64
	p         float64
	rng       *rand.Rand
}

func (k plant) fails(size int64) bool {
	return size >= k.threshold && (k.p == 1 || k.rng.Float64() < k.p)
}

// climb doubles from the first size until the kernel fails; false when it did not up to a million times the first.
func (k plant) climb(first int64) (safe, broken int64, ok bool) {
	for n := first; n <= first<<30; n *= 2 {
		if k.fails(n) {
			return safe, n, true
		}
		safe = n
	}
	return 0, 0, false
}

// search runs a search to its end.
func (k plant) search(s Search) (Result, []Probe) {
	var probes []Probe
	for {
		d := s.Next(probes)
		if d.Done {
			return d.Result, probes
		}
		probes = append(probes, Probe{d.Size, k.fails(d.Size)})
	}
}

// logUniform draws a size.
func logUniform(rng *rand.Rand, low, high float64) int64 {
	return int64(math.Round(low * math.Pow(high/low, rng.Float64())))
}
