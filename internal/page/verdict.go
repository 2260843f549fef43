package page

import (
	"fmt"
	"slices"

	"brink/internal/explain"
	"brink/internal/judge"
	"brink/internal/summary"
)

// verdict is the run in five seconds.
type verdict struct {
	Tone       string // bad, good, open: nothing failed, but not everything was measured
	Headline   string
	Kind       string // how it fails there
	Detail     string // what fails there
	Safe       string
	Broken     string
	Class      string // what it depends on
	ClassNote  string
	Explain    string // the command that would tell
	Signature  string
	SignedBy   int // number of the finding it is of, where it is not the first
	Confidence string
	Look       *look
}

// look is where to begin: the first function that is known, and the console.
type look struct {
	Function, Subsystem string
	Card                int // number of the finding
	Log                 link
}

func newVerdict(s summary.Summary) verdict {
	v := verdict{Tone: "good", Safe: "none", Broken: "none"}
	if s.Verdict.Trials > 0 {
		v.Detail = plural(s.Verdict.Trials, "trial", "trials") + " showed no failure"
	}
	if s.Verdict.Safe > 0 {
		v.Safe = sizeOf(s, s.Verdict.Safe)
	}
	switch {
	case s.Verdict.Failed && len(s.Findings) > 0:
		v.failed(s)
	case s.Verdict.Safe == 0:
		v.Tone, v.Headline = "open", "Nothing was measured to its end, and nothing failed"
	case !s.Finished:
		v.Tone, v.Headline = "open", "No failure so far, up to "+v.Safe
	default:
		v.Headline = "No failure up to " + v.Safe
	}
	return v
}

func (v *verdict) failed(s summary.Summary) {
	f := s.Findings[0]
	v.Tone, v.Kind, v.Detail, v.Headline = "bad", string(f.Kind), f.Text, "Cost grows faster than expected"
	if s.Verdict.Broken > 0 {
		v.Broken = sizeOf(s, s.Verdict.Broken)
		v.Headline = "Fails at " + v.Broken
	}
	v.Confidence = confidence(f)
	v.sign(s.Findings)
	v.class(s)
	v.Look = where(s.Findings)
}

// sign takes the first signature there is: what is only too slow has none.
func (v *verdict) sign(found []summary.Finding) {
	i := slices.IndexFunc(found, func(f summary.Finding) bool { return f.Signature != "" })
	if i >= 0 {
		v.Signature = found[i].Signature
	}
	if i > 0 {
		v.SignedBy = i + 1
	}
}

// class is what `brink explain` said, or that it has not been asked.
func (v *verdict) class(s summary.Summary) {
	x := s.Explanation
	switch {
	case x == nil:
		v.Class, v.Explain = "not explained yet", shell([]string{"brink", "explain", s.Run})
	case x.Class == explain.NotExplained:
		v.Class = string(x.Class)
	case x.Proven:
		v.Class, v.ClassNote = string(x.Class), "proven at 95%"
	default:
		v.Class, v.ClassNote = string(x.Class), fmt.Sprintf("not proven, confidence %.3f", x.Confidence)
	}
}

// confidence says what the size of a finding rests on.
func confidence(f summary.Finding) string {
	switch {
	case f.Confidence > 0 && f.Search != nil:
		return fmt.Sprintf("%.3f, from %s", f.Confidence, plural(f.Search.Boots, "fresh VM", "fresh VMs"))
	case f.Confidence > 0:
		return fmt.Sprintf("%.3f, from its %s", f.Confidence, f.Basis)
	case f.Basis == "ladder":
		return "seen in one VM, on the ladder"
	}
	return "none, rests on its " + f.Basis
}

// where finds the first finding that names a function, else the first one with a console of its own, else the first one.
func where(found []summary.Finding) *look {
	for _, tells := range []func(summary.Finding) bool{
		func(f summary.Finding) bool { return f.Function != "" },
		func(f summary.Finding) bool { return len(f.Console) > 0 },
		func(f summary.Finding) bool { return f.Kind != judge.Growth },
	} {
		if i := slices.IndexFunc(found, tells); i >= 0 {
			f := found[i]
			return &look{Function: f.Function, Subsystem: f.Subsystem, Card: i + 1, Log: logOf(f)}
		}
	}
	return nil
}

func logOf(f summary.Finding) link {
	if f.Log == "" {
		return link{}
	}
	return linkTo(f.Log)
}
