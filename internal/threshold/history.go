package threshold

import (
	"cmp"
	"slices"
)

// tally counts the fresh VMs at one size.
type tally struct {
	size           int64
	failed, passed int
}

// history is the record, sorted.
type history struct {
	tallies       []tally // by size
	rungs         []int64 // sizes that the ladder passed, ascending
	broken        int64   // that the ladder saw failing
	boots, failed int
	repeats       int   // boots at a size that had been tried
	minFailed     int64 // smallest size that failed, 0 for none
	maxPassed     int64 // largest size that passed, 0 for none
}

func (s Search) read(probes []Probe) *history {
	h := &history{rungs: s.rungs(), broken: s.Broken, boots: len(probes)}
	for _, p := range probes {
		i, found := slices.BinarySearchFunc(h.tallies, p.Size, func(t tally, size int64) int { return cmp.Compare(t.size, size) })
		if !found {
			h.tallies = slices.Insert(h.tallies, i, tally{size: p.Size})
		}
		if p.Failed {
			h.tallies[i].failed++
			h.failed++
		} else {
			h.tallies[i].passed++
		}
	}
	h.repeats = h.boots - len(h.tallies)
	for _, t := range h.tallies {
		if t.failed > 0 && h.minFailed == 0 {
			h.minFailed = t.size
		}
		if t.passed > 0 {
			h.maxPassed = t.size
		}
	}
	return h
}

// rungs returns the sizes that the ladder passed. Safe is always one of them.
func (s Search) rungs() []int64 {
	var rungs []int64
	for n := s.Safe; n > 0; n /= 2 {
		rungs = append(rungs, n)
	}
	if len(s.Ladder) > 0 {
		rungs = append(slices.Clone(s.Ladder), s.Safe)
		rungs = slices.DeleteFunc(rungs, func(n int64) bool { return n < 1 || n > s.Safe })
	}
	slices.Sort(rungs)
	return slices.Compact(rungs)
}

// certain reports whether the failures may all be certain ones: no fresh VM passed at or above a size that failed.
func (h *history) certain() bool { return h.maxPassed < h.minFailed }

// at is the tally of one size.
func (h *history) at(size int64) tally {
	for _, t := range h.tallies {
		if t.size == size {
			return t
		}
	}
	return tally{size: size}
}

// rungBelow is the largest size below the given one that the ladder passed, 0 for none.
func (h *history) rungBelow(size int64) int64 {
	below := int64(0)
	for _, n := range h.rungs {
		if n < size {
			below = n
		}
	}
	return below
}
