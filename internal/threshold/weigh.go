package threshold

import "fmt"

// weigh goes on where failures have shown to be uncertain.
func (s Search) weigh(h *history) Decision {
	post := s.posterior(h)
	low, high, ok := s.credible(h, post)
	r := Result{Low: low, High: high, Confidence: post.within(low, high), Boots: h.boots}
	r.Rate, r.RateLow, r.RateHigh = post.rate(s.Level)
	r.Safe, r.Broken = h.seen(low, high)
	if ok && narrow(low, high, s.FlakyWidth) {
		r.Verdict = Found
		r.Why = fmt.Sprintf("fails in %.0f%% to %.0f%% of the VMs from the threshold on; %s failed, %s in all",
			100*r.RateLow, 100*r.RateHigh, boots(h.failed), boots(h.boots))
		return Decision{Done: true, Result: r}
	}
	return Decision{Size: post.next(s.FlakyWidth), Result: r}
}

// credible is the narrowest interval that holds the threshold at the level, from a size that passed in a fresh VM (or
// 0) to one that failed in one. Without any, it is the narrowest between any sizes with evidence, and not ok.
func (s Search) credible(h *history, post *posterior) (low, high int64, ok bool) {
	low, high, ok = s.narrowest(post, func(size int64) bool { return size == 0 || h.at(size).passed > 0 },
		func(size int64) bool { return h.at(size).failed > 0 })
	if !ok {
		every := func(int64) bool { return true }
		low, high, _ = s.narrowest(post, every, every)
	}
	return low, high, ok
}

func (s Search) narrowest(post *posterior, isLow, isHigh func(int64) bool) (low, high int64, ok bool) {
	best := segment{0, s.Broken}
	for i, g := range post.segments {
		if !isLow(g.low) {
			continue
		}
		sum := 0.0
		for j := i; j < len(post.segments); j++ {
			sum += post.mass[j]
			if sum < s.Level || !isHigh(post.segments[j].high) {
				continue
			}
			if try := (segment{g.low, post.segments[j].high}); !ok || try.measure() < best.measure() {
				best, ok = try, true
			}
			break
		}
	}
	return best.low, best.high, ok
}

// seen returns the largest size up to low that passed in a fresh VM and the smallest from high that failed in one.
func (h *history) seen(low, high int64) (safe, broken int64) {
	for _, t := range h.tallies {
		if t.passed > 0 && t.size <= low {
			safe = t.size
		}
		if t.failed > 0 && t.size >= high && broken == 0 {
			broken = t.size
		}
	}
	return safe, broken
}
