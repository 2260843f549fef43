package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"brink/internal/explain"
	"brink/internal/judge"
	"brink/internal/trial"
)

// Explanation writes what a failure depends on: the class, the counts of every arm, and what they are worth.
func Explanation(w io.Writer, head trial.Run, x explain.Explanation) error {
	p := &printer{w: w}
	title := "EXPLANATION"
	if head.Seeded {
		title += " (seeded)"
	}
	p.printf("%s  of %s at %s %s: %s\n", title, x.Target.Kind, judge.Count(x.Target.Broken), head.Axis, x.Target.Text)
	if x.Target.At != x.Target.Broken {
		p.printf("         repeated at %s, so that a change which only moves the edge is not taken for one that helps\n", judge.Count(x.Target.At))
	}
	p.printf("         class %s%s: %s\n", x.Class, doubt(x), x.Why)
	if len(x.Changes) > 0 {
		p.printf("         what makes it go away: %s\n", strings.Join(x.Changes, "; "))
	}
	if x.Repeat > 0 {
		p.printf("         `brink explain %s --repeat %d` adds trials; if they say the same, it is proven\n", head.ID, x.Repeat)
	}
	p.arms(x.Arms)
	p.printf("  %s; intervals at 95%%; confidence: 1 - the probability of such counts by luck alone (Fisher's exact test)\n", boots(x.Boots))
	return p.err
}

// doubt says what a class is worth that is not proven.
func doubt(x explain.Explanation) string {
	if x.Class == explain.NotExplained || x.Proven {
		return ""
	}
	return fmt.Sprintf(", not proven (confidence %.3f)", x.Confidence)
}

func boots(n int) string {
	if n == 1 {
		return "1 fresh VM"
	}
	return fmt.Sprintf("%s fresh VMs", judge.Count(int64(n)))
}

func (p *printer) arms(arms []explain.Comparison) {
	tw := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "\n  changed\t\tfails\tinterval\tverdict")
	for _, c := range arms {
		fmt.Fprintf(tw, "  %s\t%s\t%s\n", c.Factor, c.Change, strings.Join(armCells(c), "\t"))
	}
	fmt.Fprintln(tw)
	if err := tw.Flush(); err != nil && p.err == nil {
		p.err = err
	}
}

func armCells(c explain.Comparison) []string {
	n := c.Failed + c.Passed
	if c.Skipped != "" && c.Boots() == 0 {
		return []string{"-", "-", string(c.Verdict) + ": " + c.Skipped}
	}
	fails, interval, verdict := "-", "-", string(c.Verdict)
	if n > 0 {
		fails = fmt.Sprintf("%d of %d", c.Failed, n)
		interval = fmt.Sprintf("%.0f%% to %.0f%%", 100*c.Rate.Low, 100*c.Rate.High)
	}
	if n > 0 && c.Base != "" && c.Verdict != explain.Untried && c.Verdict != explain.Stays {
		verdict += fmt.Sprintf(", confidence %.3f", 1-c.PAll)
	}
	switch {
	case c.Verdict == explain.Otherwise:
		verdict += fmt.Sprintf(", %d of %d: %s", c.Other, c.Other, c.Others[0])
	case c.Other > 0:
		verdict += fmt.Sprintf("; %d failed otherwise: %s", c.Other, c.Others[0])
	}
	if c.Harness > 0 {
		verdict += fmt.Sprintf("; %d lost to the harness: %s", c.Harness, c.Fault)
	}
	return []string{fails, interval, verdict}
}
