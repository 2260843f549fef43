package report

import (
	"fmt"
	"io"
	"text/tabwriter"

	"brink/internal/explain"
)

// Numbers writes the number that a failure is about, arm by arm; nothing where it has none.
func Numbers(w io.Writer, x explain.Explanation) error {
	m := x.Target.Measure
	if m == nil || len(x.Arms) == 0 || len(x.Arms[0].Numbers) == 0 {
		return nil
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "\n  changed\t%s\tagainst nothing changed\tVMs\n", m.Name)
	for _, c := range x.Arms {
		if len(c.Numbers) == 0 {
			continue
		}
		by := "-"
		if c.Ratio != nil && c.Base != "" {
			by = c.Ratio.String()
		}
		fmt.Fprintf(tw, "  %s\t%s\t%s\t%d\n", c.Change, m.Value(c.Typical()), by, len(c.Numbers))
	}
	return tw.Flush()
}
