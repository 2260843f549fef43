package bisect

import (
	"fmt"
	"math"
)

const (
	// doubt is the probability of an end's not being what it was said to be that is left before the search begins.
	doubt = 0.02
	// missed is the probability of giving up on a failure of probability Rare.
	missed = 0.05
	// turn is how many passes of the bad end there are to one run of the good one, in case they are swapped.
	turn = 2
)

// claims is what the runs of the two ends say about them.
type claims struct{ right, neither, both, swapped float64 }

func (s Search) claims(good, bad Count) claims {
	pair := func(prior float64, shown, passed int, strayBad, strayGood int) float64 {
		l, sum := logs(shown, passed), 0.0
		for _, x := range l {
			sum += math.Exp(x)
		}
		return prior * sum * math.Exp(s.stray(strayBad, strayGood))
	}
	c := claims{
		right:   pair(1-priorBoth-priorNeither-priorSwapped, bad.Bad, bad.Good, good.Bad, good.Good),
		neither: pair(priorNeither, 0, 0, bad.Bad+good.Bad, bad.Good+good.Good),
		both:    pair(priorBoth, bad.Bad+good.Bad, bad.Good+good.Good, 0, 0),
		swapped: pair(priorSwapped, good.Bad, good.Good, bad.Bad, bad.Good),
	}
	sum := c.right + c.neither + c.both + c.swapped
	return claims{c.right / sum, c.neither / sum, c.both / sum, c.swapped / sum}
}

// ends decides as long as the bad end has not shown the failure, and when the ends are not what they were said to be.
func (s Search) ends(h *history, k int) (Decision, bool) {
	good, bad := h.at(0), h.at(s.Graph.Bad())
	c := s.claims(good, bad)
	r := s.describe(h, &posterior{})
	switch {
	case h.bad == good.Bad && h.deaf.has(s.Graph.Bad()):
		r.Verdict = NotReproduced
		r.Why = fmt.Sprintf("the bad end cannot be tried: %s; the good end: %s", tell(bad), tell(good))
	case good.Bad > 0 && c.swapped >= s.enough():
		r.Verdict, r.Confidence = Swapped, c.swapped
		r.Why = fmt.Sprintf("it is the good end that shows the failure: %s; the bad end: %s", tell(good), tell(bad))
	case good.Bad > 0 && c.both >= s.enough():
		r.Verdict, r.Confidence = EndsBad, c.both
		r.Why = fmt.Sprintf("the good end shows the failure as well: %s; the bad end: %s", tell(good), tell(bad))
	case h.bad == 0 && s.looked(bad.Good):
		r.Verdict, r.Confidence = EndsGood, 1-math.Pow(1-s.Rare, float64(bad.Good))
		r.Why = fmt.Sprintf("the bad end does not show the failure: %s; the good end: %s; "+
			"it needs something else, or comes in less than %.0f%% of the runs",
			tell(bad), tell(good), 100*(1-math.Pow(missed, 1/float64(bad.Good))))
	case h.bad > good.Bad: // the bad end has shown it, or something before it
		return Decision{}, false
	default:
		return Decision{Try: s.provoke(h, k), Result: r}, true
	}
	return Decision{Done: true, Result: r}, true
}

// looked reports whether so many passes are enough to give up.
func (s Search) looked(passes int) bool {
	return float64(passes)*math.Log(1-s.Rare) <= math.Log(missed)
}

// provoke runs the bad end until it shows the failure, now and then the good one.
func (s Search) provoke(h *history, k int) (try []int) {
	good, bad := h.at(0), h.at(s.Graph.Bad())
	first, last := good.Runs()+h.underway(0), bad.Runs()+h.underway(s.Graph.Bad())
	for range k {
		// What the good end showed is weighed against as many runs of the bad one.
		if (first+1)*turn <= last+1 && !h.deaf.has(0) || good.Bad > 0 && first < last && !h.deaf.has(0) {
			try, first = append(try, 0), first+1
			continue
		}
		try, last = append(try, s.Graph.Bad()), last+1
	}
	return try
}

// unverified lists the ends that have to be run before anything else, at most k.
func (s Search) unverified(h *history, post *posterior, k int) (try []int) {
	good, bad := h.at(0), h.at(s.Graph.Bad())
	c := s.claims(good, bad)
	open := post.none.mass > doubt || bad.Bad == 0 && !s.looked(bad.Good)
	if open && h.underway(s.Graph.Bad()) == 0 && !h.deaf.has(s.Graph.Bad()) {
		try = append(try, s.Graph.Bad())
	}
	if (c.both > doubt || good.Answers() == 0) && h.underway(0) == 0 && !h.deaf.has(0) {
		try = append(try, 0)
	}
	return try[:min(len(try), k)]
}

// tell gives counts for a person.
func tell(c Count) string {
	text := fmt.Sprintf("%d of %d", c.Bad, c.Answers())
	if c.Answers() == 0 {
		text = "no answer"
	}
	if c.Skip > 0 {
		text += fmt.Sprintf(", %d skipped", c.Skip)
	}
	if c.Other > 0 {
		text += fmt.Sprintf(", %d unrelated crashes", c.Other)
	}
	return text
}
