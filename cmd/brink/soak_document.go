package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"brink/internal/judge"
	"brink/internal/picture"
	"brink/internal/soak"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/scenarios"
)

// soakFormat names the document for who finds one.
const soakFormat = "brink.soak"

// soakDocument is what a soak says, for a person and for programs. It is made of the record alone. Rates are failures per hour of VM
// time, which is the guest's (Machine.Clock); times are in nanoseconds where their names end in NS.
type soakDocument struct {
	Format    string        `json:"format"` // brink.soak
	V         int           `json:"v"`
	ID        string        `json:"id"`
	Folder    string        `json:"folder"`
	Build     string        `json:"build"`
	Args      []string      `json:"args"`
	Start     time.Time     `json:"start,omitzero"` // host time of the first line of the record
	End       time.Time     `json:"end,omitzero"`   // and of the last one
	Seeded    bool          `json:"seeded"`         // the failures are planted
	Finished  bool          `json:"finished"`       // the time is up, or the question answered
	Scenario  string        `json:"scenario"`
	Title     string        `json:"title"`
	Axis      string        `json:"axis"`
	Size      int64         `json:"size"`
	Machine   trial.Machine `json:"machine"`
	VMs       int           `json:"vms"`   // side by side
	Asked     int           `json:"asked"` // as many were asked for
	ForNS     int64         `json:"for_ns"`
	LifeNS    int64         `json:"life_ns,omitempty"`
	ElapsedNS int64         `json:"elapsed_ns"` // host time, of ForNS
	Below     float64       `json:"below,omitempty"`
	Within    float64       `json:"within,omitempty"`

	Verdict soak.Verdict     `json:"verdict"`
	Why     string           `json:"why"`
	Exact   bool             `json:"exact"` // the exact intervals hold; else the anytime ones: it stopped, or was stopped, when it may have been seen how it stood
	Versus  *soak.Versus     `json:"versus,omitempty"`
	Longer  *soak.Longer     `json:"longer,omitempty"`
	Arms    []soakSide       `json:"arms"`
	Results []store.SoakLine `json:"results"` // every VM

}

// soakSide is what one arm showed.
type soakSide struct {
	Name     string            `json:"name"`
	Kernel   trial.Kernel      `json:"kernel"`
	Settings map[string]string `json:"settings,omitempty"`
	soak.Tally
	Done  map[string]int64  `json:"done,omitempty"`  // how often its VMs did each op
	Facts map[string]string `json:"facts,omitempty"` // what its first guest that said so was like
}

// loadSoak reads the record of a soak into what it says.
func loadSoak(dir string) (soakDocument, error) {
	head, lines, err := store.LoadSoak(dir)
	if err != nil {
		return soakDocument{}, err
	}
	spec, err := scenarios.Find(head.Arms[0].Scenario)
	if err != nil {
		return soakDocument{}, err
	}
	d := newSoakDocument(head, lines)
	d.Folder, d.Title = dir, spec.Title
	return d, nil
}

func newSoakDocument(h trial.Soak, lines []store.SoakLine) soakDocument {
	question := soakQuestion(h, len(h.Arms))
	d := soakDocument{Format: soakFormat, V: trial.Version, ID: h.ID, Build: h.Build, Args: h.Args, Seeded: h.Seeded(), Scenario: h.Arms[0].Scenario,
		Axis: h.Arms[0].Axis, Size: h.Size(), Machine: h.Arms[0].Machine, VMs: h.VMs, Asked: h.Asked, ForNS: int64(h.For), LifeNS: int64(h.Life),
		Below: h.Below, Within: h.Within, Exact: question.Exact(), Results: []store.SoakLine{}}
	var results []soak.Result
	for _, l := range lines {
		results, d.Results = append(results, l.Result), append(d.Results, brief(l))
		d.ElapsedNS = max(d.ElapsedNS, int64(l.Result.End), int64(l.Noted))
		if d.Start.IsZero() || l.Host.Before(d.Start) {
			d.Start = l.Host
		}
		if l.Host.After(d.End) {
			d.End = l.Host
		}
	}
	r := soak.Judge(question, results)
	d.Verdict, d.Why, d.Versus, d.Longer = r.Verdict, r.Why, r.Versus, r.Longer
	d.Finished = d.ElapsedNS >= d.ForNS || d.answered()
	if rate := r.Arms[0].Rate; d.Exact && (h.Extended || !d.Finished) { // whoever stopped it, or looks at it now, may have seen it before
		d.Exact = false
		d.Why = strings.Replace(d.Why, rate.String(), d.rate(rate), 1)
	}
	for i, t := range r.Arms {
		d.Arms = append(d.Arms, sideOf(h, i, t, lines))
	}
	return d
}

// brief is a line without what the kernel printed, which is in the trial's console.log.
func brief(l store.SoakLine) store.SoakLine {
	if l.Outcome != nil && l.Outcome.Failure != nil {
		outcome, failure := *l.Outcome, *l.Outcome.Failure
		failure.Text = ""
		outcome.Failure, l.Outcome = &failure, &outcome
	}
	return l
}

func sideOf(h trial.Soak, arm int, t soak.Tally, lines []store.SoakLine) soakSide {
	s := soakSide{Name: armName(h, arm), Kernel: h.Arms[arm].Kernel, Settings: h.Arms[arm].Settings, Tally: t}
	for _, l := range lines {
		if l.Arm != arm {
			continue
		}
		for op, n := range l.Done {
			if s.Done == nil {
				s.Done = map[string]int64{}
			}
			s.Done[op] += n
		}
		if len(s.Facts) == 0 {
			s.Facts = l.Facts
		}
	}
	return s
}

// failures is how many VMs of all arms failed.
func (d soakDocument) failures() (n int) {
	for _, a := range d.Arms {
		n += a.Rate.Failures
	}
	return n
}

// answered reports whether there was a question, and it has its answer.
func (d soakDocument) answered() bool { return d.Verdict != soak.None && d.Verdict != soak.Undecided }

// exit is the error for the exit code; what it says was printed.
func (d soakDocument) exit() error {
	switch d.Verdict {
	case soak.Below, soak.Better:
		return nil
	case soak.Above, soak.Worse:
		return errFound
	}
	hours := 0.0
	for _, a := range d.Arms {
		hours += a.Rate.Hours
	}
	switch {
	case d.failures() > 0:
		return errFound
	case hours == 0: // it says nothing of the kernel
		return fmt.Errorf("no VM came as far as its load in %v: `brink resume %s --for %v` gives more time", roundTime(time.Duration(d.ElapsedNS)), d.ID,
			2*time.Duration(d.ForNS))
	}
	return nil
}

// print writes the result.
func (d soakDocument) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return d.write(w)
	}
	return d.text(w)
}

// write writes the document as JSON, indented.
func (d soakDocument) write(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(d)
}

// timeline is the picture of the VMs.
func (d soakDocument) timeline() picture.Timeline {
	t := picture.Timeline{Title: fmt.Sprintf("soak of %s with %s %s", d.Scenario, judge.Count(d.Size), d.Axis), Subtitle: d.Why, Seeded: d.Seeded, Length: max(time.Duration(d.ElapsedNS), time.Second)}
	for _, l := range d.Results {
		b := picture.TimelineBar{Slot: l.Slot, Arm: l.Arm, Start: l.Start, Loaded: l.Loaded, End: l.Result.End, Lost: l.Harness != ""}
		if l.Failure != nil {
			b.Failure = l.Failure.Signature
		}
		t.Bars = append(t.Bars, b)
	}
	for _, a := range d.Arms {
		t.Arms = append(t.Arms, a.Name)
	}
	return t
}
