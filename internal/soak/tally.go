package soak

import (
	"cmp"
	"slices"
)

// Tally is what is known of one arm.
type Tally struct {
	Arm     int  `json:"arm"`
	VMs     int  `json:"vms"`     // that came as far as their load
	Harness int  `json:"harness"` // that ended through our own fault, and count in nothing else
	Rate    Rate `json:"rate"`    // of all failures together
	Life    Life `json:"life"`
	// Signatures, the most frequent first.
	Signatures []Signature `json:"signatures,omitempty"`
}

// Signature is one way to fail.
type Signature struct {
	Failure         // of the first VM that failed so
	First   int     `json:"first"` // its ordinal
	Share   float64 `json:"share"` // of the arm's failures
	Rate    Rate    `json:"rate"`
	Life    Life    `json:"life"` // other failures count as VMs that were stopped
}

// latest keeps one result of each VM, the last, in the order of their ends.
func latest(results []Result) []Result {
	last := make(map[int]Result, len(results))
	for _, r := range results {
		if old, ok := last[r.Ordinal]; !ok || old.Partial && (!r.Partial || r.End >= old.End) {
			last[r.Ordinal] = r
		}
	}
	list := make([]Result, 0, len(last))
	for _, r := range last {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b Result) int {
		return cmp.Or(cmp.Compare(a.End, b.End), cmp.Compare(a.Ordinal, b.Ordinal))
	})
	return list
}

// newTally counts what the latest results say of an arm.
func newTally(arm int, results []Result) Tally {
	t, first := Tally{Arm: arm}, map[string]int{} // index into own
	var own []Result
	for _, r := range results {
		switch {
		case r.Arm != arm:
			continue
		case r.Harness != "":
			t.Harness++
			continue
		case r.Loaded > 0 || r.Failure != nil:
			t.VMs++
		}
		own = append(own, r)
		if _, known := first[r.signature()]; r.Failure != nil && !known {
			first[r.signature()] = len(own) - 1
		}
	}
	t.Rate, t.Life = measure(own, func(Result) bool { return true })
	for s, i := range first {
		g := Signature{Failure: *own[i].Failure, First: own[i].Ordinal}
		g.Rate, g.Life = measure(own, func(r Result) bool { return r.signature() == s })
		g.Share = float64(g.Rate.Failures) / float64(t.Rate.Failures)
		t.Signatures = append(t.Signatures, g)
	}
	slices.SortFunc(t.Signatures, func(a, b Signature) int {
		return cmp.Or(cmp.Compare(b.Rate.Failures, a.Rate.Failures), cmp.Compare(a.First, b.First))
	})
	return t
}

func (r Result) signature() string {
	if r.Failure == nil {
		return ""
	}
	return r.Failure.Signature
}

// measure is the rate and the lives, for those failures that are meant; the others are VMs that were stopped.
func measure(results []Result, meant func(Result) bool) (Rate, Life) {
	n, time := 0, 0.0
	ages := make([]age, 0, len(results))
	for _, r := range results {
		failed := r.Failure != nil && meant(r)
		if failed {
			n++
		}
		time += r.Time.Hours()
		ages = append(ages, age{float64(r.Time), failed})
	}
	rate := NewRate(n, time)
	return rate, newLife(ages, rate)
}
