package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"brink/internal/engine"
	"brink/internal/explain"
	"brink/internal/lab"
	"brink/internal/scenario"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/scenarios"
)

// experiment tries the arms of an explanation, one VM at a time, and writes down what they do.
type experiment struct {
	app      *app
	spec     scenario.Spec // with the run's settings, not scaled to a machine
	head     trial.Run
	target   explain.Target
	folder   *store.Run
	record   *store.Explanation
	lines    []explain.Line // the record
	repeat   int
	maxBoots int
	// executor gets what runs the trials of an arm, and fills in what only it knows of the arm.
	executor func(*explain.Setup) (engine.Executor, error)

	setups  []explain.Setup
	ready   map[string]engine.Executor
	givenUp map[string]bool
	show    arms
}

// run tries the arms until each has been tried often enough, and returns all that the record knows of. What is tried on the
// healthy side is decided when the arms of the design are done.
func (e *experiment) run(q explain.Question) ([]explain.Setup, error) {
	e.ready, e.givenUp = map[string]engine.Executor{}, map[string]bool{}
	e.show = arms{w: e.app.err, head: e.head, repeat: e.repeat}
	if err := e.plan(explain.Design(q)); err != nil {
		return nil, err
	}
	for _, s := range explain.Setups(e.lines, e.target) { // of earlier calls, which asked for others
		if !e.has(s.Name) {
			e.setups = append(e.setups, s)
			e.givenUp[s.Name] = true
		}
	}
	for both := false; ; {
		known := explain.Read(e.spec, e.head, e.setups, e.lines)
		arm, ok := explain.Next(known, e.repeat, e.givenUp)
		if !ok && !both {
			both = true
			if err := e.plan(explain.Healthy(q, known)); err != nil {
				return nil, err
			}
			continue
		}
		if !ok {
			return e.setups, nil
		}
		if spent := bootsOf(known); spent >= e.maxBoots {
			fmt.Fprintf(e.app.err, "stopped after %d VMs; a larger --max-boots goes on\n", spent)
			return e.setups, nil
		}
		if err := e.attempt(arm); err != nil {
			return nil, err
		}
	}
}

// plan takes in arms that are to be tried, and writes down why others are not.
func (e *experiment) plan(design []explain.Setup) error {
	for _, s := range design {
		if s.Skipped != "" {
			if err := e.skip(s, s.Skipped); err != nil {
				return err
			}
		}
		delete(e.givenUp, s.Name)
		e.setups = slices.DeleteFunc(e.setups, func(o explain.Setup) bool { return o.Name == s.Name })
		e.setups = append(e.setups, s)
	}
	return nil
}

// attempt gives an arm one more trial, or gives it up.
func (e *experiment) attempt(arm explain.Arm) error {
	err := e.try(arm)
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("interrupted; the same command goes on")
	case errors.Is(err, errGivenUp) && arm.Factor != explain.Same:
		e.givenUp[arm.Name] = true
		fmt.Fprintf(e.app.err, "%s: %v\n", arm.Name, err)
	case err != nil:
		return fmt.Errorf("%w; the same command tries again", err)
	}
	return nil
}

func (e *experiment) has(name string) bool {
	return slices.ContainsFunc(e.setups, func(s explain.Setup) bool { return s.Name == name })
}

func bootsOf(arms []explain.Arm) (n int) {
	for _, a := range arms {
		n += a.Boots()
	}
	return n
}

// skip writes down why an arm is not tried, once.
func (e *experiment) skip(s explain.Setup, why string) error {
	s.Skipped = why
	for _, l := range e.lines {
		if l.Type == trial.EventSkip && l.Setup != nil && l.Setup.Name == s.Name && l.Setup.Skipped == why && l.Setup.Target.Same(s.Target) {
			return nil
		}
	}
	return e.append(s, trial.Event{Type: trial.EventSkip, Step: -1, Text: why})
}

// append adds an event to the record.
func (e *experiment) append(s explain.Setup, ev trial.Event) error {
	l := explain.Line{Arm: s.Name, Event: ev}
	if ev.Type == trial.EventTrial || ev.Type == trial.EventSkip && ev.Trial == 0 {
		l.Setup = &s
	}
	l, err := e.record.Append(l)
	if err == nil && ev.Type != trial.EventProgress {
		e.lines = append(e.lines, l)
	}
	return err
}

// armRecord is the record as the engine sees it: the events of one arm.
type armRecord struct {
	e *experiment
	s *explain.Setup
}

func (r armRecord) Append(ev trial.Event) error { return r.e.append(*r.s, ev) }

// try gives an arm one more trial.
func (e *experiment) try(arm explain.Arm) error {
	s := &arm.Setup
	executor, err := e.executorOf(s)
	if err != nil {
		return err
	}
	own, err := e.specOf(s)
	if err != nil {
		return err
	}
	head := e.head
	head.Kernel, head.Machine, head.Settings, head.Start = s.Kernel, s.Machine, s.Settings, string(trial.StartBoot)
	head.Seed += explainSeed
	spec := own.Scaled(s.Machine.Slowdown())
	e.show.begin(arm, spec)
	run := engine.Engine{Spec: spec, Head: head, Executor: executor, Record: armRecord{e, s},
		Observe: e.show.event, Before: explain.LastTrial(e.lines)}
	err = run.Probe(e.app.ctx, explain.Events(e.lines, e.target, s.Name),
		trial.Probe{Size: s.Size, What: e.target.What, Kind: e.target.Kind})
	unfit := (*lab.UnfitError)(nil) // code that --set asks for, on a CPU without the feature that it needs
	if errors.Is(err, engine.ErrHarness) || errors.As(err, &unfit) {
		return fmt.Errorf("%w: %w", errGivenUp, err)
	}
	return err
}

// specOf is the spec with an arm's settings: it may need other modules.
func (e *experiment) specOf(s *explain.Setup) (scenario.Spec, error) {
	return scenarios.On(e.head.Scenario, e.head.Axis, s.Settings)
}

// explainSeed parts the seeds of an explanation from those of the search, which count up from the run's own. All arms
// use the same ones: the seed is not what they differ in.
const explainSeed = 1000

func (e *experiment) executorOf(s *explain.Setup) (engine.Executor, error) {
	if x := e.ready[s.Name]; x != nil {
		return x, nil
	}
	x, err := e.executor(s)
	if err != nil {
		if e.app.ctx.Err() != nil {
			return nil, e.app.ctx.Err()
		}
		return nil, errors.Join(fmt.Errorf("%w: %w", errGivenUp, err), e.skip(*s, err.Error()))
	}
	for i := range e.setups {
		if e.setups[i].Name == s.Name {
			e.setups[i] = *s
		}
	}
	e.ready[s.Name] = x
	return x, nil
}

// local makes the executor of an arm on this machine.
func (e *experiment) local(s *explain.Setup) (engine.Executor, error) {
	g, err := machineOf(s.Machine)
	if err != nil {
		return nil, err
	}
	if err := enoughMemory(g); err != nil {
		return nil, err
	}
	spec, err := e.specOf(s)
	if err != nil {
		return nil, err
	}
	ready, err := e.app.prepareAgain(spec, s.Kernel, g)
	if err != nil {
		return nil, err
	}
	head := e.head
	head.Sizes, head.Settings, head.Machine, head.Kernel = []int64{s.Size}, s.Settings, s.Machine, s.Kernel
	if err := refuse(spec, head, ready.kernel.Config); err != nil {
		return nil, err
	}
	s.Machine = g.record()
	s.Machine.Cmdline = ready.vm.KernelCmdline()
	return ready.local(e.record.TrialDir, filepath.Join(e.folder.Dir, "explain", "snapshot"), e.head.VMCore), nil
}

func (e *experiment) close() {
	for _, x := range e.ready {
		if l, ok := x.(*lab.Local); ok {
			_ = l.Close()
		}
	}
	if e.record != nil {
		_ = e.record.Close()
	}
	_ = e.folder.Close()
}
