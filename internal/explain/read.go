package explain

import (
	"encoding/json"
	"fmt"
	"slices"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Line is one line of the record of an explanation: an event, and the arm it belongs to. The first line of a trial, and
// one that says that an arm was skipped, hold the whole setup.
type Line struct {
	Arm   string `json:"arm"`
	Setup *Setup `json:"setup,omitempty"`
	trial.Event
}

// ParseLine reads one line.
func ParseLine(text []byte) (Line, error) {
	e, err := trial.ParseEvent(text)
	if err != nil {
		return Line{}, err
	}
	var of struct {
		Arm   string `json:"arm"`
		Setup *Setup `json:"setup"`
	}
	if err := json.Unmarshal(text, &of); err != nil {
		return Line{}, fmt.Errorf("parse arm: %w", err)
	}
	if of.Arm == "" || e.Type == trial.EventTrial && (of.Setup == nil || e.Plan.Probe == nil) {
		return Line{}, fmt.Errorf("parse arm: %s does not say which one", e.Type)
	}
	return Line{Arm: of.Arm, Setup: of.Setup, Event: e}, nil
}

// Events returns the events of an arm of a target.
func Events(lines []Line, target Target, arm string) []trial.Event {
	var events []trial.Event
	mine := map[int]bool{}
	for _, l := range lines {
		if l.Type == trial.EventTrial {
			mine[l.Trial] = l.Arm == arm && l.Setup.Target.Same(target)
		}
		if mine[l.Trial] {
			events = append(events, l.Event)
		}
	}
	return events
}

// Last returns the target that the record was last about.
func Last(lines []Line) (Target, bool) {
	for _, l := range slices.Backward(lines) {
		if l.Setup != nil {
			return l.Setup.Target, true
		}
	}
	return Target{}, false
}

// LastTrial returns the highest number a trial has, 0 without any.
func LastTrial(lines []Line) int {
	last := 0
	for _, l := range lines {
		last = max(last, l.Trial)
	}
	return last
}

// Setups returns the arms of a target as far as the record knows them, in the order in which they first came up.
func Setups(lines []Line, target Target) []Setup {
	var all []Setup
	for _, l := range lines {
		if l.Setup == nil || !l.Setup.Target.Same(target) {
			continue
		}
		i := slices.IndexFunc(all, func(s Setup) bool { return s.Name == l.Setup.Name })
		switch {
		case i < 0:
			all = append(all, *l.Setup)
		case l.Type == trial.EventTrial || all[i].Skipped != "":
			all[i] = *l.Setup
		}
	}
	slices.SortStableFunc(all, func(a, b Setup) int { return slices.Index(Factors(), a.Factor) - slices.Index(Factors(), b.Factor) })
	return all
}

// Read counts what the trials of each setup showed. The spec is not scaled to a machine.
func Read(spec scenario.Spec, head trial.Run, setups []Setup, lines []Line) []Arm {
	arms := make([]Arm, len(setups))
	for i, s := range setups {
		arms[i].Setup = s
		head.Machine, head.Settings = s.Machine, s.Settings
		scaled, events := spec.Scaled(s.Machine.Slowdown()), Events(lines, s.Target, s.Name)
		table := judge.ReadAgainst(scaled, head, events, s.Target.What, s.Target.Rungs)
		for _, p := range table.Probes {
			arms[i].count(p)
			arms[i].measure(scaled, head, p, events)
		}
	}
	return arms
}

// count takes in how one VM ended.
func (a *Arm) count(p judge.Probe) {
	shown := func(same func(judge.Finding) bool) bool { return slices.ContainsFunc(p.Findings, same) }
	switch {
	case p.Outcome.Kind == trial.Harness:
		a.Harness++
		a.Fault = p.Outcome.Text
	case shown(func(f judge.Finding) bool { return f.What == a.Target.What && f.Kind == a.Target.Kind }):
		a.Failed++
	case p.Outcome.Kind != trial.Completed:
		a.Other++
		a.Others = append(a.Others, outcome(p))
	case shown(func(f judge.Finding) bool { return f.What == a.Target.What }): // the same op, in another way
		a.Other++
		a.Others = append(a.Others, outcome(p))
	default:
		a.Passed++
	}
}

// measure takes in the target's number, and the facts, of one VM that did everything.
func (a *Arm) measure(spec scenario.Spec, head trial.Run, p judge.Probe, events []trial.Event) {
	if p.Outcome.Kind != trial.Completed {
		return
	}
	events = slices.DeleteFunc(slices.Clone(events), func(e trial.Event) bool { return e.Trial != p.Trial })
	for _, e := range events {
		if e.Type == trial.EventFact {
			if a.Facts == nil {
				a.Facts = map[string]string{}
			}
			a.Facts[e.Name] = e.Text
		}
	}
	if m := a.Target.Measure; m != nil {
		if value, ok := m.of(spec, head, p.Size, events); ok {
			a.Numbers = append(a.Numbers, value)
		}
	}
}

// outcome is one line on a trial that failed otherwise.
func outcome(p judge.Probe) string {
	for _, f := range p.Findings {
		if f.Signature != "" {
			return f.Signature
		}
	}
	for _, f := range p.Findings {
		return string(f.Kind) + " " + f.What
	}
	return string(p.Outcome.Kind) + " " + p.Outcome.Text
}
