package engine

import (
	"time"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// RoundSteps loads a size and does its ops round after round for a time, each op for a while before the next one has its turn, all
// in guest time. An op that tears the state down ends a round, which then begins with loading it.
func RoundSteps(spec scenario.Spec, size int64, each, total time.Duration) ([]trial.Step, *trial.Repeat) {
	r := &rounds{spec: spec, size: size, steps: []trial.Step{canary(0)}}
	loading := len(r.steps)
	r.first(scenario.Empty, scenario.Full)
	from := len(r.steps)
	for _, o := range spec.Ops {
		if o.From == scenario.Full && o.To == scenario.Full {
			r.add(o)
			r.steps[len(r.steps)-1].For = each
		}
	}
	r.steps = append(r.steps, canary(size))
	if r.first(scenario.Full, scenario.Empty) {
		from = loading
	}
	return r.steps, &trial.Repeat{From: from, For: total}
}

type rounds struct {
	spec  scenario.Spec
	size  int64
	steps []trial.Step
}

// first adds the first op that leads from one state to another, if there is one.
func (r *rounds) first(from, to scenario.State) bool {
	for _, o := range r.spec.Ops {
		if o.From == from && o.To == to {
			r.add(o)
			return true
		}
	}
	return false
}

func (r *rounds) add(o scenario.Op) {
	r.steps = append(r.steps, trial.Step{Kind: trial.StepOp, Size: r.size, Op: o.Name, Reps: o.Reps, Deadline: o.Deadline})
}
