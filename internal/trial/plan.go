// Package trial holds the record of a run: what a trial was asked to do (Plan), what it did (Event, Sample, Canary) and
// how it ended (Outcome). All of it is versioned JSON. The package is pure: it reads no files and knows no VM.
package trial

import (
	"fmt"
	"time"

	"brink/internal/scenario"
)

// Version is the version of the record format. A reader refuses records of a newer version.
const Version = 1

// StepKind says what a step is for.
type StepKind string

// The kinds of steps.
const (
	StepOp     StepKind = "op"
	StepSettle StepKind = "settle"
	StepCanary StepKind = "canary"
)

// Step is one thing the worker does. A begin event goes out before it and an end event after it.
type Step struct {
	Kind     StepKind      `json:"kind"`
	Size     int64         `json:"size"`
	Op       string        `json:"op,omitempty"`
	Reps     int           `json:"reps,omitempty"`
	Untimed  bool          `json:"untimed,omitempty"` // only there to reach the size; its samples are dropped
	Deadline time.Duration `json:"deadline_ns,omitempty"`
	// For makes the worker do an op again and again, until that much guest time has passed. The deadline is that of each time.
	For time.Duration `json:"for_ns,omitempty"`
}

// Repeat makes the worker go on after the last step with step From, round after round, until For of guest time has passed since
// it came there first.
type Repeat struct {
	From int           `json:"from"`
	For  time.Duration `json:"for_ns"`
}

// Name returns the op's name, or the kind for a step without one.
func (s Step) Name() string {
	if s.Op != "" {
		return s.Op
	}
	return string(s.Kind)
}

// Plan is what one trial does, from the first step to the last. The agent follows it without asking back.
type Plan struct {
	V         int               `json:"v"`
	Run       string            `json:"run"`
	Trial     int               `json:"trial"`
	Scenario  string            `json:"scenario"`
	Axis      string            `json:"axis"`
	Seed      uint64            `json:"seed"`
	Settings  scenario.Settings `json:"settings,omitempty"`
	Clock     Clock             `json:"clock"`
	Heartbeat time.Duration     `json:"heartbeat_ns"` // guest time between two progress events
	Detectors Detectors         `json:"detectors"`
	Probe     *Probe            `json:"probe,omitempty"`
	Expects   []scenario.Expect `json:"expects,omitempty"` // what the kernel may say without failing
	Steps     []Step            `json:"steps"`
	Repeat    *Repeat           `json:"repeat,omitempty"` // nil: each step is done once
}

// Probe says that a trial belongs to a search: a fresh VM, loaded straight to one size, to see whether a failure comes.
type Probe struct {
	Size int64  `json:"size"`
	What string `json:"what"` // of the finding
	Kind Kind   `json:"kind"`
}

// Check refuses plans that this build cannot follow.
func (p Plan) Check() error {
	switch {
	case p.V != Version:
		return fmt.Errorf("plan has version %d, this build knows %d: use the brink that wrote it", p.V, Version)
	case p.Scenario == "" || len(p.Steps) == 0:
		return fmt.Errorf("plan of trial %d names no scenario or has no steps", p.Trial)
	case p.Repeat != nil && (p.Repeat.From < 0 || p.Repeat.From >= len(p.Steps)):
		return fmt.Errorf("plan of trial %d goes on with step %d and has %d", p.Trial, p.Repeat.From, len(p.Steps))
	}
	return nil
}

// Clock says what a nanosecond of a sample is.
type Clock string

// The two clocks; samples of one are never compared with samples of the other.
const (
	ClockWall   Clock = "wall"   // real time of the guest
	ClockICount Clock = "icount" // one guest instruction is one nanosecond, idle time is skipped
)

// Start says how a trial's VM came to be.
type Start string

// The ways a trial's VM starts.
const (
	StartBoot  Start = "boot"
	StartClone Start = "clone" // restored copy-on-write from a snapshot of a booted, idle guest
)
