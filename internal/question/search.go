package question

import (
	"math"
	"slices"

	"brink/internal/bisect"
)

// tries is after how many skips a candidate is untestable: a harness fault is tried again.
const tries = 3

// Search is the search for the candidate that brought what is asked, or took it away. It speaks of candidates by their
// place in the head, older ones first.
//
// What was fixed is looked for from the other end: on a line, the oldest candidate without it is the parent of "the
// first that has it" when the line is read from new to old. So a failure that shows in some runs only is never taken for
// fixed by one lucky run. In a history with merges that is no graph, and the answers are inverted instead.
type Search struct {
	bisect.Search
	n        int
	reversed bool
	inverted bool
}

// Search makes the search for a question.
func (h Head) Search(q Question) (Search, error) {
	s := Search{n: len(h.Candidates)}
	parents := make([][]int, s.n)
	line := true
	for i, c := range h.Candidates {
		if i == 0 {
			continue
		}
		parents[i] = c.Parents
		if len(c.Parents) == 0 && h.Repository == "" {
			parents[i] = []int{i - 1}
		}
		line = line && slices.Equal(parents[i], []int{i - 1})
	}
	g, err := bisect.NewGraph(parents)
	if line {
		g, err = bisect.Line(s.n)
	}
	if err != nil {
		return s, err
	}
	s.Search = bisect.New(g)
	s.reversed, s.inverted = q.Fixed && line, q.Fixed && !line
	s.Confidence, s.Budget, s.Tries = h.Confidence, h.MaxBoots, tries
	return s, nil
}

// node is the place of a candidate in the search, and the other way round.
func (s Search) node(candidate int) int {
	if s.reversed {
		return s.n - 1 - candidate
	}
	return candidate
}

// Next decides which candidates to run; what is known so far comes with it.
func (s Search) Next(runs []bisect.Observation, k int) (try []int, done bool, c Conclusion) {
	mapped := make([]bisect.Observation, len(runs))
	skips := 0
	for i, o := range runs {
		o.Candidate = s.node(o.Candidate)
		if s.inverted {
			o.Answer = Invert(o.Answer)
		}
		mapped[i] = o
		if o.Answer == bisect.Skip {
			skips++
		}
	}
	s.Budget += skips // what gave no answer cost little or nothing, and is limited by the number of tries
	d := s.Search.Next(mapped, k)
	for _, t := range d.Try {
		try = append(try, s.node(t))
	}
	return try, d.Done, s.conclude(d.Result)
}

// Conclusion is what is known, in terms of the head's candidates.
type Conclusion struct {
	Verdict    bisect.Verdict `json:"verdict"`
	Confidence float64        `json:"confidence"`
	// First are the candidates that may have brought it, or fixed it: one if it is found, several of a range. Last are
	// those directly before the first of them.
	First []int `json:"first,omitempty"`
	Last  []int `json:"last,omitempty"`
	// Left is how many candidates hold the wanted confidence together.
	Left int `json:"left,omitempty"`
	// Rate is the share of the runs that show it, where it is there, with its interval. Certain: all of them did.
	Rate     float64 `json:"rate"`
	RateLow  float64 `json:"rate_low"`
	RateHigh float64 `json:"rate_high"`
	Certain  bool    `json:"certain"`
	Runs     int     `json:"runs"`
}

func (s Search) conclude(r bisect.Result) Conclusion {
	c := Conclusion{Verdict: r.Verdict, Confidence: r.Confidence, Rate: r.Rate, RateLow: r.RateLow, RateHigh: r.RateHigh,
		Certain: r.Certain, Runs: r.Runs}
	sum := 0.0
	for _, x := range r.Suspects {
		if sum < s.Confidence {
			c.Left++
		}
		sum += x.Probability
	}
	if s.inverted { // the ends' roles are swapped as well
		c.Rate, c.RateLow, c.RateHigh = 1, 0, 1
	}
	if r.FirstBad == 0 && r.Verdict != bisect.Range {
		return c
	}
	firsts := []int{r.FirstBad}
	if r.Verdict == bisect.Range {
		firsts = nil
		for _, x := range r.Suspects {
			firsts = append(firsts, x.Candidate)
		}
		slices.Sort(firsts)
	}
	if !s.reversed {
		c.First, c.Last = firsts, r.LastGood
		return c
	}
	for _, f := range slices.Backward(firsts) { // the parent of "the first with it" is the first without it
		if f > 0 { // else the newer end may have it, too
			c.First = append(c.First, s.node(f-1))
		}
	}
	if len(c.First) > 0 {
		c.Last = []int{c.First[0] - 1}
	}
	return c
}

// Steps is about how many more answers are needed.
func (c Conclusion) Steps() int { return int(math.Ceil(math.Log2(float64(max(2, c.Left))))) }
