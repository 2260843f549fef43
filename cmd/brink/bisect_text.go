package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"brink/internal/bisect"
	"brink/internal/judge"
	"brink/internal/question"
	"brink/internal/scenario"
)

// text writes the result for a person.
func (r result) text(w io.Writer) error {
	var b bytes.Buffer
	seeded := ""
	if r.Seeded {
		seeded = " (seeded)"
	}
	fmt.Fprintf(&b, "BISECT%s  %s: %s\n", seeded, r.Scenario, r.Asks)
	if r.Question != "" {
		fmt.Fprintf(&b, "question %s, clock %s\n", r.Question, r.Clock)
	}
	for i, d := range r.Differences {
		what := "     also: "
		if i == 0 {
			what = "asked of: "
		}
		fmt.Fprintf(&b, "%s%s [%s]\n", what, oneLine(d.Text), d.Question)
	}
	r.table(&b)
	fmt.Fprintf(&b, "\n%s\n", oneLine(r.Summary))
	r.certainty(&b)
	r.listApart(&b, bisect.Other, "unrelated failures, no answer to the question")
	r.listApart(&b, bisect.Skip, "skipped")
	for _, n := range r.Next {
		fmt.Fprintf(&b, "next: %s\n", n)
	}
	if r.Folder != "" {
		fmt.Fprintf(&b, "bisection folder: %s\n", r.Folder)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (r result) table(w io.Writer) {
	if len(r.Rows) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "  candidate\t\t%s\t%s\tskip\tother\t%s\t\n", r.shows, r.passes, r.op)
	for _, c := range r.Rows {
		value, mark := "", c.Mark
		if c.Value > 0 {
			value = judge.Duration(nanoseconds(c.Value))
		}
		if mark != "" {
			mark = "<- " + mark
		}
		skip := fmt.Sprint(c.Skip)
		if c.Unusable {
			skip = "all"
		}
		fmt.Fprintf(t, "  %s\t%s\t%d\t%d\t%s\t%d\t%s\t%s\n", shortID(c.ID), oneLine(c.Subject), c.Bad, c.Good, skip, c.Other, value, mark)
	}
	t.Flush()
	if r.untried > 0 {
		fmt.Fprintf(w, "  and %d candidates that did not have to be tried\n", r.untried)
	}
}

func (r result) certainty(w io.Writer) {
	if r.Verdict != bisect.Found && r.Verdict != bisect.Range {
		if r.Boots > 0 {
			fmt.Fprintf(w, "%d VMs\n", r.Boots)
		}
		return
	}
	side := "from the first bad one on"
	if r.shows != "bad" {
		side = "before the first fixed one"
	}
	fmt.Fprintf(w, "confidence %.3f, %d VMs; ", r.Confidence, r.Boots)
	if r.Certain {
		fmt.Fprintf(w, "every run %s shows it (share of the runs %.2f to 1)\n", side, r.RateLow)
		return
	}
	fmt.Fprintf(w, "%s it shows in %.2f of the runs (%.2f to %.2f)\n", side, r.Rate, r.RateLow, r.RateHigh)
}

// times counts in words where it is more than once.
func times(n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(" (%d times)", n)
}

func (r result) listApart(w io.Writer, of bisect.Answer, title string) {
	for _, a := range r.Apart {
		if a.Answer != of {
			continue
		}
		if title != "" {
			fmt.Fprintf(w, "%s:\n", title)
			title = ""
		}
		fmt.Fprintf(w, "  %s: %s%s\n", shortID(a.ID), oneLine(reason(a.Text)), times(a.Runs))
	}
}

// reason is why there is no answer. A log of git's own tells of a skip, and no more.
func reason(text string) string {
	if text == "" {
		return "no reason is on record"
	}
	return text
}

// nextSteps says what to do with the result.
func nextSteps(h question.Head, spec scenario.Spec, q question.Question, c question.Conclusion) []string {
	if c.Verdict == bisect.Swapped {
		return []string{"the other way round: " + command(h, spec, q.Turned())}
	}
	if c.Verdict != bisect.Found && c.Verdict != bisect.Range || len(c.First) == 0 || len(c.Last) == 0 {
		return nil
	}
	first, last := h.Candidates[c.First[len(c.First)-1]], h.Candidates[c.Last[0]]
	q.Factor = 0 // the limit stands for it
	asked := "--expect " + quoted(q.String()) + setFlags(h, spec)
	switch {
	case h.Repository == "" && first.Subject != "" && last.Subject != "": // versions of packages
		return packagedNext(h, asked, last, first)
	case c.Verdict == bisect.Range && h.Repository != "":
		return []string{fmt.Sprintf("look: git -C %s log %s..%s", word(h.Repository), shortID(last.ID), shortID(first.ID))}
	case h.Repository == "":
		return []string{fmt.Sprintf("by commit: brink bisect %s --git LINUX --good %s --bad %s %s", h.Scenario, "REV", "REV", asked)}
	}
	return commitNext(h, asked, first)
}

// packagedNext is the upstream range between two packages.
func packagedNext(h question.Head, asked string, last, first question.Candidate) []string {
	from, to := seriesTag(last.Subject), seriesTag(first.Subject)
	note := fmt.Sprintf("where its ends do not answer so, a stable update changed it: %s..%s or %s..%s",
		from, tagOf(last.Subject), to, tagOf(first.Subject))
	if from == to {
		from, to, note = tagOf(last.Subject), tagOf(first.Subject), "of the stable series"
	}
	return []string{
		fmt.Sprintf("upstream range %s..%s (%s)", from, to, note),
		fmt.Sprintf("by commit: brink bisect %s --git LINUX --good %s --bad %s %s", h.Scenario, from, to, asked),
	}
}

// commitNext names the commit as kernel people do, and says how to look at it and how to try without it.
func commitNext(h question.Head, asked string, first question.Candidate) []string {
	short := first.ID[:min(12, len(first.ID))]
	steps := []string{
		fmt.Sprintf("commit %s (%q, %s)", first.ID, first.Subject, first.Date),
		fmt.Sprintf("Fixes: %s (%q)", short, first.Subject),
		fmt.Sprintf("look: git -C %s show %s", word(h.Repository), short),
	}
	if h.Source == kernelTree {
		newer := h.Candidates[len(h.Candidates)-1]
		steps = append(steps, fmt.Sprintf("does it go away without it? git -C %s show %s >/tmp/%s.patch; brink check %s --kernel %s %s",
			word(h.Repository), short, short, h.Scenario, word("patch:"+newer.Ref+",/tmp/"+short+".patch,reverse"), asked))
	}
	return steps
}

// setFlags are the options that are not at their defaults.
func setFlags(h question.Head, spec scenario.Spec) (flags string) {
	usual, err := spec.Settings(nil)
	if err != nil {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(h.Settings)) {
		if h.Settings[name] != usual[name] {
			flags += " --set " + word(fmt.Sprintf("%s=%s", name, h.Settings[name]))
		}
	}
	return flags
}

// shortID shortens the ID of a commit as git does.
func shortID(id string) string {
	if len(id) >= 40 && strings.Trim(id, "0123456789abcdef") == "" {
		return id[:12]
	}
	return id
}

// apartWidth bounds a line of text that comes from a guest or a compiler.
const apartWidth = 320

// oneLine makes text from elsewhere one printable line.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, strings.TrimSpace(text))
	if runes := []rune(text); len(runes) > apartWidth {
		return string(runes[:apartWidth]) + " …"
	}
	return text
}

func nanoseconds(v float64) time.Duration { return time.Duration(v) }
