package threshold

import (
	"math"
	"slices"
)

const (
	// falseFailure is the probability that a VM fails below the threshold, for a reason of its own.
	falseFailure = 1e-3
	// ladderMiss is the probability that a ladder's VM passes a size that would fail a fresh one, because it grew there
	// instead of being loaded.
	ladderMiss = 0.05
	// always is the prior probability that failures are certain above the threshold.
	always = 0.5
	// steps is into how many equal parts the unknown rate is cut.
	steps = 40
)

// rates are the failure probabilities that are thought possible: 1/40, 2/40, … 1.
var rates = table(func(p float64) float64 { return p })

// Their logarithms: of a failure, of a pass, of a pass in the ladder's VM, of the prior.
var (
	logFail  = table(math.Log)
	logPass  = table(func(p float64) float64 { return math.Log(1 - p) })
	logClimb = table(func(p float64) float64 { return math.Log(1 - p*(1-ladderMiss)) })
	logPrior = table(func(p float64) float64 { return math.Log(prior(p)) })
)

func table(f func(float64) float64) (t [steps]float64) {
	for i := range t {
		t[i] = f(float64(i+1) / steps)
	}
	return t
}

// prior is a rate's weight: half for certain failures, the rest in the shape of p (1-p), which sums to
// (steps - 1/steps) / 6 over the rates.
//
// Note: a flat prior took about 6% more boots for p = 0.3: a low rate explains away many passes, and is rarely the case.
func prior(p float64) float64 {
	if p == 1 {
		return always
	}
	return (1 - always) * p * (1 - p) * 6 / (steps - 1.0/steps)
}

// segment holds the thresholds T with low < T <= high. No probe lies inside, so the record tells them apart no further.
type segment struct{ low, high int64 }

// measure is the segment's share before any probe, not normalized: a threshold is as likely in each doubling.
func (g segment) measure() float64 {
	return math.Log(float64(g.high) / max(float64(g.low), 0.5))
}

// posterior is the joint distribution of the threshold and the rate. It is exact in the threshold: within a segment it
// has the shape of the prior.
type posterior struct {
	segments []segment
	weight   [][steps]float64 // of segment and rate; sums to 1
	mass     []float64        // of the segment
	fails    []float64        // mean rate times mass of the segment
}

// posterior weighs every threshold up to Broken and every rate by the record.
func (s Search) posterior(h *history) *posterior {
	post := &posterior{segments: s.segments(h)}
	logs := make([][steps]float64, len(post.segments))
	top := math.Inf(-1)
	for j, g := range post.segments {
		above, below, climbed := h.count(g)
		base := math.Log(g.measure()) + times(below.failed, math.Log(falseFailure)) + times(below.passed, math.Log(1-falseFailure))
		for r := range rates {
			l := base + logPrior[r] + times(above.failed, logFail[r]) + times(above.passed, logPass[r]) + times(climbed, logClimb[r])
			logs[j][r] = l
			top = max(top, l)
		}
	}
	post.normalize(logs, top)
	return post
}

func (post *posterior) normalize(logs [][steps]float64, top float64) {
	sum := 0.0
	post.weight = logs
	for j := range logs {
		for r := range logs[j] {
			logs[j][r] = math.Exp(logs[j][r] - top)
			sum += logs[j][r]
		}
	}
	post.mass, post.fails = make([]float64, len(logs)), make([]float64, len(logs))
	for j := range logs {
		for r := range logs[j] {
			logs[j][r] /= sum
			post.mass[j] += logs[j][r]
			post.fails[j] += logs[j][r] * rates[r]
		}
	}
}

// segments cuts the sizes up to Broken wherever there is evidence.
func (s Search) segments(h *history) []segment {
	cuts := append([]int64{s.Broken}, h.rungs...)
	for _, t := range h.tallies {
		if t.size < s.Broken {
			cuts = append(cuts, t.size)
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	out, low := make([]segment, 0, len(cuts)), int64(0)
	for _, high := range cuts {
		out = append(out, segment{low, high})
		low = high
	}
	return out
}

// count splits the record at a threshold inside the segment: fresh VMs at or above it, those below it, and the ladder's
// passes at or above it.
func (h *history) count(g segment) (above, below tally, climbed int) {
	for _, t := range h.tallies {
		side := &below
		if t.size >= g.high {
			side = &above
		}
		side.failed += t.failed
		side.passed += t.passed
	}
	for _, n := range h.rungs {
		if n >= g.high {
			climbed++
		}
	}
	return above, below, climbed
}

// times is the logarithm of a power, with 0^0 = 1.
func times(n int, l float64) float64 {
	if n == 0 {
		return 0
	}
	return float64(n) * l
}

// within is the probability that the threshold lies in (low, high], both ends of segments.
func (post *posterior) within(low, high int64) (p float64) {
	for j, g := range post.segments {
		if g.low >= low && g.high <= high {
			p += post.mass[j]
		}
	}
	return min(p, 1)
}

// rate is the mean failure probability at and above the threshold, and the ends of its interval at the level.
func (post *posterior) rate(level float64) (mean, low, high float64) {
	var share [steps]float64
	for j := range post.weight {
		for r, w := range post.weight[j] {
			share[r] += w
			mean += w * rates[r]
		}
	}
	tail, sum := (1-level)/2, 0.0
	low, high = -1, 1
	for r, w := range share {
		if sum += w; sum > tail && low < 0 {
			low = rates[r] - 1.0/steps
		}
		if sum >= 1-tail {
			high = rates[r]
			break
		}
	}
	return mean, max(low, 0), high
}
