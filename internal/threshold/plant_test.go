package threshold

import (
	"math"
	"math/rand/v2"
)

// plant is a kernel that fails from a size on with a probability.
type plant struct {
	threshold int64
	p         float64
	rng       *rand.Rand // not needed for p = 1
}

func (k plant) fails(size int64) bool {
	return size >= k.threshold && (k.p == 1 || k.rng.Float64() < k.p)
}

// climb doubles from the first size until the kernel fails; false when it did not in 30 doublings.
func (k plant) climb(first int64) (Search, bool) {
	var passed []int64
	for n := first; n <= first<<30; n *= 2 {
		if k.fails(n) {
			s := New(0, n)
			if len(passed) > 0 {
				s.Safe, s.Ladder = passed[len(passed)-1], passed
			}
			return s, true
		}
		passed = append(passed, n)
	}
	return Search{}, false
}

// search runs a search to its end.
func (k plant) search(s Search) Result {
	r, _ := follow(s, k.fails)
	return r
}

// follow does what a search asks for until it is done.
func follow(s Search, fails func(int64) bool) (Result, []Probe) {
	var probes []Probe
	for {
		d := s.Next(probes)
		if d.Done {
			return d.Result, probes
		}
		probes = append(probes, Probe{d.Size, fails(d.Size)})
	}
}

// logUniform draws a size.
func logUniform(rng *rand.Rand, low, high float64) int64 {
	return int64(math.Round(low * math.Pow(high/low, rng.Float64())))
}
