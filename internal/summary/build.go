package summary

import (
	"fmt"
	"slices"
	"strings"

	"brink/internal/explain"
	"brink/internal/judge"
	"brink/internal/trial"
)

// New makes the document of a run from its record. The explanation is nil before `brink explain`.
func New(t *judge.Table, events []trial.Event, finished bool, x *explain.Explanation) Summary {
	found := t.Findings()
	s := Summary{Format: Format, V: Version, Run: t.Head.ID, Build: t.Head.Build, Args: append([]string{}, t.Head.Args...), Seeded: t.Head.Seeded,
		Finished: finished, Scenario: scenarioOf(t), Kernel: t.Head.Kernel, Machine: t.Head.Machine, Facts: t.Facts, Explanation: x,
		Findings: []Finding{}, Ops: []Op{}, Signals: signalsOf(t), Rests: []Rest{}, Trials: trials(events)}
	if len(events) > 0 {
		s.Start, s.End = events[0].Host, events[len(events)-1].Host
	}
	for _, e := range events {
		if e.Type == trial.EventHello && s.Guest == nil && !e.Hello.Parked {
			s.Guest = e.Hello
		}
	}
	for _, f := range found {
		s.Findings = append(s.Findings, s.finding(f, events))
	}
	for _, p := range t.Probes {
		i := slices.IndexFunc(s.Trials, func(tr Trial) bool { return tr.Number == p.Trial && tr.Probe != nil })
		if i >= 0 {
			s.Trials[i].Shown = p.Shows(s.Trials[i].Probe.What, s.Trials[i].Probe.Kind)
		}
	}
	for _, op := range t.Spec.Ops {
		s.Ops = append(s.Ops, opOf(t, op))
	}
	for _, r := range t.Rests {
		s.Rests = append(s.Rests, restOf(r))
	}
	s.Verdict = s.verdict(t, found)
	return s
}

func scenarioOf(t *judge.Table) Scenario {
	axis, _ := t.Spec.Axis(t.Head.Axis)
	s := Scenario{Name: t.Head.Scenario, Title: t.Spec.Title, Incident: t.Spec.Incident, Axis: axis.Name, Unit: axis.Unit, Sizes: append([]int64{}, t.Head.Sizes...),
		Seed: t.Head.Seed, Settings: t.Head.Settings}
	for _, o := range t.Spec.Options {
		if v, ok := t.Head.Settings[o.Name]; ok && v != o.Default {
			if s.Changed == nil {
				s.Changed = map[string]string{}
			}
			s.Changed[o.Name] = v
		}
	}
	return s
}

// verdict says it in a sentence.
func (s *Summary) verdict(t *judge.Table, found []judge.Finding) Verdict {
	v := Verdict{Failed: len(found) > 0, Safe: t.Safe(found)}
	for _, tr := range s.Trials {
		if tr.Outcome.Kind == trial.Harness {
			v.Harness++
		} else {
			v.Trials++
		}
	}
	for _, f := range found {
		if f.Kind != judge.Growth && (v.Broken == 0 || f.Broken < v.Broken) {
			v.Broken = f.Broken
		}
	}
	if x := s.Explanation; x != nil {
		v.Class, v.Proven = string(x.Class), x.Proven
	}
	switch {
	case len(found) > 0:
		v.Text = s.Findings[0].Title
	case v.Safe > 0:
		v.Text = fmt.Sprintf("no failure up to %s %s", judge.Count(v.Safe), s.Scenario.Axis)
		if v.Trials > 0 {
			v.Text += fmt.Sprintf(" (%d of %d trials)", v.Trials, v.Trials)
		}
	default:
		v.Text = "nothing was measured to its end, and nothing failed"
	}
	if !s.Finished {
		v.Text = "not finished; so far: " + v.Text
	}
	return v
}

// finding adds the evidence to a finding.
func (s *Summary) finding(f judge.Finding, events []trial.Event) Finding {
	out := Finding{Finding: f, Title: s.title(f)}
	if told := report(f, events); told != nil {
		out.Subsystem, out.Console = told.Subsystem, lines(told.Text, f)
	}
	for _, t := range s.Trials {
		if t.Number == f.Trial && t.Outcome.Kind == f.Kind { // else they were saved for something else
			out.Captures = t.Captures
		}
	}
	if f.Trial > 0 {
		out.Log = folder(f.Trial) + "/console.log"
	}
	return out
}

// report returns what the kernel said of a finding: with its signature, else the first of its kind.
func report(f judge.Finding, events []trial.Event) (told *trial.Failure) {
	for _, e := range events {
		failure := e.Failure
		if e.Type == trial.EventOutcome {
			failure = e.Outcome.Failure
		}
		if failure == nil || e.Trial != f.Trial || failure.Text == "" {
			continue
		}
		switch {
		case f.Signature != "" && failure.Signature == f.Signature:
			return failure
		case told == nil && failure.Kind == f.Kind && !failure.Secondary:
			told = failure
		}
	}
	return told
}

// title is a finding in one line.
func (s *Summary) title(f judge.Finding) string {
	text := string(f.Kind)
	if f.Kind != judge.Growth { // the size of a growth is a prediction, and in its text
		text += fmt.Sprintf(" at %s %s", judge.Count(f.Broken), s.Scenario.Axis)
		if f.Safe > 0 {
			text += fmt.Sprintf(" (not at %s)", judge.Count(f.Safe))
		}
	}
	return text + ": " + f.Text
}

// lines cuts a report of the console into lines and marks those that name the failure.
func lines(text string, f judge.Finding) []Line {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return nil
	}
	headline, _, _ := strings.Cut(f.Text, " (during ")
	var out []Line
	for text := range strings.SplitSeq(text, "\n") {
		text = strings.TrimSuffix(text, "\r")
		guilty := f.Function != "" && names(text, f.Function) || headline != "" && strings.Contains(text, headline)
		out = append(out, Line{text, guilty})
	}
	none := !slices.ContainsFunc(out, func(l Line) bool { return l.Guilty })
	if none && f.Kind != trial.Deadline && f.Kind != trial.StuckTask { // those are stacks, others begin with a headline
		out[0].Guilty = true
	}
	return out
}

// names reports whether a line holds the function as a whole word, as in grow+0x12/0x40.
func names(line, function string) bool {
	word := func(r rune) bool {
		return r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	return slices.Contains(strings.FieldsFunc(line, func(r rune) bool { return !word(r) }), function)
}

func restOf(r judge.Rest) Rest {
	when := "before"
	switch {
	case r.Size == 0:
		when = "boot"
	case r.After:
		when = "after"
	}
	return Rest{r.Trial, r.Size, when, append([]trial.Canary{}, r.Canaries...), *r.Health}
}

func folder(number int) string { return fmt.Sprintf("trials/%03d", number) }

// trials lists the VMs that ended, those of the search included.
func trials(events []trial.Event) []Trial {
	all := []Trial{}
	var now Trial
	for _, e := range events {
		switch e.Type {
		case trial.EventTrial:
			now = Trial{Number: e.Trial, Start: e.Start, Began: e.Host, Probe: e.Plan.Probe, Folder: folder(e.Trial)}
		case trial.EventCapture:
			now.Captures = e.Captures
		case trial.EventOutcome:
			now.Number, now.Outcome, now.HostNS = e.Trial, *e.Outcome, e.Host.Sub(now.Began).Nanoseconds()
			all = append(all, now)
		}
	}
	return all
}
