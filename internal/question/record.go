package question

import (
	"encoding/json"
	"fmt"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// Candidate is a kernel that may be asked. The older end is the first of them, the newer end the last.
type Candidate struct {
	// ID is what the log calls it, without blanks: a kernel reference or a commit.
	ID string `json:"id"`
	// Ref is the kernel to boot; Module is the commit of brink's own module to boot it with, "" for the usual one.
	Ref    string `json:"ref"`
	Module string `json:"module,omitempty"`
	// Subject says what it is: a package version, or a commit's subject. Date is a commit's author date.
	Subject string `json:"subject,omitempty"`
	Date    string `json:"date,omitempty"`
	// Parents are the candidates that it descends from, of commits; of versions it is the one before.
	Parents []int `json:"parents,omitempty"`
}

// Head is what is fixed before the first trial of a bisection.
type Head struct {
	V        int               `json:"v"`
	ID       string            `json:"id"`
	Build    string            `json:"build"`
	Args     []string          `json:"args"` // brink's command line
	Scenario string            `json:"scenario"`
	Axis     string            `json:"axis"`
	Settings scenario.Settings `json:"settings,omitempty"`
	Seed     uint64            `json:"seed"`
	Seeded   bool              `json:"seeded,omitempty"`
	Machine  trial.Machine     `json:"machine"`
	// Question is what was asked for; nil: the ends climb Sizes, and what differs is asked.
	Question *Question `json:"question,omitempty"`
	Sizes    []int64   `json:"sizes,omitempty"`
	// Confidence is the wanted one; MaxBoots is how many VMs may be spent.
	Confidence float64     `json:"confidence"`
	MaxBoots   int         `json:"max_boots"`
	Candidates []Candidate `json:"candidates"`
	// Repository is the folder that commits are from, Source the kernel's or the module's: "kernel", "module" or "".
	Repository string `json:"repository,omitempty"`
	Source     string `json:"source,omitempty"`
	// Ordered says that the candidates are known to be in the order of time: versions of packages, or commits.
	Ordered bool `json:"ordered,omitempty"`
}

// Run is the head of the ramps and trials of one kernel, as those who read a record want it.
func (h Head) Run(k trial.Kernel) trial.Run {
	return trial.Run{V: h.V, ID: h.ID, Build: h.Build, Args: h.Args, Scenario: h.Scenario, Axis: h.Axis, Sizes: h.Sizes,
		Settings: h.Settings, Seed: h.Seed, Seeded: h.Seeded, Start: string(trial.StartBoot), Kernel: k, Machine: h.Machine}
}

// The events that only the record of a bisection has.
const (
	// EventQuestion says what is asked from here on: Question, and Differences where it was chosen of those.
	EventQuestion trial.EventType = "question"
	// EventUnusable says that a candidate cannot be tried, now or ever: Text.
	EventUnusable trial.EventType = "unusable"
)

// Line is one line of the record: an event, and the candidate it belongs to.
type Line struct {
	Candidate   int           `json:"candidate"`
	Kernel      *trial.Kernel `json:"kernel,omitempty"` // on the first line of a trial
	Question    *Question     `json:"question,omitempty"`
	Differences []Difference  `json:"differences,omitempty"`
	trial.Event
}

// ParseLine reads one line.
func ParseLine(text []byte) (Line, error) {
	e, err := trial.ParseEvent(text)
	if err != nil {
		return Line{}, err
	}
	var of struct {
		Candidate   int           `json:"candidate"`
		Kernel      *trial.Kernel `json:"kernel"`
		Question    *Question     `json:"question"`
		Differences []Difference  `json:"differences"`
	}
	if err := json.Unmarshal(text, &of); err != nil {
		return Line{}, fmt.Errorf("parse line: %w", err)
	}
	if of.Candidate < 0 || e.Type == EventQuestion && of.Question == nil {
		return Line{}, fmt.Errorf("parse line: %s does not say what it is about", e.Type)
	}
	return Line{of.Candidate, of.Kernel, of.Question, of.Differences, e}, nil
}

// ParseHead reads a head.
func ParseHead(text []byte) (Head, error) {
	var h Head
	if err := json.Unmarshal(text, &h); err != nil {
		return h, fmt.Errorf("parse head of a bisection: %w", err)
	}
	switch {
	case h.V > trial.Version:
		return h, fmt.Errorf("the bisection has version %d, this build knows %d: use a newer brink", h.V, trial.Version)
	case len(h.Candidates) < 2:
		return h, fmt.Errorf("parse head of a bisection: %d candidates, two ends are needed", len(h.Candidates))
	}
	return h, nil
}
