package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// Executor runs one trial in a VM of its own. It hands every event to record as it comes. An error means that the
// harness could not do its job; what the kernel does is in the outcome.
type Executor interface {
	Trial(ctx context.Context, plan trial.Plan, start trial.Start, record func(trial.Event) error) (trial.Outcome, error)
}

// Record is where events go.
type Record interface {
	Append(trial.Event) error
}

// ErrHarness says that trials kept failing for reasons that are not the kernel's.
var ErrHarness = errors.New("harness failed")

// maxHarness is how many trials in a row may fail through our own fault.
const maxHarness = 3

// heartbeat is how often the agent reports progress, in guest time.
const heartbeat = 5 * time.Second

// Engine climbs one ramp.
type Engine struct {
	Spec     scenario.Spec
	Head     trial.Run
	Executor Executor
	Record   Record
	// Observe sees every event after it was recorded, may be nil.
	Observe func(trial.Event)
	// Before is the highest trial number that somebody else has used in the same record.
	Before int

	events []trial.Event
}

// Run goes on from the given events until nothing is left to measure.
func (e *Engine) Run(ctx context.Context, events []trial.Event) error {
	e.events = events
	if err := e.closeInterrupted(); err != nil {
		return err
	}
	for harness := 0; ; {
		steps, probe := read(e.Spec, e.Head.Sizes, e.events).next(), (*trial.Probe)(nil)
		if len(steps) == 0 {
			steps, probe = e.search()
		}
		if len(steps) == 0 {
			return nil
		}
		outcome, err := e.trial(ctx, steps, probe)
		switch {
		case err != nil:
			return err
		case outcome.Kind != trial.Harness:
			harness = 0
		default:
			if harness++; harness == maxHarness {
				return fmt.Errorf("%w %d times in a row, the last time: %s", ErrHarness, harness, outcome.Text)
			}
		}
	}
}

// trial plans, records and executes one trial.
func (e *Engine) trial(ctx context.Context, steps []trial.Step, probe *trial.Probe) (trial.Outcome, error) {
	number := e.lastTrial() + 1
	plan := trial.Plan{V: trial.Version, Run: e.Head.ID, Trial: number, Scenario: e.Spec.Name, Axis: e.Head.Axis,
		Seed: e.seed(probe), Probe: probe, Settings: e.Head.Settings, Clock: e.Head.Machine.Clock, Heartbeat: heartbeat,
		Detectors: e.Head.Machine.Detectors(), Expects: e.Spec.Expects, Steps: steps}
	start := e.start(number)
	if probe != nil && e.Head.Start == "auto" {
		start = trial.StartBoot // a threshold is confirmed in a VM without any history
	}
	if err := e.record(trial.Event{Type: trial.EventTrial, Trial: number, Step: -1, Plan: &plan, Start: start}); err != nil {
		return trial.Outcome{}, err
	}
	outcome, err := e.Executor.Trial(ctx, plan, start, e.record)
	if err != nil {
		outcome = trial.Outcome{Kind: trial.Harness, Text: err.Error()}
	}
	return outcome, errors.Join(err, e.record(trial.Event{Type: trial.EventOutcome, Trial: number, Step: -1, Outcome: &outcome}))
}

// start chooses how the VM of a trial starts. The first one boots. So does every one under the instruction clock, where
// a clone would cost the run its repeatability to the nanosecond: it begins at a moment the host chose.
func (e *Engine) start(number int) trial.Start {
	switch {
	case e.Head.Start != "auto":
		return trial.Start(e.Head.Start)
	case number > 1 && e.Head.Machine.Clock == trial.ClockWall:
		return trial.StartClone
	}
	return trial.StartBoot
}

func (e *Engine) record(ev trial.Event) error {
	if err := e.Record.Append(ev); err != nil {
		return err
	}
	if ev.Type != trial.EventProgress {
		e.events = append(e.events, ev)
	}
	if e.Observe != nil {
		e.Observe(ev)
	}
	return nil
}

func (e *Engine) lastTrial() int {
	last := e.Before
	for _, ev := range e.events {
		last = max(last, ev.Trial)
	}
	return last
}

// closeInterrupted gives a trial that was cut off with its brink the outcome it could not write itself.
func (e *Engine) closeInterrupted() error {
	open, outcome := 0, trial.Outcome{}
	for _, ev := range e.events {
		switch ev.Type {
		case trial.EventTrial:
			open, outcome = ev.Trial, trial.Outcome{Kind: trial.Harness, Text: "brink was killed during this trial"}
		case trial.EventVerdict:
			outcome = *ev.Outcome
		case trial.EventOutcome:
			open = 0
		}
	}
	if open == 0 {
		return nil
	}
	return e.record(trial.Event{Type: trial.EventOutcome, Trial: open, Step: -1,
		Outcome: &outcome})
}
