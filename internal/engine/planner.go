package engine

import (
	"time"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// planner lays out one trial: a walk up the ladder that does every pending op which its state allows.
type planner struct {
	*ledger
	at    int64 // size the guest's state will have
	steps []trial.Step
	timed int // steps that measure something
}

// next returns the steps of the next trial, none when nothing is left that can be reached.
func (l *ledger) next() []trial.Step {
	p := &planner{ledger: l}
	p.steps = append(p.steps, canary(0)) // the guest before any state
	for i := range l.sizes {
		if !p.visit(i) {
			break
		}
	}
	if p.timed == 0 {
		return nil
	}
	return p.steps
}

// visit does what is pending at one size; false when the walk cannot go on from here.
func (p *planner) visit(i int) bool {
	n := p.sizes[i]
	if p.at == 0 {
		p.fromEmpty(n)
	}
	measure := p.pending(n, scenario.Full, scenario.Full)
	destroy := p.pending(n, scenario.Full, scenario.Empty)
	grow := p.pending(n, scenario.Smaller, scenario.Full)
	if len(measure)+len(destroy)+len(grow) > 0 && !p.reach(i, len(grow) > 0) {
		return false
	}
	if p.at != n {
		return true
	}
	if len(measure) > 0 {
		p.aside(n)
		for _, o := range measure {
			p.add(o, n)
		}
		p.steps = append(p.steps, canary(n))
	}
	for _, o := range destroy {
		p.add(o, n)
		p.at = 0
		p.fromEmpty(n)
		break
	}
	return true
}

// fromEmpty does the ops that start from nothing. Loading comes last, it leaves the state there; and not when the size
// should be grown to, which needs the smaller size first.
func (p *planner) fromEmpty(n int64) {
	for _, o := range p.pending(n, scenario.Empty, scenario.Empty) {
		p.add(o, n)
	}
	if len(p.pending(n, scenario.Smaller, scenario.Full)) > 0 {
		return
	}
	for _, o := range p.pending(n, scenario.Empty, scenario.Full) {
		p.add(o, n)
		p.at = n
	}
}

// reach brings the state to size i, in a timed way if that is pending.
func (p *planner) reach(i int, wantGrow bool) bool {
	n := p.sizes[i]
	if p.at == 0 && wantGrow {
		return p.load(p.sizes[i-1]) && p.growTo(n)
	}
	if p.at == 0 {
		return p.load(n)
	}
	return p.at == n || p.growTo(n)
}

func (p *planner) load(n int64) bool   { return p.by(scenario.Empty, n) }
func (p *planner) growTo(n int64) bool { return p.by(scenario.Smaller, n) }

func (p *planner) by(from scenario.State, n int64) bool {
	o, ok := p.way(n, from)
	if ok {
		p.add(o, n)
		p.at = n
	}
	return ok
}

// add appends an op; one that has been measured already is only a means and not timed again.
func (p *planner) add(o scenario.Op, n int64) {
	untimed := p.done[cell{n, o.Name}]
	if !untimed {
		p.timed++
		p.done[cell{n, o.Name}] = true
	}
	p.steps = append(p.steps, trial.Step{Kind: trial.StepOp, Size: n, Op: o.Name, Reps: o.Reps, Untimed: untimed, Deadline: o.Deadline})
}

// aside lets the guest come to rest and looks at what is beside the state.
func (p *planner) aside(n int64) {
	p.steps = append(p.steps, settle(n), canary(n))
}

// restDeadline is what the steps between ops may take, in guest time; it is enough for a guest in emulated real time,
// too. A fork that never returns must not hold a run for ever.
const restDeadline = 10 * time.Minute

func canary(n int64) trial.Step {
	return trial.Step{Kind: trial.StepCanary, Size: n, Deadline: restDeadline}
}

func settle(n int64) trial.Step {
	return trial.Step{Kind: trial.StepSettle, Size: n, Deadline: restDeadline}
}
