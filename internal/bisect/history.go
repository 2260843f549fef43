package bisect

import (
	"cmp"
	"slices"
)

// inRow is how many skipped candidates in a row, with no answer among them, are untestable with all that lies between.
const inRow = 8

// Count is what the runs of one candidate showed.
type Count struct {
	Candidate              int
	Bad, Good, Skip, Other int
}

// Answers counts the runs that said good or bad.
func (c Count) Answers() int { return c.Bad + c.Good }

// Runs counts all.
func (c Count) Runs() int { return c.Answers() + c.Skip + c.Other }

// Crash is an unrelated failure, or a reason why a candidate could not be tried.
type Crash struct {
	Candidate int
	Answer    Answer // Skip or Other
	Text      string
	Runs      int
}

// history is the record, sorted.
type history struct {
	counts    []Count // of the candidates that were tried, ascending
	crashes   []Crash
	running   []int
	runs      int // that have ended
	bad, good int
	deaf      set // candidates that are untestable
	anyDeaf   bool
}

func (s Search) read(runs []Observation) *history {
	h := &history{deaf: newSet(s.Graph.Len())}
	for _, o := range runs {
		if o.Answer == Running {
			h.running = append(h.running, o.Candidate)
			continue
		}
		h.runs++
		h.count(o)
	}
	slices.Sort(h.running)
	slices.SortFunc(h.crashes, func(a, b Crash) int {
		return cmp.Or(cmp.Compare(a.Candidate, b.Candidate), cmp.Compare(a.Answer, b.Answer), cmp.Compare(a.Text, b.Text))
	})
	s.listen(h)
	return h
}

// listen finds what is untestable: what gave no answer often enough, and what lies in a row of many that were skipped,
// without one that answered. Otherwise a hundred commits that do not build would be tried one by one.
func (s Search) listen(h *history) {
	var row []int
	for _, c := range h.counts {
		if c.Answers() > 0 {
			row = nil
			continue
		}
		if c.Skip >= s.Tries || c.Skip+c.Other >= 2*s.Tries {
			h.deaf.add(c.Candidate)
			h.anyDeaf = true
		}
		if c.Skip > 0 {
			row = append(row, c.Candidate)
		}
		for between := 0; len(row) >= inRow && between <= row[len(row)-1]-row[0]; between++ {
			h.deaf.add(row[0] + between)
			h.anyDeaf = true
		}
	}
}

func (h *history) count(o Observation) {
	i, found := h.index(o.Candidate)
	if !found {
		h.counts = slices.Insert(h.counts, i, Count{Candidate: o.Candidate})
	}
	c := &h.counts[i]
	switch o.Answer {
	case Bad:
		c.Bad++
		h.bad++
	case Good:
		c.Good++
		h.good++
	case Skip:
		c.Skip++
		h.crash(o)
	case Other:
		c.Other++
		h.crash(o)
	}
}

func (h *history) crash(o Observation) {
	i := slices.IndexFunc(h.crashes, func(c Crash) bool {
		return c.Candidate == o.Candidate && c.Answer == o.Answer && c.Text == o.Text
	})
	if i < 0 {
		i = len(h.crashes)
		h.crashes = append(h.crashes, Crash{Candidate: o.Candidate, Answer: o.Answer, Text: o.Text})
	}
	h.crashes[i].Runs++
}

func (h *history) index(candidate int) (int, bool) {
	return slices.BinarySearchFunc(h.counts, candidate, func(c Count, n int) int { return cmp.Compare(c.Candidate, n) })
}

// at is what is known of a candidate.
func (h *history) at(candidate int) Count {
	if i, found := h.index(candidate); found {
		return h.counts[i]
	}
	return Count{Candidate: candidate}
}

// underway counts the runs of a candidate that have not ended.
func (h *history) underway(candidate int) (n int) {
	for _, c := range h.running {
		if c == candidate {
			n++
		}
	}
	return n
}
