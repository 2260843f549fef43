package engine

import (
	"context"
	"fmt"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Finished reports whether nothing is left to measure and to search in a run.
func Finished(spec scenario.Spec, head trial.Run, events []trial.Event) bool {
	e := Engine{Spec: spec, Head: head, events: events}
	steps := read(spec, head.Sizes, events).next()
	if len(steps) == 0 {
		steps, _ = e.search()
	}
	return len(steps) == 0
}

// Probe tries once more whether a finding shows in a fresh VM loaded straight to a size, as the search does, after the
// given events of earlier tries. A harness fault is retried; ErrHarness says that it was in vain.
func (e *Engine) Probe(ctx context.Context, events []trial.Event, f trial.Probe) error {
	e.events = events
	if err := e.closeInterrupted(); err != nil {
		return err
	}
	for harness := 1; ; harness++ {
		outcome, err := e.Try(ctx, ProbeSteps(e.Spec, f.Size), f)
		switch {
		case err != nil:
			return err
		case outcome.Kind != trial.Harness:
			return nil
		case harness == maxHarness:
			return fmt.Errorf("%w %d times in a row, the last time: %s", ErrHarness, harness, outcome.Text)
		}
	}
}

// Try is one trial that does the given steps to see whether a finding shows: a harness fault is the caller's to retry.
func (e *Engine) Try(ctx context.Context, steps []trial.Step, f trial.Probe) (trial.Outcome, error) {
	return e.trial(ctx, steps, &f)
}

// search returns the next trial of the search for a threshold: a fresh VM, loaded straight to one size; nil when there
// is nothing to search or it is done.
func (e *Engine) search() ([]trial.Step, *trial.Probe) {
	if e.Head.MaxBoots == 0 {
		return nil, nil
	}
	table := judge.Read(e.Spec, e.Head, e.events)
	target, ok := table.Target()
	if !ok {
		return nil, nil
	}
	d := table.Next(target, e.Head.Width, e.Head.MaxBoots)
	if d.Done {
		return nil, nil
	}
	return ProbeSteps(e.Spec, d.Size), &trial.Probe{Size: d.Size, What: target.What, Kind: target.Kind}
}

// ProbeSteps does in a fresh VM everything that the ladder does at a size, in the same order, with the size loaded
// straight: a VM that passes shows that the size is safe in every op.
func ProbeSteps(spec scenario.Spec, size int64) []trial.Step {
	steps := []trial.Step{canary(0)}
	add := func(from, to scenario.State) {
		for _, o := range spec.Ops {
			if o.From == from && o.To == to {
				steps = append(steps, trial.Step{Kind: trial.StepOp, Size: size, Op: o.Name, Reps: o.Reps, Deadline: o.Deadline})
				if from != to { // one way is enough
					return
				}
			}
		}
	}
	add(scenario.Empty, scenario.Empty)
	add(scenario.Empty, scenario.Full)
	steps = append(steps, settle(size), canary(size))
	add(scenario.Full, scenario.Full)
	steps = append(steps, canary(size))
	add(scenario.Full, scenario.Empty)
	return steps
}

// seed is the plan's: that of the run, so that a fresh VM differs from the ladder's in its size only. A size that is
// tried again gets another one, for the same one would say the same again.
func (e *Engine) seed(probe *trial.Probe) uint64 {
	seed := e.Head.Seed
	if probe == nil {
		return seed
	}
	for _, ev := range e.events {
		if ev.Type == trial.EventTrial && ev.Plan.Probe != nil && ev.Plan.Probe.Size == probe.Size {
			seed++
		}
	}
	return seed
}
