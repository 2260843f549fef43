package plain

import (
	"errors"
	"fmt"
	"strings"
	"text/template"
	"time"
	"unicode"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// ErrNone says that the scenario has no plain script for a finding.
var ErrNone = errors.New("no plain script")

// maxLines is what fits on a page.
const maxLines = 60

// maxTitle bounds the finding in the script's head, in runes; commentWidth breaks it into lines, in bytes.
const (
	maxTitle     = 200
	commentWidth = 80
)

// Data is what a script's template is given.
type Data struct {
	N             int64  // the size, default of the script's first argument
	Op            string // of the finding, as in the scenario's spec
	Kind          string // of the finding, as trial.Kind
	Limit         string // what the script must hold the op's time against, in ms, as shell arithmetic; empty: nothing
	Expect        string // what to expect, in one line
	Settings      scenario.Settings
	KernelRelease string // uname -r where it was found
	Title         string // the finding, as the lines of a comment that has begun
	// Sizes says between which sizes it was found: "fails at 83, not at 82".
	Sizes string
}

// Script is a plain reproducer of one finding.
type Script struct {
	Finding  judge.Finding
	Text     string
	Size     int64         // its default size
	Safe     int64         // a size at which it must not fail, 0 for none
	Op       string        // as the script's FAILED line names it
	Tools    []string      // programs it needs, sh included
	Deadline time.Duration // of its op, in guest time
}

// Render writes the script of a finding. A size of 0 means the finding's own (Sizes). The title is the finding in one line;
// kernel is uname -r. Without a script for it the error wraps ErrNone.
func Render(spec scenario.Spec, f judge.Finding, title string, size int64, set map[string]string, kernel string) (Script, error) {
	settings, err := spec.Settings(set)
	if err != nil {
		return Script{}, err
	}
	p, err := choose(spec, f, settings)
	if err != nil {
		return Script{}, err
	}
	at, safe := Sizes(f)
	if size != 0 {
		at = size
	}
	if safe >= at {
		safe = 0
	}
	op, _ := spec.Op(f.Op)
	s := Script{Finding: f, Size: at, Safe: safe, Op: f.Op, Tools: append([]string{"sh"}, p.Tools...), Deadline: op.Deadline}
	s.Text, err = fill(p, s.data(op, settings, title, kernel))
	return s, err
}

func (s Script) data(op scenario.Op, set scenario.Settings, title, kernel string) Data {
	d := Data{N: s.Size, Op: s.Op, Kind: string(s.Finding.Kind), Settings: set, KernelRelease: oneLine(kernel), Title: comment(title),
		Sizes: found(s.Finding)}
	const exit = "; prints FAILED, exit status 1"
	switch s.Finding.Kind {
	case judge.Budget:
		d.Limit, d.Expect = arithmetic(op.Budget), "takes more than its budget of "+words(op.Budget)+exit
	case trial.Deadline:
		d.Limit, d.Expect = fmt.Sprint(s.Deadline.Milliseconds()), fmt.Sprintf("takes more than %v%s", s.Deadline, exit)
	case trial.OpRefused:
		d.Expect = "the kernel refuses it:" + oneLine(s.refusal()) + exit
	default:
		d.Expect = string(s.Finding.Kind) + ", as the kernel's log tells"
	}
	return d
}

// choose returns the first script that shows the finding with these settings.
func choose(spec scenario.Spec, f judge.Finding, set scenario.Settings) (scenario.Plain, error) {
	why := fmt.Sprintf("scenario %s has none for %s of %s", spec.Name, f.Kind, f.What)
	// A growth shows over many sizes, and its own is a prediction; the signals of a limit are recorded by nobody but brink.
	if f.Kind == judge.Growth || f.Kind == judge.OverLimit {
		return scenario.Plain{}, fmt.Errorf("%w: %s", ErrNone, why)
	}
	for _, p := range spec.Plain {
		if !p.Shows(f.Op, string(f.Kind)) {
			continue
		}
		option, ok := p.Fits(set)
		if ok {
			return p, nil
		}
		why = fmt.Sprintf("that for %s (%s) does not know %s=%s", f.Op, p.Title, option, set[option])
	}
	return scenario.Plain{}, fmt.Errorf("%w: %s", ErrNone, why)
}

// Sizes returns the size at which a script should show a finding, and one at which it must not, 0 for none. A script's
// clock is coarse and the start of a program is in what it times, so that it cannot tell the two sides of a threshold that
// was searched: what is only too slow is shown where the ladder saw it, and not at half of the safe size or below.
func Sizes(f judge.Finding) (at, safe int64) {
	if f.Kind != judge.Budget || f.Search == nil {
		return f.Broken, f.Safe
	}
	at, safe = max(f.Broken, f.Search.Ladder[1]), f.Search.Ladder[0]
	if safe == 0 {
		safe = f.Safe / 2
	}
	return at, safe
}

func found(f judge.Finding) string {
	if f.Safe > 0 {
		return fmt.Sprintf("fails at %d, not at %d", f.Broken, f.Safe)
	}
	return fmt.Sprintf("fails at %d", f.Broken)
}

func words(b scenario.Budget) string {
	if b.PerUnit == 0 {
		return judge.Duration(b.Base)
	}
	return judge.Duration(b.Base) + " + " + judge.Duration(b.PerUnit) + " each"
}

// arithmetic writes a budget for the shell, which knows whole numbers only.
func arithmetic(b scenario.Budget) string {
	const ms = time.Millisecond
	switch {
	case b.PerUnit == 0:
		return fmt.Sprint(b.Base.Milliseconds())
	case b.Base%ms == 0 && b.PerUnit == ms:
		return fmt.Sprintf("%d + n", b.Base.Milliseconds())
	case b.Base%ms == 0 && b.PerUnit%time.Microsecond == 0:
		return fmt.Sprintf("%d + n * %d / 1000", b.Base.Milliseconds(), b.PerUnit.Microseconds())
	}
	return fmt.Sprintf("(%d + n * %d) / 1000000", b.Base.Nanoseconds(), b.PerUnit.Nanoseconds())
}

// oneLine makes a text safe for a comment: it may come from a guest, and a line break would end the comment.
func oneLine(text string) string {
	var line []rune
	for _, r := range text {
		if !unicode.IsPrint(r) {
			r = ' '
		}
		if line = append(line, r); len(line) > maxTitle {
			return string(line[:maxTitle-1]) + "…"
		}
	}
	return string(line)
}

// comment breaks a text into lines of a shell comment that has begun.
func comment(text string) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(oneLine(text)) {
		if line != "" && len(line)+len(word) >= commentWidth {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return strings.Join(append(lines, line), "\n#   ")
}

// fill renders the template and checks that a whole script came out.
func fill(p scenario.Plain, d Data) (string, error) {
	t, err := template.New(p.Title).Option("missingkey=error").Parse(p.Script)
	if err != nil {
		return "", fmt.Errorf("parse plain script: %w", err)
	}
	var text strings.Builder
	if err := t.Execute(&text, d); err != nil {
		return "", fmt.Errorf("render plain script: %w", err)
	}
	return text.String(), check(text.String())
}

func check(text string) error {
	switch {
	case !strings.HasPrefix(text, "#!/bin/sh\n") || !strings.HasSuffix(text, "\n"):
		return errors.New("render plain script: it is no shell script")
	case strings.Contains(text, "{{") || strings.Contains(text, "}}") || strings.Contains(text, "<no value>"):
		return errors.New("render plain script: something of the template is left in it")
	case !strings.Contains(text, scenario.PlainNow) || !strings.Contains(text, scenario.PlainFailed):
		return fmt.Errorf("render plain script: it never prints %q or %q", scenario.PlainNow, scenario.PlainFailed)
	case strings.Count(text, "\n") > maxLines:
		return fmt.Errorf("render plain script: it has more than %d lines", maxLines)
	}
	return nil
}

// Steps are those of a trial that runs the script once: then comes a look at the guest, which finds error lines of the kernel's.
func (s Script) Steps(size int64) []trial.Step {
	return []trial.Step{
		{Kind: trial.StepOp, Op: scenario.PlainOp, Size: size, Reps: 1, Deadline: s.Deadline + time.Hour},
		{Kind: trial.StepSettle, Size: size}, {Kind: trial.StepCanary, Size: size},
	}
}

// Settings carry the script into the guest.
func (s Script) Settings() scenario.Settings {
	return scenario.Settings{scenario.PlainScript: s.Text, scenario.PlainDeadline: s.Deadline.String()}
}
