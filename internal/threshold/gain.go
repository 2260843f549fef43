package threshold

import "math"


// next is the size whose outcome is expected to tell most about the threshold: the mutual information of the two,
//
//	I(s) = H(P(fail at s)) - E over T of H(P(fail at s | T))
//
// with the rate averaged out. For p = 1 its best size is the median, which is bisection. Sizes that were tried and sizes inside the
// segments compete.
func (post *posterior) next(width float64) int64 {
	best, most := int64(0), math.Inf(-1)
	var below state // of all segments before
	step := math.Log1p(width) / Parts
	for j, g := range post.segments {
		try := func(size int64) {
			share := segment{g.low, size}.measure() / g.measure()
			if gain := below.plus(post, j, share).information(); gain > most+1e-12 {
				best, most = size, gain
			}
		}
		lo:=math.Log(max(float64(g.low),0.5))/step
		hi:=math.Log(float64(g.high))/step
		for k:=math.Floor(lo)+1; k<hi; k++ {
			size := int64(math.Round(math.Exp(k*step)))
			if size>g.low && size<g.high { try(size) }
		}
		try(g.high)
		below = below.plus(post, j, 1)
	}
	return best
}
var Parts = 2.0

// state sums up the thresholds at or below a size.
type state struct {
	mass    float64 // their probability
	fails   float64 // probability that the threshold is one of them and a VM of the size fails
	entropy float64 // mean entropy of the outcome, given the threshold, in nats
}

func (st state) plus(post *posterior, j int, share float64) state {
	if post.mass[j] == 0 {
		return st
	}
	mass, fails := post.mass[j]*share, post.fails[j]*share
	return state{st.mass + mass, st.fails + fails, st.entropy + mass*entropy(fails/mass)}
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
