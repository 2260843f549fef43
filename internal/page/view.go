package page

import (
	"html/template"
	"time"

	"brink/internal/judge"
	"brink/internal/summary"
)

// listed is how many findings the verdict names.
const listed = 6

// view is what the templates show. Texts in it are ready, but not escaped.
type view struct {
	Run, Axis          string
	Title              string // of the window
	Scenario           string
	Kernel             string
	When               string // start and how long it took, host time
	Seeded, Unfinished bool
	Faults             string // what the harness lost
	Verdict            verdict
	Findings, More     []finding // all, and those that are named with the verdict
	Beyond             string    // how many are not
	Worth, Others      []figure  // ramps that say something, and those that only complete the picture
	Signals            []signalFigure
	Ops                opTable
	Rests              restTable
	Ladder, Probes     []trialRow
	Searched           string // how many probes
	Explained          *explained
	Facts              []fact
	Repeat             repeat

	Plots           []plot // of all ramps, in their order
	SignalPlots     []signalPlot
	Data            template.JS
	Policy          string
	Style           template.CSS
	Library, Script template.JS
}

func newView(s summary.Summary) *view {
	v := &view{Run: s.Run, Axis: s.Scenario.Axis, Scenario: s.Scenario.Title, Kernel: s.Kernel.Name, When: when(s), Seeded: s.Seeded,
		Unfinished: !s.Finished, Verdict: newVerdict(s), Findings: newFindings(s), Ops: newOps(s), Rests: newRests(s),
		Explained: newExplained(s), Facts: newFacts(s), Repeat: newRepeat(s), Plots: []plot{}}
	v.Title = v.Verdict.Headline + ", " + s.Scenario.Name + " on " + s.Kernel.Name
	if s.Verdict.Harness > 0 {
		v.Faults = plural(s.Verdict.Harness, "trial was", "trials were") + " lost"
	}
	v.more()
	v.trials(s)
	v.figures(s)
	v.Signals, v.SignalPlots = newSignals(s)
	return v
}

// more names the findings after the first one, which is the verdict's.
func (v *view) more() {
	if len(v.Findings) > 1 {
		v.More = v.Findings[1:min(listed, len(v.Findings))]
	}
	if n := len(v.Findings) - listed; n > 0 {
		v.Beyond = "and " + plural(n, "finding", "findings") + " more"
	}
}

func (v *view) trials(s summary.Summary) {
	for _, t := range s.Trials {
		if t.Probe == nil {
			v.Ladder = append(v.Ladder, newTrial(t))
		} else {
			v.Probes = append(v.Probes, newTrial(t))
		}
	}
	v.Searched = plural(len(v.Probes), "fresh VM", "fresh VMs")
}

func (v *view) figures(s summary.Summary) {
	for i, op := range s.Ops {
		f, p := newFigure(s, i)
		if p != nil {
			v.Plots = append(v.Plots, *p)
		}
		if worth(s, op) {
			v.Worth = append(v.Worth, f)
		} else {
			v.Others = append(v.Others, f)
		}
	}
}

// when says when the run was, in UTC, and how long it took.
func when(s summary.Summary) string {
	if s.Start.IsZero() {
		return ""
	}
	text := s.Start.UTC().Format("2006-01-02 15:04 UTC")
	if took := s.End.Sub(s.Start); took >= time.Second {
		text += ", took " + took.Round(time.Second).String()
	}
	return text
}

// sizeOf is a size with its axis, as 16,384 peers.
func sizeOf(s summary.Summary, n int64) string {
	if n == 1 {
		return "1 " + s.Scenario.Unit
	}
	return judge.Count(n) + " " + s.Scenario.Axis
}
