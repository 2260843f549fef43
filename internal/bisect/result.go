package bisect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Verdict is how a search stands.
type Verdict string

// The verdicts. All but Searching end a search.
const (
	Searching     Verdict = "searching"
	Found         Verdict = "found"
	Range         Verdict = "range"          // what is between cannot be tried
	EndsGood      Verdict = "ends-good"      // neither end shows the failure
	EndsBad       Verdict = "ends-bad"       // both do
	Swapped       Verdict = "swapped"        // the good end does, the bad one does not
	NotReproduced Verdict = "not-reproduced" // the bad end gave no answer, or there were too few runs to see the failure
	Budget        Verdict = "budget"         // no run is left
	Unusable      Verdict = "unusable"       // the question makes no sense
)

// listed is how many suspects a result names at least, where there are so many.
const listed = 5

// Suspect is a candidate that may have introduced the failure.
type Suspect struct {
	Candidate   int
	Probability float64
}

// Result is what is known.
type Result struct {
	Verdict Verdict
	// Why is the verdict for a person, with counts. It calls candidates by their numbers.
	Why string

	// FirstBad introduced the failure, as far as known; 0 for none. Of a Range it is the first of the suspects.
	FirstBad int
	// LastGood are the parents of FirstBad: one on a line, more for a merge.
	LastGood []int
	// Confidence is the probability of that under the model and its priors: of FirstBad, of the Range, or of what the
	// verdict says of the ends. For EndsGood it is the probability that a failure of probability Rare would have shown.
	Confidence float64
	// Suspects are those that together hold the wanted confidence, and a few of the next likely ones, the likeliest
	// first. Of a Range they are its members and no others, in their order.
	Suspects []Suspect
	// Near are the parents of FirstBad, itself, and what directly descends from it, in their order.
	Near []Suspect

	// Rate is the probability that a run of a bad candidate shows the failure, with an interval at the wanted confidence.
	Rate, RateLow, RateHigh float64
	// Certain says that every run at and after FirstBad showed it. RateLow says how sure that is.
	Certain bool

	Counts  []Count // of the candidates that were tried, ascending
	Crashes []Crash // unrelated crashes and skips by candidate and text: they decided nothing
	Runs    int     // that have ended
}

// describe gives what needs no verdict.
func (s Search) describe(h *history, post *posterior) Result {
	r := Result{Verdict: Searching, Counts: h.counts, Crashes: h.crashes, Runs: h.runs}
	r.Rate, r.RateLow, r.RateHigh = post.rate().interval(s.Confidence)
	return r
}

// result reads the posterior.
func (s Search) result(h *history, post *posterior) Result {
	r := s.describe(h, post)
	top := slices.MaxFunc(post.classes, func(a, b *class) int { return cmp.Compare(a.mass, b.mass) })
	if top != post.none && top.mass >= s.enough() {
		if group := s.inseparable(h, top); top.each()*float64(len(group)) >= s.enough() {
			return s.settled(h, post, r, top, group)
		}
	}
	if post.none.mass >= s.enough() {
		r.Verdict, r.Confidence = EndsGood, post.none.mass
		r.Why = fmt.Sprintf("what was seen does not come back: %d of %d runs showed the failure", h.bad, h.bad+h.good)
		return r
	}
	if best := s.suspects(post, &r); best > 0 {
		s.name(h, post, &r, best)
		r.Confidence = post.of(best)
	}
	return r
}

// spare is the part of the allowed error that the search uses. The rest is for stopping at the first moment that looks
// good, and for rates that the prior holds to be less likely than others: right in 95% on average over the prior is
// not right in 95% at p = 0.3.
const spare = 0.35

// enough is the probability at which the search stops.
func (s Search) enough() float64 { return 1 - spare*(1-s.Confidence) }

// settled is the result once the candidates of a group hold enough, and nothing can tell them apart.
func (s Search) settled(h *history, post *posterior, r Result, top *class, group []int) Result {
	r.Confidence = top.each() * float64(len(group))
	s.name(h, post, &r, group[0])
	at := tell(h.at(group[0]))
	switch {
	case group[0] == 0:
		r.Verdict, r.FirstBad, r.LastGood, r.Near = EndsBad, 0, nil, nil
		r.Why = "the good end shows the failure as well: " + at
	case len(group) == 1:
		r.Verdict = Found
		s.suspects(post, &r)
		var below []string
		for _, p := range r.LastGood {
			below = append(below, fmt.Sprintf("%d before it %s", p, tell(h.at(p))))
		}
		r.Why = fmt.Sprintf("%d showed it in %s, %s; %d runs in all", group[0], at, strings.Join(below, ", "), h.runs)
	default:
		r.Verdict = Range
		for _, c := range group {
			r.Suspects = append(r.Suspects, Suspect{c, top.each()})
		}
		last := group[len(group)-1]
		r.Why = fmt.Sprintf("one of %d from %d to %d: what lies between cannot be tried", len(group), group[0], last)
	}
	return r
}

// name fills in what is said of a first bad candidate.
func (s Search) name(h *history, post *posterior, r *Result, first int) {
	r.FirstBad, r.LastGood, r.Certain, r.Near = first, s.Graph.Parents(first), true, nil
	for c := range s.Graph.Len() {
		if c == first || slices.Contains(r.LastGood, c) || slices.Contains(s.Graph.Parents(c), first) {
			r.Near = append(r.Near, Suspect{c, post.of(c)})
		}
	}
	for _, t := range h.counts {
		if t.Good > 0 && s.Graph.Inherits(t.Candidate, first) {
			r.Certain = false
		}
	}
}

// suspects lists the likeliest candidates and returns the likeliest.
func (s Search) suspects(post *posterior, r *Result) int {
	classes := slices.Clone(post.classes)
	slices.SortStableFunc(classes, func(a, b *class) int { return cmp.Compare(b.each(), a.each()) })
	r.Suspects = nil
	sum := 0.0
	for _, c := range classes {
		if c == post.none {
			continue
		}
		for _, m := range c.members.members() {
			if sum >= s.Confidence && len(r.Suspects) >= listed {
				return r.Suspects[0].Candidate
			}
			r.Suspects = append(r.Suspects, Suspect{m, c.each()})
			sum += c.each()
		}
	}
	return r.Suspects[0].Candidate
}

// exhausted is the result when no run would tell anything more.
func (s Search) exhausted(h *history, post *posterior, r Result) Result {
	s.suspects(post, &r)
	sum := 0.0
	for i, x := range r.Suspects {
		if sum += x.Probability; sum >= s.Confidence {
			r.Suspects = r.Suspects[:i+1]
			break
		}
	}
	slices.SortFunc(r.Suspects, func(a, b Suspect) int { return cmp.Compare(a.Candidate, b.Candidate) })
	s.name(h, post, &r, r.Suspects[0].Candidate)
	r.Verdict, r.Confidence = Range, sum
	r.Why = fmt.Sprintf("one of %d: nothing that can be tried tells them apart", len(r.Suspects))
	return r
}

// spent says what is known when no run is left.
func (s Search) spent(h *history, r Result) string {
	if h.bad == 0 {
		bad := tell(h.at(s.Graph.Bad()))
		return fmt.Sprintf("no run of %d showed the failure, which is all that was allowed; the bad end: %s", h.runs, bad)
	}
	return fmt.Sprintf("all %d runs are spent; the likeliest is %d, probability %.2g", h.runs, r.FirstBad, r.Confidence)
}

// inseparable lists candidates of a class that nothing which can be tried tells apart. Where there are several such
// groups it is the one that holds more than half of the class, if any: a smaller one cannot hold the wanted
// confidence.
func (s Search) inseparable(h *history, c *class) []int {
	if !h.anyDeaf {
		return c.members.members()[:1]
	}
	group, size := c.members, c.size
	for t := range s.Graph.Len() {
		n := group.shared(s.Graph.above[t], 0)
		if n == 0 || n == size || h.deaf.has(t) {
			continue
		}
		in, out := group.split(s.Graph.above[t])
		group, size = out, size-n
		if n > size {
			group, size = in, n
		}
	}
	return group.members()
}
