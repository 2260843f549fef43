package threshold

const (
	// few is how many boots a search may take before it repeats less.
	few = 12
	// least is how often it may repeat even then.
	least = 2
)

// mayRepeat reports whether trying an end again is still cheap.
func (s Search) mayRepeat(h *history) bool {
	return h.repeats < s.Repeats && (h.boots < few || h.repeats < least)
}

// guard chooses which end of a finished bisection to try again. What it guards against is a threshold at or below Low
// with p < 1: Low and everything that passed above T did so by luck. Such a p shows itself by a failure at Low
// with probability p and by a pass at High with probability 1 - p: the likelier surprise is looked for. So m failures at
// and above High and k passes at Low leave at most max over p of p^m (1-p)^k for it, 1/64 at m = k = 3.
func (post *posterior) guard(low, high int64) int64 {
	mass, fails := 0.0, 0.0
	for j, seg := range post.segments {
		if seg.high > low {
			break
		}
		for r, w := range post.weight[j] {
			if rates[r] < 1 {
				mass += w
				fails += w * rates[r]
			}
		}
	}
	if low > 0 && fails > mass/2 {
		return low
	}
	return high
}
