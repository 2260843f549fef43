package bundle

import (
	"fmt"
	"slices"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/summary"
	"brink/internal/trial"
)

// Chosen is the trial that a bundle repeats.
type Chosen struct {
	Trial int
	Plan  trial.Plan
}

// Choose picks the trial of the record that shows a finding with the least before it: a fresh VM of the search that failed at the
// broken size if there is one, else the ladder's trial, cut behind the size that failed.
func Choose(f summary.Finding, e Expect, events []trial.Event, probes []judge.Probe) (Chosen, error) {
	c, err := chosen(f, e, events, probes)
	// run.sh knows such a kind by what any report of it begins with.
	expects := func(x scenario.Expect) bool { return x.Kind == string(f.Kind) && headlines[f.Kind] != nil }
	if err == nil && slices.ContainsFunc(c.Plan.Expects, expects) {
		err = fmt.Errorf("%w: the scenario brings about a report of kind %s itself, and no script tells the one that was found from it: "+
			"choose another finding with --finding, or have the run repeated (its report has the command)", ErrNoReproducer, f.Kind)
	}
	return c, err
}

func chosen(f summary.Finding, e Expect, events []trial.Event, probes []judge.Probe) (Chosen, error) {
	for _, p := range probes {
		if p.Size == e.Size && p.Shows(f.What, f.Kind) {
			if c, ok := planOf(events, p.Trial); ok {
				return c, nil
			}
		}
	}
	c, ok := planOf(events, f.Trial)
	if !ok {
		return c, fmt.Errorf("%w: its trial is not in the record", ErrNoReproducer)
	}
	if len(c.Plan.Steps) == 0 {
		return c, fmt.Errorf("%w: its trial has no steps", ErrNoReproducer)
	}
	c.Plan.Steps = cut(c.Plan.Steps, e)
	return c, nil
}

func planOf(events []trial.Event, number int) (Chosen, bool) {
	for _, e := range events {
		if e.Type == trial.EventTrial && e.Trial == number {
			return Chosen{number, *e.Plan}, true
		}
	}
	return Chosen{}, false
}

// cut drops the steps that come after the size that fails.
func cut(steps []trial.Step, e Expect) []trial.Step {
	last := -1
	for i, s := range steps {
		if s.Size == e.Size {
			last = i
		}
	}
	if last < 0 {
		return steps
	}
	return slices.Clone(steps[:last+1])
}
