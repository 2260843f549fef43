package formats

import (
	"fmt"
	"slices"
	"time"

	"brink/internal/summary"
	"brink/internal/trial"
)

// result is what a check says of the kernel. The zero value is invalid.
type result uint8

const (
	passed  result = iota + 1
	failed         // the kernel's doing
	skipped        // not possible with these settings, or never reached because something else failed before
	lost           // brink's or its host's fault, or the run was interrupted: it says nothing of the kernel
)

// group says what a check is about.
type group string

const (
	ofOp     group = "op"
	ofCanary group = "canary"
	ofLimit  group = "limit"  // of a signal
	ofKernel group = "kernel" // what the kernel said or died of, whatever it was asked for
	ofRun    group = "run"    // whether all was measured that was to be
)

// check is one question that a run answers: formats that tell good from bad have a test case for each.
type check struct {
	group    group
	name     string // of the op, the canary or the limit
	title    string // what it does
	result   result
	why      string            // in one line, unless it passed
	findings []summary.Finding // of a check that failed
	took     time.Duration     // guest time in it; of a canary, its longest
	op       *summary.Op
	parts    []part // of an op: one a size, ascending
}

// label is the check's name among all of a run.
func (c check) label() string {
	if c.group == ofCanary || c.group == ofLimit {
		return string(c.group) + " " + c.name
	}
	return c.name
}

// checks returns what a run answers: its ops, canaries, limits, the kernel, the run itself.
func checks(s summary.Summary) []check {
	var all []check
	for i := range s.Ops {
		all = append(all, opCheck(s, &s.Ops[i]))
	}
	all = append(all, canaryChecks(s)...)
	all = append(all, limitChecks(s)...)
	return append(all, kernelCheck(s, all), runCheck(s))
}

// opCheck takes the op's own findings, and those that took the guest's life during it.
func opCheck(s summary.Summary, op *summary.Op) check {
	c := check{group: ofOp, name: line(op.Name), title: line(op.Title), op: op}
	for _, f := range s.Findings {
		if c.owns(f) || f.Op == op.Name && f.Kind.Kills() {
			c.findings = append(c.findings, f)
		}
	}
	c.parts = parts(s, c)
	for _, p := range c.parts {
		if p.point != nil {
			for _, sample := range p.point.Samples {
				c.took += sample.Wall()
			}
		}
	}
	c.result, c.why = sum(c.parts)
	switch {
	case len(c.findings) > 0:
		c.result, c.why = failed, told(c.findings)
	case len(c.parts) == 0:
		c.result, c.why = unmeasured(s)
	}
	return c
}

// unmeasured says why something has no result.
func unmeasured(s summary.Summary) (result, string) {
	switch fault := fault(s); {
	case !s.Finished && fault != "":
		return lost, "harness fault: " + fault
	case !s.Finished:
		return lost, "the run is not finished"
	case s.Verdict.Failed:
		return skipped, "not measured: something failed before"
	}
	return skipped, "not measured"
}

// fault is what went wrong with brink or its host when the run stopped, if that is why. A trial that was lost earlier
// was repeated.
func fault(s summary.Summary) string {
	if n := len(s.Trials); n > 0 && s.Trials[n-1].Outcome.Kind == trial.Harness {
		return line(s.Trials[n-1].Outcome.Text)
	}
	return ""
}

func canaryChecks(s summary.Summary) (all []check) {
	for _, r := range s.Rests {
		for _, canary := range r.Canaries {
			i := slices.IndexFunc(all, func(c check) bool { return c.name == line(canary.Name) })
			if i < 0 {
				i = len(all)
				all = append(all, canaryCheck(s, canary.Name))
			}
			all[i].took = max(all[i].took, time.Duration(canary.NS))
		}
	}
	return all
}

func canaryCheck(s summary.Summary, name string) check {
	c := check{group: ofCanary, name: line(name), title: "whether the rest of the guest still works", result: passed}
	for _, f := range s.Findings {
		if f.What == "canary "+name {
			c.findings = append(c.findings, f)
			c.result, c.why = failed, told(c.findings)
		}
	}
	return c
}

// kernelCheck takes the findings that are nobody else's own.
func kernelCheck(s summary.Summary, others []check) check {
	c := check{group: ofKernel, name: "kernel", title: "whether the kernel complained, hung or died"}
	for _, f := range s.Findings {
		if !slices.ContainsFunc(others, func(o check) bool { return o.owns(f) }) {
			c.findings = append(c.findings, f)
		}
	}
	switch {
	case len(c.findings) > 0:
		c.result, c.why = failed, told(c.findings)
	case s.Verdict.Trials > 0:
		c.result = passed
	default:
		c.result, c.why = unmeasured(s)
	}
	return c
}

func runCheck(s summary.Summary) check {
	c := check{group: ofRun, name: "run", title: "whether all was measured that was to be", result: passed}
	if !s.Finished {
		_, why := unmeasured(s)
		c.result, c.why = lost, fmt.Sprintf("%s; `brink resume %s` goes on with it", why, line(s.Run))
	}
	return c
}
