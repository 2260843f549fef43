package threshold

import "math"

const (
	// parts is into how many steps of candidates the wanted width is cut. Finer, boots are spent on learning where
	// inside the interval the threshold is; coarser, the interval cannot be placed.
	//
	// Note: without this limit, all sizes being candidates, p = 0.3 took more than 100 boots in most searches.
	parts = 2
	// most is how many candidates inside a segment are compared; a later boot looks closer.
	most = 64
)

// next is the size whose outcome is expected to tell most about the threshold: the mutual information of the two,
//
//	I(s) = H(fail at s) - E over T of H(fail at s | T)
//
// with the rate averaged out. For p = 1 the best size is the median, which is bisection. The candidates are steps of
// half the width and the sizes that were tried.
func (post *posterior) next(width float64) int64 {
	top := float64(post.segments[len(post.segments)-1].high)
	// A little less than the half, so that rounding to units leaves two steps within the width.
	step := max(0.99*math.Log1p(width)/parts, 1/top)
	best, gained := int64(0), math.Inf(-1)
	var below state // of all segments before
	for j, g := range post.segments {
		for _, size := range g.candidates(step) {
			share := segment{g.low, size}.measure() / g.measure()
			// The smaller of two equal sizes is the cheaper boot.
			if gain := below.plus(post, j, share).information(); gain > gained+1e-12 {
				best, gained = size, gain
			}
		}
		below = below.plus(post, j, 1)
	}
	return best
}

// candidates are the sizes of the segment on a grid of relative steps, ascending, and its end.
func (g segment) candidates(step float64) []int64 {
	var sizes []int64
	first := math.Floor(math.Log(max(float64(g.low), 0.5))/step) + 1
	end := math.Log(float64(g.high)) / step
	stride := max(math.Ceil((end-first)/most), 1)
	last := g.low
	for k := math.Ceil(first/stride) * stride; k < end; k += stride {
		if size := int64(math.Round(math.Exp(k * step))); size > last && size < g.high {
			sizes = append(sizes, size)
			last = size
		}
	}
	return append(sizes, g.high)
}

// state sums up the thresholds at or below a size.
type state struct {
	mass    float64 // their probability
	fails   float64 // probability that the threshold is one of them and a VM of the size fails
	entropy float64 // mean entropy of the outcome, given the threshold, in nats
}

// plus adds a share of a segment.
func (st state) plus(post *posterior, j int, share float64) state {
	if post.mass[j] == 0 {
		return st
	}
	mass, fails := post.mass[j]*share, post.fails[j]*share
	return state{st.mass + mass, st.fails + fails, st.entropy + mass*entropy(post.fails[j]/post.mass[j])}
}

// information is what a boot at the size is expected to tell about the threshold, in nats.
func (st state) information() float64 {
	above := max(1-st.mass, 0)
	return entropy(st.fails+above*falseFailure) - st.entropy - above*entropy(falseFailure)
}

func entropy(p float64) float64 {
	if p <= 0 || p >= 1 {
		return 0
	}
	return -p*math.Log(p) - (1-p)*math.Log1p(-p)
}
