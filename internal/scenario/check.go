package scenario

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
)

var word = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// Check reports every mistake in a spec, for the test of the catalog.
func (s Spec) Check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(s.Name+": "+format, args...)) }
	if !word.MatchString(s.Name) {
		bad("name is not one lower-case word")
	}
	if s.Title == "" || s.Incident == "" || len(s.Axes) == 0 || len(s.Ops) == 0 {
		bad("needs a title, an incident, an axis and an op")
	}
	for _, a := range s.Axes {
		if !word.MatchString(a.Name) || a.Unit == "" {
			bad("axis %s: needs a name and a unit", a.Name)
		}
		if a.Min < 1 || a.From < a.Min || a.To < a.From || a.Max < a.To {
			bad("axis %s: want 1 <= min <= from <= to <= max", a.Name)
		}
	}
	for _, a := range s.Axes {
		if !slices.ContainsFunc(s.Ops, func(o Op) bool { return o.Grows() && onAxis(o.Axes, a.Name) }) {
			bad("axis %s: no op leads to the size", a.Name)
		}
	}
	for _, o := range s.Ops {
		if !word.MatchString(o.Name) || o.From == 0 || o.To == 0 || o.Reps < 1 || o.Growth == "" {
			bad("op %s: needs name, from, to, reps and growth", o.Name)
		}
		if o.Deadline < MinDeadline {
			bad("op %s: a deadline below %v would come before the kernel's own detectors", o.Name, MinDeadline)
		}
		if o.Budget == (Budget{}) {
			bad("op %s: needs a budget", o.Name)
		}
	}
	for _, name := range s.repeated() {
		bad("%s is there twice", name)
	}
	if i := slices.IndexFunc(s.Options, func(o Option) bool { return o.Name == s.Rate }); s.Rate != "" &&
		(i < 0 || s.Options[i].Kind != Int && s.Options[i].Kind != Float) {
		bad("rate %s is no option that is a number", s.Rate)
	}
	for _, o := range s.Options {
		if !word.MatchString(o.Name) || o.Kind < Int || o.Kind > Choice {
			bad("option %s: needs a name and a kind", o.Name)
		} else if _, err := o.parse(o.Default); err != nil {
			bad("default: %v", err)
		}
	}
	errs = append(errs, s.checkSignals()...)
	return errors.Join(append(errs, s.checkPlain()...)...)
}

// repeated returns what has the name of another one of its sort.
func (s Spec) repeated() (twice []string) {
	seen := map[string]bool{}
	note := func(name string) {
		if seen[name] {
			twice = append(twice, name)
		}
		seen[name] = true
	}
	for _, a := range s.Axes {
		note("axis " + a.Name)
	}
	for _, o := range s.Ops {
		note("op " + o.Name)
	}
	for _, o := range s.Options {
		note("option " + o.Name)
	}
	return twice
}

// checkSignals reports the mistakes in signals and limits.
func (s Spec) checkSignals() (errs []error) {
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(s.Name+": "+format, args...)) }
	known := func(name string) bool {
		return slices.ContainsFunc(s.Signals, func(x Signal) bool { return x.Name == name })
	}
	for _, x := range s.Signals {
		if !word.MatchString(x.Name) || x.Unit == "" || x.Title == "" {
			bad("signal %s: needs a name, a unit and a title", x.Name)
		}
	}
	for _, l := range s.Limits {
		switch {
		case !word.MatchString(l.Name) || l.Title == "" || l.Bound <= 0:
			bad("limit %s: needs a name, a title and a bound", l.Name)
		case !known(l.Signal) || (l.Form != Above) != known(l.Of):
			bad("limit %s: is on %q of %q, and one of them is no signal", l.Name, l.Signal, l.Of)
		case l.Form != Above && l.Form != Times && l.Form != Collapse:
			bad("limit %s: unknown form %q", l.Name, l.Form)
		}
	}
	return errs
}
