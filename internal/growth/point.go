package growth

import "slices"

// Point holds the samples of one op at one size.
type Point struct {
	N       int64     `json:"n"`       // size, at least 1
	Samples []float64 `json:"samples"` // cost in ns, more than 0
}

// A cost is more than nothing, and at most what 64 bits of ns hold, some 300 years.
const (
	smallest = 1e-6
	largest  = 1 << 63
)

// gather merges points of one size, drops what cannot be a cost (zero, negative, not finite, absurd), sorts by size.
// It returns how many samples it dropped.
func gather(points []Point) (sizes []int64, samples [][]float64, dropped int) {
	at := map[int64][]float64{}
	for _, p := range points {
		for _, s := range p.Samples {
			if p.N < 1 || !(s >= smallest && s <= largest) {
				dropped++
				continue
			}
			at[p.N] = append(at[p.N], s)
		}
	}
	for n := range at {
		sizes = append(sizes, n)
	}
	slices.Sort(sizes)
	for _, n := range sizes {
		samples = append(samples, at[n])
	}
	return sizes, samples, dropped
}
