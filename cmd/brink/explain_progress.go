package main

import (
	"fmt"
	"io"
	"time"

	"brink/internal/explain"
	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// arms says in lines what an experiment does.
type arms struct {
	w      io.Writer
	head   trial.Run
	repeat int

	arm   explain.Arm
	spec  scenario.Spec // with the budgets of the arm's machine
	start time.Time     // of the trial; zero outside of one
}

func (p *arms) begin(arm explain.Arm, spec scenario.Spec) { p.arm, p.spec = arm, spec }

// event takes in an event of a trial.
func (p *arms) event(e trial.Event) {
	switch e.Type {
	case trial.EventTrial:
		p.start = time.Now()
		fmt.Fprintf(p.w, "trial %d: %s, %s (%d of %d)\n", e.Trial, p.arm.Factor, p.arm.Change, p.arm.Trials()+1, p.arm.Wanted(p.repeat))
	case trial.EventEnd:
		if e.Kind == trial.StepOp && len(e.Samples) > 0 {
			text := judge.Duration(e.Samples[0].Wall())
			if op, ok := p.spec.Op(e.Op); ok {
				c := judge.Cell{Samples: e.Samples}
				if worst, over := c.Worst(op); over {
					text = "!" + judge.Duration(worst.Wall())
				}
			}
			fmt.Fprintf(p.w, "%9s %s  %-8s %9s\n", judge.Count(e.Size), p.head.Axis, e.Op, text)
		}
	case trial.EventOutcome:
		seeded := ""
		if p.head.Seeded && e.Outcome.Kind != trial.Completed && e.Outcome.Kind != trial.Harness {
			seeded = "seeded "
		}
		took := ""
		if !p.start.IsZero() { // else an earlier call was interrupted
			took = fmt.Sprintf(" after %v", time.Since(p.start).Round(time.Second))
		}
		fmt.Fprintf(p.w, "trial %d ended%s: %s%s %s\n", e.Trial, took, seeded, e.Outcome.Kind, e.Outcome.Text)
		p.start = time.Time{}
	}
}
