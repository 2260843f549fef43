package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"brink/internal/judge"
	"brink/internal/minimise"
)

// ended says on the log how a trial ended, and whether the failure showed.
func (m *minimisation) ended(number int, took time.Duration, c minimise.Candidate, before map[string]minimise.Tally) {
	was, is := before[c.Key()], minimise.Read(m.q.Spec, m.head, m.q.Target, m.lines)[c.Key()]
	text := "the failure shows"
	if is.Shown == was.Shown {
		text = "it does not show: " + is.Last
	}
	fmt.Fprintf(m.app.err, "trial %d ended after %v: %s\n", number, took.Round(100*time.Millisecond), text)
}

// title names the failure.
func (m *minimisation) title() string {
	seeded := ""
	if m.head.Seeded {
		seeded = "seeded "
	}
	t := m.q.Target
	return fmt.Sprintf("%s%s at %s %s: %s", seeded, t.Kind, judge.Count(t.Broken), m.q.Unit, t.Text)
}

// print says what was left out and what was not.
func (m *minimisation) print(r minimise.Result, report minimise.Report) error {
	out := m.app.out
	fmt.Fprintf(out, "MINIMISED  %s\n", m.title())
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	list := func(word string, lines []string) {
		for _, line := range lines {
			fmt.Fprintf(w, "  %s\t%s\n", word, line)
			word = ""
		}
	}
	list("dropped", gathered(r.Dropped))
	kept, untried := partUntried(r.Kept)
	list("kept", kept)
	list("untried", gathered(untried))
	rate := "always"
	if r.Rate < 1 {
		rate = fmt.Sprintf("in %.0f%% of the VMs", 100*r.Rate)
	}
	list("comes", []string{fmt.Sprintf("%s with nothing left out; what is left showed it in %d of %d fresh VMs with other seeds",
		rate, r.Confirmed, r.Confirming)})
	list("smaller", []string{fmt.Sprintf("weight %.0f instead of %.0f; %d VMs, %v", report.Best.Weight(m.q.Spec),
		m.q.Whole.Weight(m.q.Spec), r.Boots, r.Took.Round(time.Second))})
	if !r.Complete {
		list("", []string{"not complete: a limit came first; the same command with a larger one goes on"})
	}
	return w.Flush()
}

// partUntried parts what has a reason to be kept from what a limit came before.
func partUntried(lines []string) (kept, untried []string) {
	for _, line := range lines {
		if name, ok := strings.CutSuffix(line, ": "+minimise.NotTried); ok {
			untried = append(untried, name)
		} else {
			kept = append(kept, line)
		}
	}
	return kept, untried
}

// lineWidth is where a gathered line is broken, in bytes.
const lineWidth = 110

// gathered puts lines that begin with the same word, as those of 16 arguments, into as few as they fit in.
func gathered(lines []string) (few []string) {
	word := ""
	for _, line := range lines {
		first, rest, _ := strings.Cut(line, " ")
		last := len(few) - 1
		if first == word && len(few[last])+len(rest) < lineWidth {
			few[last] += ", " + rest
			continue
		}
		word, few = first, append(few, line)
	}
	return few
}
