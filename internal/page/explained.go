package page

import (
	"fmt"
	"strings"

	"brink/internal/explain"
	"brink/internal/summary"
)

// explained is what the experiment of `brink explain` said.
type explained struct {
	Of, Class, Doubt, Why string
	Changes               []string
	Repeat                string // the command that may prove it
	Boots                 string
	Arms                  []arm
}

type arm struct{ Factor, Change, Fails, Interval, Verdict string }

func newExplained(s summary.Summary) *explained {
	x := s.Explanation
	if x == nil {
		return nil
	}
	out := &explained{Of: fmt.Sprintf("%s at %s: %s", x.Target.Kind, sizeOf(s, x.Target.Broken), x.Target.Text), Class: string(x.Class), Why: x.Why,
		Changes: x.Changes, Boots: plural(x.Boots, "fresh VM", "fresh VMs")}
	if x.Class != explain.NotExplained && !x.Proven {
		out.Doubt = fmt.Sprintf("not proven, confidence %.3f", x.Confidence)
	}
	if x.Repeat > 0 {
		out.Repeat = shell([]string{"brink", "explain", s.Run, "--repeat", fmt.Sprint(x.Repeat)})
	}
	for _, c := range x.Arms {
		out.Arms = append(out.Arms, armOf(c))
	}
	return out
}

func armOf(c explain.Comparison) arm {
	a := arm{Factor: string(c.Factor), Change: c.Change, Fails: "-", Interval: "-", Verdict: string(c.Verdict)}
	if n := c.Failed + c.Passed; n > 0 {
		a.Fails, a.Interval = fmt.Sprintf("%d of %d", c.Failed, n), fmt.Sprintf("%.0f%% to %.0f%%", 100*c.Rate.Low, 100*c.Rate.High)
		if c.Base != "" && c.Verdict != explain.Untried && c.Verdict != explain.Stays {
			a.Verdict += fmt.Sprintf(", confidence %.3f", 1-c.PAll)
		}
	}
	if c.Skipped != "" && c.Boots() == 0 {
		a.Verdict += ": " + c.Skipped
	}
	if c.Other > 0 {
		a.Verdict += fmt.Sprintf("; %d failed otherwise: %s", c.Other, strings.Join(c.Others, ", "))
	}
	if c.Harness > 0 {
		a.Verdict += fmt.Sprintf("; %s: %s", plural(c.Harness, "harness fault", "harness faults"), c.Fault)
	}
	return a
}
