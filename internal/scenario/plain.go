package scenario

import (
	"fmt"
	"slices"
	"text/template"
)

// Plain is a shell script that shows a failure of the scenario without brink, for a maintainer who trusts only what fits
// on a page. It takes the size as its first argument, prints what it does, and ends with
//
//	0  when the op went well, or the kernel does not return from it at all
//	1  when it saw the failure itself: its last line begins with PlainFailed
//	2  when it could not do its work, or anything above
type Plain struct {
	Title string // what the script does, in a few words
	// Ops are those whose failures the script shows. Kinds are the outcomes it can show, by their names in the record
	// (trial.Kind); empty: every kind.
	Ops, Kinds []string
	// Only says with which values of an option the script does what the op does. An option that is not there is either
	// used by the script or of no consequence to the op.
	Only map[string][]string
	// Tools are the programs it calls beside sh, by name.
	Tools []string
	// Script is a text/template over plain.Data.
	Script string
}

// Shows reports whether the script shows failures of that kind during that op.
func (p Plain) Shows(op, kind string) bool {
	return slices.Contains(p.Ops, op) && (len(p.Kinds) == 0 || slices.Contains(p.Kinds, kind))
}

// Fits reports whether the script does what the op does with these settings; if not, option is one that it cannot follow.
func (p Plain) Fits(set Settings) (option string, ok bool) {
	for name, values := range p.Only {
		if !slices.Contains(values, set[name]) {
			return name, false
		}
	}
	return "", true
}

// What a plain script's output says to who watches it.
const (
	// PlainNow begins the line before the op. A script that is silent for the op's deadline after it hangs.
	PlainNow = "now: "
	// PlainFailed begins the line that says that the script saw the failure itself: "FAILED: OP at N UNITS: TEXT".
	PlainFailed = "FAILED: "
)

// The plan of a trial that runs a plain script: the agent's own scenario, its one op, and the settings that carry the
// script and the deadline of its op, in the format of time.Duration.
const (
	PlainScenario = "plain"
	PlainOp       = "script"
	PlainScript   = "script"
	PlainDeadline = "deadline"
)

// checkPlain reports the mistakes in the plain scripts.
func (s Spec) checkPlain() (errs []error) {
	for _, p := range s.Plain {
		bad := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("%s: plain script %q: "+format, append([]any{s.Name, p.Title}, args...)...))
		}
		if p.Title == "" || len(p.Ops) == 0 || len(p.Tools) == 0 {
			bad("needs a title, an op and tools")
		}
		if _, err := template.New("").Parse(p.Script); err != nil {
			bad("is no template: %v", err)
		} else if p.Script == "" {
			bad("is empty")
		}
		for name, values := range p.Only {
			i := slices.IndexFunc(s.Options, func(o Option) bool { return o.Name == name })
			if i < 0 {
				bad("names the option %s, which is not there", name)
				continue
			}
			for _, v := range values {
				if _, err := s.Options[i].parse(v); err != nil {
					bad("%v", err)
				}
			}
		}
	}
	return errs
}
