package mail

import (
	"fmt"
	"slices"
	"strings"

	"brink/internal/explain"
	"brink/internal/judge"
	"brink/internal/summary"
)

// explanation returns what was compared for this finding, nil if nothing was.
func (l *letter) explanation() *explain.Explanation {
	x := l.Explanation
	if x == nil || x.Target.What != l.finding.What || x.Target.Kind != l.finding.Kind {
		return nil
	}
	return x
}

// compared prints what else was tried with one thing changed, and what came of it.
func (l *letter) compared() {
	x := l.explanation()
	if x != nil {
		l.title("What was compared")
		l.paragraph("At %s, in fresh VMs with one thing changed at a time. The failure shows in", l.count(x.Target.At))
		for _, c := range x.Arms {
			if n := c.Failed + c.Passed; n > 0 {
				text := fmt.Sprintf("%d of %d VMs", c.Failed, n)
				l.text.WriteString(wrap(clean(c.Change), fmt.Sprintf("  %-14s", text), strings.Repeat(" ", 16)) + "\n")
			}
		}
		l.printf("\n")
		l.paragraph("%s", conclusion(x))
	}
	l.others()
}

func conclusion(x *explain.Explanation) string {
	text := "So it depends on: " + string(x.Class)
	if x.Class == explain.NotExplained {
		text = "So nothing that was tried makes it go away"
	}
	if !x.Proven && x.Class != explain.NotExplained {
		text += ", which is likely but not proven"
	}
	return text + ". " + strings.ToUpper(x.Why[:min(1, len(x.Why))]) + x.Why[min(1, len(x.Why)):] + "."
}

// othersMax bounds the list of what else the run found.
const othersMax = 5

// others names the run's other findings: they may be signs of the same thing.
func (l *letter) others() {
	var lines []string
	told := 0 // in the lead
	for i, f := range l.Findings {
		switch {
		case i == l.at:
		case l.beneath(i) && told < togetherMax:
			told++
		default:
			lines = append(lines, l.elsewhere(f))
		}
	}
	if len(lines) == 0 {
		return
	}
	l.title("Also seen in this run")
	for i, text := range lines {
		if i == othersMax {
			l.printf("  - and %d more\n", len(lines)-i)
			break
		}
		l.text.WriteString(wrap(clean(text), "  - ", "    ") + "\n")
	}
	l.printf("\n")
}

// elsewhere is another finding in a line.
func (l *letter) elsewhere(f summary.Finding) string {
	if f.Kind == judge.Growth {
		return short(f)
	}
	text := "at " + l.count(f.Broken)
	if f.Safe > 0 {
		text += fmt.Sprintf(" (not at %s)", judge.Count(f.Safe))
	}
	return text + ": " + short(f)
}

// unknown says what nobody looked at, before somebody has to ask.
func (l *letter) unknown() {
	var gaps []string
	add := func(missing bool, format string, args ...any) {
		if missing {
			gaps = append(gaps, fmt.Sprintf(format, args...))
		}
	}
	f, x := l.finding, l.explanation()
	add(l.vendor() && !l.Range.Upstream, "whether a vanilla kernel has it: only a distribution's kernels were tried")
	add(l.Machine.Accel == "tcg", "how it looks on hardware: all of this ran in emulation")
	add(!l.tried(explain.Version), "which other kernel versions have it")
	add(!l.tried(explain.Environment), "whether memory or CPU features matter")
	add(f.Search == nil && f.Kind != judge.Growth && f.Safe > 0, "where between %s and %s it begins", judge.Count(f.Safe), l.count(f.Broken))
	add(f.Search == nil && x == nil && f.Kind != judge.Growth, "how often it happens: one VM showed it")
	if x != nil && !x.Proven && x.Class != explain.NotExplained {
		add(true, "whether luck gave these counts (confidence %.3f)", x.Confidence)
	}
	add(l.traces() && !l.located(), "source lines of the trace: there were no debug files for this kernel")
	if len(gaps) == 0 {
		return
	}
	l.title("Not known")
	for _, g := range gaps {
		l.text.WriteString(wrap(clean(g), "  - ", "    ") + "\n")
	}
	l.printf("\n")
}

// tried reports whether an arm of a factor said something.
func (l *letter) tried(factor explain.Factor) bool {
	x := l.explanation()
	return x != nil && slices.ContainsFunc(x.Arms, func(c explain.Comparison) bool { return c.Factor == factor && c.Failed+c.Passed > 0 })
}
