package main

import (
	"fmt"
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
			fmt.Fprintf(w, "  axis %s: %s, %s to %s, by default %s to %s\n", x.Name, x.Title, judge.Count(x.Min),
				judge.Count(x.Max), judge.Count(x.From), judge.Count(x.To))
		}
		for _, o := range s.Ops {
			fmt.Fprintf(w, "  op %s\t%s%s\t%s\tbudget %s\n", o.Name, o.Title, only(o.Axes), o.Growth, budget(o.Budget))
		}
		for _, o := range s.Options {
			fmt.Fprintf(w, "  --set %s=%s\t%s\n", o.Name, o.Default, help(o))
		}
	}
	return w.Flush()
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
