package plain

import (
	"fmt"
	"slices"
	"strings"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Version is the version of the verdict's format.
const Version = 1

// Verdict says whether the script was seen to show the finding, and on what. It lies beside the script as JSON.
type Verdict struct {
	V        int           `json:"v"`
	Verified bool          `json:"verified"`
	Text     string        `json:"text"`      // the verdict in one line
	Want     string        `json:"want"`      // what had to be seen
	Seen     string        `json:"seen"`      // what was seen at the size
	Size     int64         `json:"size"`      // at which the script was to fail
	SafeSize int64         `json:"safe_size"` // at which it was not to fail; 0: it was not run there
	SafeSeen string        `json:"safe_seen,omitempty"`
	What     string        `json:"what"` // of the finding
	Kind     trial.Kind    `json:"kind"`
	Finding  judge.Finding `json:"finding"` // what was to be shown
	Run      string        `json:"run"`     // ID of the run that found it
	Build    string        `json:"build"`   // of the brink that verified
	Script   string        `json:"script"`  // sha256 of the script that was run
	Kernel   trial.Kernel  `json:"kernel"`
	Machine  trial.Machine `json:"machine"`
	Runs     []Run         `json:"runs"`
}

// Run is one run of the script in a fresh VM.
type Run struct {
	Size       int64      `json:"size"`
	Outcome    trial.Kind `json:"outcome"`
	Text       string     `json:"text,omitempty"`   // of the outcome
	Failed     string     `json:"failed,omitempty"` // the script's own FAILED line
	Output     string     `json:"output,omitempty"` // of the script, bounded; empty where the guest did not survive: its console has what came out
	Signatures []string   `json:"signatures,omitempty"`
	Function   string     `json:"function,omitempty"` // where the task hung, if that was the outcome
	Ended      bool       `json:"ended"`              // the script ended by itself, with status 0
	Folder     string     `json:"folder"`             // in the run folder
}

// Watch makes the record of one run of the script out of the trial's events and outcome.
func Watch(size int64, events []trial.Event, end trial.Outcome, folder string) Run {
	r := Run{Size: size, Outcome: end.Kind, Text: end.Text, Folder: folder}
	note := func(f *trial.Failure) {
		if f != nil && f.Signature != "" && !slices.Contains(r.Signatures, f.Signature) {
			r.Signatures = append(r.Signatures, f.Signature)
		}
	}
	for _, e := range events {
		if e.Type == trial.EventKernel && !e.Failure.Expected {
			note(e.Failure)
		}
		if e.Op != scenario.PlainOp {
			continue
		}
		switch e.Type {
		case trial.EventOpError:
			r.Output = e.Text
			if strings.HasPrefix(e.Err.Message, scenario.PlainFailed) {
				r.Failed = e.Err.Message
			}
		case trial.EventEnd:
			r.Output, r.Ended = e.Text, true
		}
	}
	note(end.Failure)
	if end.Failure != nil && (end.Kind == trial.StuckTask || end.Kind == trial.Deadline) {
		r.Function = end.Failure.Function
	}
	return r
}

// NeedsSafe reports whether the script must also be seen not to fail, at its safe size: only its own word tells of the
// failure, and it could say so at any size.
func (s Script) NeedsSafe() bool {
	return s.Safe > 0 && (s.Finding.Kind == judge.Budget || s.Finding.Kind == trial.OpRefused)
}

// Judge says whether the runs show the finding: broken at the script's size, safe (nil if it was not run) at its safe size.
func (s Script) Judge(broken Run, safe *Run) Verdict {
	v := Verdict{V: Version, Want: s.want(), Seen: broken.Seen(), What: s.Finding.What, Kind: s.Finding.Kind, Finding: s.Finding, Size: broken.Size,
		Runs: []Run{broken}}
	if safe != nil {
		v.SafeSize, v.SafeSeen, v.Runs = safe.Size, safe.Seen(), append(v.Runs, *safe)
	}
	switch {
	case !s.Shown(broken):
		v.Text = fmt.Sprintf("not verified: saw %s instead of %s", v.Seen, v.Want)
	case safe == nil && s.NeedsSafe():
		v.Text = fmt.Sprintf("not verified: saw %s, but it was not run at %d", v.Seen, s.Safe)
	case safe != nil && !safe.Ended:
		v.Text = fmt.Sprintf("not verified: saw %s, but at %d, where nothing should fail, saw %s", v.Seen, safe.Size, v.SafeSeen)
	case safe != nil:
		v.Verified, v.Text = true, fmt.Sprintf("verified: saw %s, and at %d no failure", v.Seen, safe.Size)
	default:
		v.Verified, v.Text = true, "verified: saw "+v.Seen
	}
	return v
}

// Shown reports whether a run showed the finding itself.
func (s Script) Shown(r Run) bool {
	f := s.Finding
	switch f.Kind {
	case judge.Budget, trial.OpRefused:
		return strings.HasPrefix(r.Failed, scenario.PlainFailed+s.Op+" at ") &&
			strings.Contains(strings.ToLower(r.Failed), strings.ToLower(s.refusal()))
	case trial.Deadline: // the script's silence is seen by the agent, which calls it a stuck task
		return (r.Outcome == trial.StuckTask || r.Outcome == trial.Deadline) && (f.Function == "" || r.Function == f.Function)
	}
	if f.Signature == "" {
		return r.Outcome == f.Kind
	}
	return slices.Contains(r.Signatures, f.Signature)
}

// refusal is what the script's line must say of the kernel's refusal: the errno's text, at the end of the finding's. The C
// library's programs, which the script calls, write it with a capital.
func (s Script) refusal() string {
	if s.Finding.Kind != trial.OpRefused {
		return ""
	}
	text, _, _ := strings.Cut(s.Finding.Text, " (")
	return text[strings.LastIndex(text, ": ")+1:]
}

func (s Script) want() string {
	f := s.Finding
	switch {
	case f.Kind == judge.Budget:
		return fmt.Sprintf("%s%s over its budget", scenario.PlainFailed, s.Op)
	case f.Kind == trial.OpRefused:
		return scenario.PlainFailed + s.Op + ":" + s.refusal()
	case f.Kind == trial.Deadline && f.Function != "":
		return fmt.Sprintf("%s not done after %v, in %s", s.Op, s.Deadline, f.Function)
	case f.Kind == trial.Deadline:
		return fmt.Sprintf("%s not done after %v", s.Op, s.Deadline)
	case f.Signature == "":
		return string(f.Kind)
	}
	return f.Signature
}

// Seen says what a run showed, in one line.
func (r Run) Seen() string {
	switch {
	case r.Function != "":
		return oneLine(r.Text + " in " + r.Function)
	case len(r.Signatures) > 0 && r.Outcome != trial.OpRefused:
		return strings.Join(r.Signatures, ", ")
	case r.Failed != "" && len(r.Signatures) > 0:
		return oneLine(r.Failed) + "; " + strings.Join(r.Signatures, ", ")
	case r.Failed != "":
		return oneLine(r.Failed)
	case r.Outcome == trial.Completed:
		return "no failure"
	}
	return oneLine(string(r.Outcome) + ": " + r.Text)
}
