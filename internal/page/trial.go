package page

import (
	"brink/internal/judge"
	"brink/internal/summary"
	"brink/internal/trial"
)

// trialRow is one VM.
type trialRow struct {
	Number                       int
	Start, Kind, Size, Op, Probe string
	Text, Took                   string
	Fault, Bad                   bool // lost by the harness; failed
	Files                        []link
	Missing                      []string
}

func newTrial(t summary.Trial) trialRow {
	o := t.Outcome
	r := trialRow{Number: t.Number, Start: string(t.Start), Kind: string(o.Kind), Size: "-", Op: o.Op, Text: o.Text, Took: duration(t.HostNS),
		Fault: o.Kind == trial.Harness, Bad: o.Kind != trial.Harness && o.Kind != trial.Completed}
	if r.Fault {
		r.Kind = "harness fault"
	}
	if o.Size > 0 {
		r.Size = judge.Count(o.Size)
	}
	if t.Probe != nil {
		r.Probe = judge.Count(t.Probe.Size)
	}
	if t.Shown && o.Kind == trial.Completed { // an op that is only too slow
		r.Kind, r.Bad = string(t.Probe.Kind), true
	}
	folder := t.Folder
	saved, _, missing := captures(folder, t.Captures)
	r.Files, r.Missing = append([]link{linkTo(folder, "console.log")}, saved...), missing
	return r
}
