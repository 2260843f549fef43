package question

import (
	"slices"

	"brink/internal/bisect"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Tally is what is known of one candidate.
type Tally struct {
	Candidate int     `json:"candidate"`
	Bad       int     `json:"bad"`  // runs that showed what is asked; for a question about what was fixed that is the old state
	Good      int     `json:"good"` // runs that did not
	Skip      int     `json:"skip"`
	Other     int     `json:"other"`              // runs that failed otherwise
	Why       string  `json:"why,omitempty"`      // the last word on it
	Unusable  bool    `json:"unusable,omitempty"` // it cannot be tried at all
	Value     float64 `json:"value_ns,omitempty"` // the median of what the op took
	values    []float64
}

// Runs counts the VMs.
func (t Tally) Runs() int { return t.Bad + t.Good + t.Skip + t.Other }

// Trial is one VM of a record.
type Trial struct {
	Number    int
	Candidate int
	Kernel    trial.Kernel
	Events    []trial.Event
	Ladder    bool // it climbed the ladder of an end, and asked nothing
	Ended     bool
}

// State is a record, sorted.
type State struct {
	Head        Head
	Question    *Question    // as it is asked by now; nil: not known yet
	Differences []Difference // that it was chosen of
	Trials      []Trial
	Unusable    map[int]string
	Last        int // the highest number of a trial
}

// Read sorts a record. A trial that was cut off with its brink has no outcome; how it ends may be known all the same.
func Read(h Head, lines []Line) State {
	s := State{Head: h, Question: h.Question, Unusable: map[int]string{}}
	at := map[int]int{}
	for _, l := range lines {
		switch l.Type {
		case EventQuestion:
			s.Question = l.Question
			if len(l.Differences) > 0 {
				s.Differences = l.Differences
			}
			continue
		case EventUnusable:
			s.Unusable[l.Candidate] = l.Text
			continue
		case trial.EventTrial:
			if l.Candidate >= len(h.Candidates) {
				continue
			}
			delete(s.Unusable, l.Candidate) // it could be tried after all
			at[l.Trial] = len(s.Trials)
			t := Trial{Number: l.Trial, Candidate: l.Candidate, Ladder: l.Plan.Probe == nil}
			if l.Kernel != nil {
				t.Kernel = *l.Kernel
			}
			s.Trials = append(s.Trials, t)
		}
		s.Last = max(s.Last, l.Trial)
		if i, ok := at[l.Trial]; ok {
			s.Trials[i].take(l.Event)
		}
	}
	s.Head.Candidates = slices.Clone(h.Candidates)
	for i := range s.Trials {
		t := &s.Trials[i]
		t.close()
		if c := &s.Head.Candidates[t.Candidate]; c.Subject == "" {
			c.Subject = t.Kernel.Version
		}
	}
	return s
}

func (t *Trial) take(e trial.Event) {
	t.Events = append(t.Events, e)
	t.Ended = t.Ended || e.Type == trial.EventOutcome
}

// close gives a trial that was cut off while its evidence was saved the outcome that is known.
func (t *Trial) close() {
	if t.Ended {
		return
	}
	for _, e := range t.Events {
		if e.Type == trial.EventVerdict {
			e.Type, t.Ended = trial.EventOutcome, true
			t.Events = append(t.Events, e)
			return
		}
	}
}

// Kernel is what a candidate was resolved to when it was last tried.
func (s State) Kernel(candidate int) (k trial.Kernel, ok bool) {
	for _, t := range s.Trials {
		if t.Candidate == candidate {
			k, ok = t.Kernel, true
		}
	}
	return k, ok
}

// Ladder returns the events of the ramp that an end climbed, with those of a trial that was cut off, and the kernel.
func (s State) Ladder(candidate int) (events []trial.Event, k trial.Kernel) {
	for _, t := range s.Trials {
		if t.Ladder && t.Candidate == candidate {
			events, k = append(events, t.Events...), t.Kernel
		}
	}
	return events, k
}

// Runs answers the question for every VM that was asked, in their order, and counts by candidate. The spec is not scaled.
func (s State) Runs(spec scenario.Spec) ([]bisect.Observation, []Tally) {
	tallies := make([]Tally, len(s.Head.Candidates))
	for i := range tallies {
		tallies[i].Candidate = i
	}
	var runs []bisect.Observation
	spec = spec.Scaled(s.Head.Machine.Slowdown())
	for _, t := range s.Trials {
		if t.Ladder || !t.Ended || s.Question == nil {
			continue
		}
		answer, why, value := Answer(*s.Question, spec, s.Head.Run(t.Kernel), t.Events)
		tallies[t.Candidate].count(answer, why, value)
		if answer != bisect.Running {
			runs = append(runs, bisect.Observation{Candidate: t.Candidate, Answer: answer, Text: why})
		}
	}
	for c := range tallies {
		if why, ok := s.Unusable[c]; ok {
			tallies[c].Unusable, tallies[c].Why = true, why
			for range tries { // it would say the same again
				runs = append(runs, bisect.Observation{Candidate: c, Answer: bisect.Skip, Text: why})
			}
		}
	}
	return runs, tallies
}

// Count takes in one run without a value.
func (t *Tally) Count(answer bisect.Answer, why string) { t.count(answer, why, 0) }

func (t *Tally) count(answer bisect.Answer, why string, value float64) {
	switch answer {
	case bisect.Bad:
		t.Bad++
	case bisect.Good:
		t.Good++
	case bisect.Skip:
		t.Skip++
	case bisect.Other:
		t.Other++
	}
	t.Why = why
	if value > 0 {
		t.values = append(t.values, value)
		sorted := slices.Sorted(slices.Values(t.values))
		t.Value = sorted[(len(sorted)-1)/2]
	}
}

// Values are what the op took on a candidate, in ns, run by run.
func (t Tally) Values() []float64 { return t.values }
