package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/scenarios"
)

type listCmd struct{}

func (listCmd) Run(a *app) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, s := range scenarios.All() {
		fmt.Fprintf(w, "%s: %s\n  incident: %s\n", s.Name, s.Title, s.Incident)
		for _, x := range s.Axes {
			fmt.Fprintf(w, "  axis %s: %s, %s to %s, by default %s\n", x.Name, x.Title, judge.Count(x.Min), judge.Count(x.Max), ladder(x))
		}
		for _, o := range s.Ops {
			fmt.Fprintf(w, "  op %s\t%s%s\t%s\tbudget %s\n", o.Name, o.Title, only(o.Axes), o.Growth, budget(o.Budget))
		}
		for _, x := range s.Signals {
			fmt.Fprintf(w, "  signal %s\t%s (%s)\n", x.Name, x.Title, x.Unit)
		}
		for _, l := range s.Limits {
			fmt.Fprintf(w, "  limit %s\t%s: %s%s\n", l.Name, l.Title, bound(s, l), only(l.Axes))
		}
		for _, o := range s.Options {
			fmt.Fprintf(w, "  --set %s=%s\t%s\n", o.Name, o.Default, help(o))
		}
	}
	return w.Flush()
}

// ladder is what an axis climbs by default.
func ladder(x scenario.Axis) string {
	if len(x.Steps) == 0 {
		return judge.Count(x.From) + " to " + judge.Count(x.To)
	}
	var steps []string
	for _, n := range x.Steps {
		steps = append(steps, judge.Count(n))
	}
	return strings.Join(steps, ", ")
}

// bound says what passes a limit.
func bound(s scenario.Spec, l scenario.Limit) string {
	switch l.Form {
	case scenario.Times:
		return fmt.Sprintf("%s above %g times %s", l.Signal, l.Bound, l.Of)
	case scenario.Collapse:
		return fmt.Sprintf("%s below %g of its peak while %s rises", l.Signal, l.Bound, l.Of)
	}
	i := slices.IndexFunc(s.Signals, func(x scenario.Signal) bool { return x.Name == l.Signal })
	return fmt.Sprintf("%s above %s", l.Signal, judge.Quantity(l.Bound, s.Signals[i].Unit))
}

// only names the axes that an op is done on, if those are not all.
func only(axes []string) string {
	if len(axes) == 0 {
		return ""
	}
	return " [" + strings.Join(axes, ", ") + "]"
}

func help(o scenario.Option) string {
	if o.Kind == scenario.Choice {
		return o.Help + ": " + strings.Join(o.Choices, ", ")
	}
	return o.Help
}

func budget(b scenario.Budget) string {
	text := judge.Duration(b.Base)
	if b.PerUnit > 0 {
		text += " + " + judge.Duration(b.PerUnit) + " each"
	}
	return text
}
