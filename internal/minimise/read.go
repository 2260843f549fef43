package minimise

import (
	"encoding/json"
	"fmt"
	"slices"

	"brink/internal/explain"
	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Line is one line of the record of a minimisation. The first line of a trial says what is tried.
type Line struct {
	Try *Try `json:"try,omitempty"`
	trial.Event
}

// Try is what a trial is about.
type Try struct {
	Target    explain.Target `json:"target"`
	Candidate Candidate      `json:"candidate"`
	What      string         `json:"what"`
	Confirm   bool           `json:"confirm,omitempty"`
}

// ParseLine reads one line.
func ParseLine(text []byte) (Line, error) {
	e, err := trial.ParseEvent(text)
	if err != nil {
		return Line{}, err
	}
	var of struct {
		Try *Try `json:"try"`
	}
	if err := json.Unmarshal(text, &of); err != nil {
		return Line{}, fmt.Errorf("parse trial: %w", err)
	}
	if e.Type == trial.EventTrial && (of.Try == nil || e.Plan.Probe == nil) {
		return Line{}, fmt.Errorf("parse trial: it does not say what is tried")
	}
	return Line{Try: of.Try, Event: e}, nil
}

// LastTrial returns the highest number a trial has, 0 without any.
func LastTrial(lines []Line) int {
	last := 0
	for _, l := range lines {
		last = max(last, l.Trial)
	}
	return last
}

// Boots counts the VMs that were spent on a target, those that were cut off included.
func Boots(lines []Line, target explain.Target) int { return len(trials(lines, target)) }

// same reports whether two targets are one question; their texts may differ.
func same(a, b explain.Target) bool {
	return a.What == b.What && a.Kind == b.Kind && a.Broken == b.Broken && a.At == b.At
}

// Read counts what the trials of each candidate showed. The spec is not scaled to a machine. A trial without an outcome
// was cut off and says nothing.
func Read(spec scenario.Spec, head trial.Run, target explain.Target, lines []Line) map[string]Tally {
	known := map[string]Tally{}
	for _, own := range trials(lines, target) {
		t := own[0].Try
		if p, ok := probe(spec, head, target, own); ok {
			tally := known[t.Candidate.Key()]
			tally.count(p, target, t.Confirm)
			known[t.Candidate.Key()] = tally
		}
	}
	return known
}

// probe reads one trial; ok is false while it has no outcome.
func probe(spec scenario.Spec, head trial.Run, target explain.Target, lines []Line) (p judge.Probe, ok bool) {
	c := lines[0].Try.Candidate
	head.Machine, head.Settings = c.Machine, c.Settings
	events := make([]trial.Event, len(lines))
	for i, l := range lines {
		events[i] = l.Event
	}
	probes := judge.ReadAgainst(spec.Scaled(head.Machine.Slowdown()), head, events, target.What, target.Rungs).Probes
	if len(probes) == 0 {
		return p, false
	}
	return probes[0], true
}

// shows reports whether a VM showed the target: the same thing in the same way.
func shows(p judge.Probe, target explain.Target) bool {
	is := func(f judge.Finding) bool { return f.What == target.What && f.Kind == target.Kind }
	return slices.ContainsFunc(p.Findings, is)
}

// trials parts the lines of a target by trial.
func trials(lines []Line, target explain.Target) (all [][]Line) {
	mine := false
	for _, l := range lines {
		if l.Type == trial.EventTrial {
			if mine = same(l.Try.Target, target); mine {
				all = append(all, nil)
			}
		}
		if mine {
			all[len(all)-1] = append(all[len(all)-1], l)
		}
	}
	return all
}

// count takes in how one VM ended.
func (t *Tally) count(p judge.Probe, target explain.Target, confirm bool) {
	if p.Outcome.Kind == trial.Harness {
		t.Harness++
		t.Last = "harness: " + p.Outcome.Text
		return
	}
	shown := shows(p, target)
	if shown {
		t.Shown++
	} else {
		t.Missed++
		t.Last = instead(p)
	}
	if confirm {
		t.Confirming++
		if shown {
			t.Confirmed++
		}
	}
}

// instead says what a VM did that did not show the target.
func instead(p judge.Probe) string {
	if len(p.Findings) > 0 {
		return fmt.Sprintf("%s: %s", p.Findings[0].Kind, p.Findings[0].Text)
	}
	if p.Outcome.Kind == trial.Completed {
		return "no failure"
	}
	return fmt.Sprintf("%s: %s", p.Outcome.Kind, p.Outcome.Text)
}
