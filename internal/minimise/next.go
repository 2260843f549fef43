package minimise

import (
	"slices"

	"brink/internal/explain"
	"brink/internal/scenario"
)

// Question is what a minimisation starts from.
type Question struct {
	Spec    scenario.Spec // as the scenario is written, not scaled to a machine
	Unit    string        // of the sizes: peers
	Target  explain.Target
	Rate    float64   // how often the target shows, if a search for its threshold knows; else 0
	Whole   Candidate // the reproduction that nothing is missing from, at Target.At
	Extra   []string  // modules among the whole one's that the scenario does not ask for
	FloorMB int64     // no less memory than that is tried, in MiB
	Fixed   []string  // what is not tried at all, and why
}

// Decision says what comes next.
type Decision struct {
	// Try is the candidate that needs a trial; nil when nothing is left to try.
	Try     *Candidate
	What    string // what is different in it, for a person
	Confirm bool   // it is known to show the target, and is tried once more with another seed
	Seed    uint64 // to be added to the seed of the run's own
}

// Report is what is known by now.
type Report struct {
	Open bool    // whether the whole reproduction shows the target is not known yet
	Back bool    // it does
	Rate float64 // how often: its share of VMs, 1 for always
	// Best is the smallest candidate that shows it, the whole one if nothing could be taken away.
	Best Candidate
	// Whole holds the trials of the whole reproduction, Tally those of the best.
	Whole, Tally  Tally
	Dropped, Kept []string
}

// Next reads the record and decides. The tallies are those of Read. When closing, nothing more is taken away: what is
// left to do is to confirm what there is.
func Next(q Question, known map[string]Tally, closing bool) (Decision, Report) {
	s := &search{q: q, known: known, kept: map[part]string{}}
	whole := q.whole()
	r := Report{Best: q.Whole, Whole: s.tally(whole)}
	doubt := 0
	if !closing { // else there is no time for it
		doubt = doubts(known)
	}
	rate, ok := r.Whole.rate(q.Rate, doubt)
	if !ok {
		r.Open = true
		return s.decide(whole, "nothing left out", false), r
	}
	if r.Rate, r.Back = rate, rate > 0; !r.Back {
		return Decision{}, r
	}
	s.odds, s.best = odds{rate, doubt}, whole
	s.reduce()
	r.Best, r.Tally = q.candidate(s.best), s.tally(s.best)
	r.Dropped, r.Kept = s.dropped(), slices.Concat(s.keeps(), q.Fixed)
	switch {
	case s.next != nil && !closing:
		return *s.next, r
	case !r.Tally.confirmed(s.odds):
		return s.decide(s.best, "another seed", true), r
	}
	return Decision{}, r
}

// confirmed reports whether there is nothing left to confirm: it is done, or was tried often enough.
func (t Tally) confirmed(o odds) bool {
	_, trials := o.budget()
	return t.Confirmed >= confirmations || t.Confirming >= max(confirmations, trials) || t.Harness >= faults+t.Shown
}

// search goes over all that could be taken away. It is made anew for each decision, asks the record for each candidate,
// and stops deciding at the first one that the record does not know enough of.
type search struct {
	q     Question
	known map[string]Tally
	odds  odds

	best form
	kept map[part]string // why a single part stays
	next *Decision       // the first trial that is missing
}

func (s *search) tally(f form) Tally { return s.known[s.q.candidate(f).Key()] }

// decide asks for a trial of a form. Each trial of a candidate has a seed of its own, and all candidates have the same
// ones: the seed is not what they differ in. A trial that the harness lost is repeated with its seed.
func (s *search) decide(f form, what string, confirm bool) Decision {
	c := s.q.candidate(f)
	return Decision{Try: &c, What: what, Confirm: confirm, Seed: uint64(s.known[c.Key()].trials())}
}

// try asks whether the target shows in a form; if so it is the best from now on. The parts are what is new in it.
func (s *search) try(f form, what string, parts ...part) bool {
	if s.next != nil {
		return false
	}
	t := s.tally(f)
	switch t.judge(s.odds) {
	case open:
		d := s.decide(f, what, false)
		s.next = &d
		return false
	case good:
		s.best = f
		return true
	}
	if len(parts) == 1 {
		s.kept[parts[0]] = t.why()
	}
	return false
}

// why says what a bad candidate did.
func (t Tally) why() string {
	switch {
	case t.trials() == 0:
		return "without it brink cannot tell: " + t.Last
	case t.Shown > 0:
		return "without it the failure comes less often, in its place " + t.Last
	}
	return "without it: " + t.Last
}
