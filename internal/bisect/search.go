package bisect

import (
	"fmt"
	"slices"
)

// Answer is what one run of a candidate showed.
type Answer string

// The answers.
const (
	Bad     Answer = "bad"     // the failure that is looked for
	Good    Answer = "good"    // everything was done, and it did not show
	Skip    Answer = "skip"    // the candidate could not be tried: it does not build, does not boot, lacks a module
	Other   Answer = "other"   // it failed otherwise, so that it cannot be told
	Running Answer = "running" // not known yet: another run is chosen so that it tells something else
)

// Observation is one run.
type Observation struct {
	Candidate int
	Answer    Answer
	// Text says what was seen, for Skip and Other: a signature, or the first error of the compiler.
	Text string
}

// Search is what is asked. New fills in the defaults; in a literal, zero means zero.
type Search struct {
	Graph *Graph
	// Confidence is the wanted probability that the answer is right, from 0.5 up and below 1.
	Confidence float64
	// Budget is how many runs the whole search may take, those that gave no answer included.
	Budget int
	// Tries is after how many skips without any other answer a candidate is untestable. Where only unrelated crashes
	// come, twice as many are waited for. 1 for what does not change from run to run.
	Tries int
	// Stray is the probability that a run of a good candidate shows the failure all the same. At 0 one stray answer
	// decides alone.
	Stray float64
	// Rare is the smallest failure probability that is worth looking for: the bad end is tried until a failure of this
	// probability would have shown with 95%.
	Rare float64
}

// New is the usual search.
func New(g *Graph) Search {
	return Search{Graph: g, Confidence: 0.95, Budget: 400, Tries: 3, Stray: 1e-3, Rare: 0.1}
}

// Decision is what to do next. Result is filled in before the search is done, too: it is what is known so far.
type Decision struct {
	// Try holds the candidates to run next, at most as many as were asked for; one may be in it more than once. It is
	// empty when done, and while there is nothing to do but to wait for what is running.
	Try    []int
	Done   bool
	Result Result
}

// Next decides from all runs so far, in any order, which up to k candidates to run at the same time.
func (s Search) Next(runs []Observation, k int) Decision {
	if why := s.unusable(runs); why != "" {
		return Decision{Done: true, Result: Result{Verdict: Unusable, Why: why}}
	}
	h := s.read(runs)
	k = min(max(k, 1), s.Budget-len(runs))
	if d, ok := s.ends(h, k); ok {
		return s.limit(h, d)
	}
	post := s.posterior(h)
	d := Decision{Result: s.result(h, post)}
	if d.Result.Verdict != Searching {
		d.Done = true
		return d
	}
	if k > 0 {
		d.Try = s.choose(h, post, s.unverified(h, post, k), k)
	}
	if k > 0 && len(d.Try) == 0 && len(h.running) == 0 {
		d.Done, d.Result = true, s.exhausted(h, post, d.Result)
	}
	return s.limit(h, d)
}

// limit ends a search that has no run left.
func (s Search) limit(h *history, d Decision) Decision {
	if !d.Done && len(d.Try) == 0 && len(h.running) == 0 {
		d.Done = true
		d.Result.Verdict = Budget
		if h.bad == 0 {
			d.Result.Verdict = NotReproduced
		}
		d.Result.Why = s.spent(h, d.Result)
	}
	return d
}

// unusable says what is wrong with the question, "" for nothing.
func (s Search) unusable(runs []Observation) string {
	switch {
	case s.Graph == nil:
		return "there are no candidates"
	case !(s.Confidence >= 0.5 && s.Confidence < 1):
		return "the wanted confidence must be from 0.5 up and below 1"
	case !(s.Rare > 0 && s.Rare < 1):
		return "Rare must be above 0 and below 1"
	case !(s.Stray >= 0 && s.Stray < s.Rare):
		return "Stray must be from 0 up and below Rare"
	case s.Tries < 1:
		return "a candidate must be tried at least once"
	}
	for _, o := range runs {
		if o.Candidate < 0 || o.Candidate >= s.Graph.Len() {
			return fmt.Sprintf("candidate %d was tried, there are %d", o.Candidate, s.Graph.Len())
		}
		if !slices.Contains([]Answer{Bad, Good, Skip, Other, Running}, o.Answer) {
			return fmt.Sprintf("candidate %d: %q is no answer", o.Candidate, o.Answer)
		}
	}
	return ""
}
