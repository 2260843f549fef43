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
	Environment Factor = "environment"
)

// Factors returns all of them, in the order their arms are tried.
func Factors() []Factor { return []Factor{Same, Scale, Load, Version, Environment} }

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
}

// Trials counts the trials that said something, if only that they failed otherwise.
func (a Arm) Trials() int { return a.Failed + a.Passed + a.Other }

// Boots counts all VMs.
func (a Arm) Boots() int { return a.Trials() + a.Harness }

// usable counts the trials that can be compared.
func (a Arm) usable() int { return a.Failed + a.Passed }
