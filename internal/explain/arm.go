package explain

import (
	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Factor is what an arm changes.
type Factor string

// The factors.
const (
	Same        Factor = "same" // nothing but the seed: the control
	Scale       Factor = "scale"
	Load        Factor = "load"
	Version     Factor = "version"
	Setting     Factor = "setting" // an option is at its default
	Environment Factor = "environment"
)

// Factors returns all of them, in the order their arms are tried.
func Factors() []Factor { return []Factor{Same, Scale, Load, Version, Setting, Environment} }

// Target is the failure that is to be explained.
type Target struct {
	What   string     `json:"what"`
	Kind   trial.Kind `json:"kind"`
	Op     string     `json:"op,omitempty"`
	Text   string     `json:"text"`
	Safe   int64      `json:"safe"`
	Broken int64      `json:"broken"`
	// At is the size at which it is repeated. Where a search has narrowed Broken down this is the size that broke on the
	// ladder, not the edge itself: there a change that moves the edge by a percent would seem to make the failure go away.
	At int64 `json:"at"`
	// Rungs is the run's ladder if the failure is a collapse on it, which a fresh VM of one size is held against.
	Rungs []judge.Rung `json:"rungs,omitempty"`
	// Measure is the number that the failure is about, if it has one; the arms are compared by it, too.
	Measure *Measure `json:"measure,omitempty"`
}

// Same reports whether two targets are one question; their texts may differ.
func (t Target) Same(o Target) bool {
	return t.What == o.What && t.Kind == o.Kind && t.Safe == o.Safe && t.Broken == o.Broken && t.At == o.At
}

// Setup is one arm as it is tried: the run's own circumstances with one thing changed.
type Setup struct {
	Name     string            `json:"name"` // tells the arms of one target apart
	Factor   Factor            `json:"factor"`
	Change   string            `json:"change"`         // for a person
	Base     string            `json:"base,omitempty"` // name of the arm it is compared with; none for the control
	Target   Target            `json:"target"`
	Size     int64             `json:"size"`
	Settings scenario.Settings `json:"settings,omitempty"`
	Kernel   trial.Kernel      `json:"kernel"`
	Machine  trial.Machine     `json:"machine"`
	Skipped  string            `json:"skipped,omitempty"` // why it is not tried
	Feature  string            `json:"feature,omitempty"` // the CPU feature that is taken away
	Added    bool              `json:"added,omitempty"`   // it is not taken away but comes back
	Enough   int               `json:"enough,omitempty"`  // trials that are enough, however many are asked for; 0: no limit
}

// otherSide reports whether the arm begins from one in which the failure is gone, to see what brings it back.
func (s Setup) otherSide() bool { return s.Feature != "" && s.Base != string(Same) }

// Wanted is how many trials the arm is to have when so many are asked for.
func (s Setup) Wanted(repeat int) int {
	if s.Enough > 0 {
		return min(repeat, s.Enough)
	}
	return repeat
}

// Arm is a setup and what its trials showed. Trials that the harness lost are in none of the counts but their own.
type Arm struct {
	Setup
	Failed  int      `json:"failed"` // showed the target
	Passed  int      `json:"passed"` // did everything without it
	Other   int      `json:"other"`  // failed otherwise, so that it cannot be told
	Harness int      `json:"harness"`
	Others  []string `json:"others,omitempty"` // how those failed
	Fault   string   `json:"fault,omitempty"`  // the last harness fault
	// Numbers are the values of the target's measure, of trials that did everything.
	Numbers []float64 `json:"numbers,omitempty"`
	// Facts is what the guests of the arm said they are like.
	Facts map[string]string `json:"facts,omitempty"`
}

// Trials counts the trials that said something, if only that they failed otherwise.
func (a Arm) Trials() int { return a.Failed + a.Passed + a.Other }

// Boots counts all VMs.
func (a Arm) Boots() int { return a.Trials() + a.Harness }

// usable counts the trials that can be compared.
func (a Arm) usable() int { return a.Failed + a.Passed }
