package mail

import (
	"fmt"
	"strings"
	"time"

	"brink/internal/explain"
	"brink/internal/judge"
	"brink/internal/summary"
	"brink/internal/trial"
)

// lead says in a few lines what happens to whom: many read no further.
func (l *letter) lead() {
	l.paragraph("%s", strings.Join(l.sentences(), " "))
	if l.Range.Bad != "" && !l.Seeded {
		l.regression()
	}
	if !l.Seeded {
		l.paragraph("The workload: %s. It is modelled on %s.", l.Scenario.Title, strings.TrimRight(l.Scenario.Incident, "."))
	}
}

func (l *letter) sentences() []string {
	all := []string{l.first()}
	if op, ok := l.op(); ok && op.Waits && (l.finding.Kind == judge.Budget || l.finding.Kind == judge.Growth) {
		all = append(all, "Most of that time the task waits, off the CPU.")
	}
	for _, f := range l.Findings {
		if f.Op == l.finding.Op && f.Op != "" && l.finding.Kind == judge.Budget && f.Kind == trial.Deadline {
			all = append(all, fmt.Sprintf("At %s it was %s.", l.count(f.Broken), strings.TrimPrefix(f.Text, f.Op+" ")))
		}
	}
	if more := l.together(); len(more) > 0 {
		all = append(all, fmt.Sprintf("At the same size: %s.", strings.Join(more, "; ")))
	}
	all = append(all, fmt.Sprintf("Seen on %s.", l.kernelName()))
	return append(all, l.otherKernels()...)
}

// otherKernels says which kernels that were compared have it and which do not, where their VMs agreed. A maintainer wants
// to know first whether it is fixed already.
func (l *letter) otherKernels() (all []string) {
	x := l.explanation()
	if x == nil {
		return nil
	}
	var has, lacks []string
	for _, c := range x.Arms {
		name := c.Kernel.Release
		switch {
		case c.Factor != explain.Version || name == "" || c.Failed+c.Passed == 0:
		case c.Passed == 0:
			has = append(has, name)
		case c.Failed == 0:
			lacks = append(lacks, name)
		}
	}
	if len(has) > 0 {
		all = append(all, "It is also in "+strings.Join(has, ", ")+".")
	}
	if len(lacks) > 0 {
		all = append(all, "It did not show on "+strings.Join(lacks, ", ")+".")
	}
	return all
}

// together returns what else failed at the same size in the same VM, two at most: they are likely one thing.
func (l *letter) together() (more []string) {
	for i := range l.Findings {
		if l.beneath(i) && len(more) < togetherMax {
			more = append(more, short(l.Findings[i]))
		}
	}
	return more
}

const togetherMax = 2

// beneath reports whether a finding is one of those that failed with the mail's own.
func (l *letter) beneath(i int) bool {
	f := l.Findings[i]
	return i != l.at && f.Trial == l.finding.Trial && f.Broken == l.finding.Broken && f.Kind != judge.Growth &&
		f.Kind != judge.Budget
}

// short is a finding's text without what is brink's alone.
func short(f summary.Finding) string {
	text, _, _ := strings.Cut(strings.TrimPrefix(f.Text, "canary "), " (during ")
	text, _, _ = strings.Cut(text, ", its budget is ")
	text, _, _ = strings.Cut(text, " (seen at ")
	return text
}

// first is the sentence that everything hangs on.
func (l *letter) first() string {
	f := l.finding
	op, isOp := l.op()
	with := "With " + l.count(f.Broken)
	name, isCanary := l.canary()
	switch {
	case isCanary:
		return fmt.Sprintf("%s, a check that has nothing to do with them (%s) %s.", with, name,
			strings.TrimPrefix(f.Text, "canary "+name+" "))
	case f.Kind == judge.Budget && isOp:
		return l.slow(op)
	case f.Kind == judge.Growth && op.Model != nil:
		return fmt.Sprintf("The time of the operation %s grows with the number of %s as n^%.2f (95%% interval %.2f to %.2f); %s was expected.", quoted(op),
			l.Scenario.Axis, op.Model.Exponent, op.Model.ExponentLow, op.Model.ExponentHigh, op.Expected)
	case f.Kind == trial.Deadline && isOp:
		return fmt.Sprintf("%s, %s is %s.", with, quoted(op), strings.TrimPrefix(f.Text, op.Name+" "))
	case f.Kind == trial.OpRefused && isOp:
		return fmt.Sprintf("%s, %s fails: %s.", with, quoted(op), strings.TrimPrefix(f.Text, op.Name+": "))
	case f.Kind == judge.OverLimit: // the op is only where it was noticed
		return fmt.Sprintf("%s: %s.", with, l.headline())
	case isOp && len(f.Console) > 0:
		return fmt.Sprintf("%s, in the operation %s, the kernel reports: %s.", with, quoted(op), l.headline())
	case isOp:
		return fmt.Sprintf("%s, in the operation %s: %s.", with, quoted(op), l.headline())
	}
	return fmt.Sprintf("%s: %s.", with, l.headline())
}

// quoted names an op by its title: the titles are of many forms.
func quoted(op summary.Op) string { return `"` + op.Title + `"` }

// slow tells of an op over its budget by its smallest and largest sample.
func (l *letter) slow(op summary.Op) string {
	points := measured(op)
	if len(points) == 0 {
		return l.finding.Text + "."
	}
	small, large := points[0], points[len(points)-1]
	text := fmt.Sprintf("The operation %s takes %s with %s", quoted(op), duration(small.MedianNS), l.count(small.Size))
	if large.Size > small.Size {
		text += fmt.Sprintf(" and %s with %s", duration(large.MedianNS), l.count(large.Size))
	}
	if each := l.each(); each != "" {
		text += fmt.Sprintf(": %s per %s", each, l.Scenario.Unit)
	}
	return text + "."
}

// measured returns the sizes at which an op ran to its end, over its budget or not.
func measured(op summary.Op) (points []summary.Point) {
	for _, p := range op.Points {
		if p.MedianNS > 0 {
			points = append(points, p)
		}
	}
	return points
}

// each is what the op takes per unit, "" where a sample handles only one or its cost does not follow the size.
func (l *letter) each() string {
	op, ok := l.op()
	points := measured(op)
	if !ok || len(points) == 0 || l.finding.Kind != judge.Budget {
		return ""
	}
	last := points[len(points)-1]
	if last.EachNS == 0 || last.EachNS == last.MedianNS {
		return ""
	}
	return duration(last.EachNS)
}

// spent is the op's time at the size where it is first over its budget on the ladder.
func (l *letter) spent() string {
	op, _ := l.op()
	for _, p := range op.Points {
		if p.State == summary.OverBudget {
			return duration(p.MedianNS) + " at " + l.count(p.Size)
		}
	}
	return ""
}

func duration(ns int64) string { return judge.Duration(time.Duration(ns)) }

// regression says where it began. The tracking bot is told only of a range that upstream can look up
// (Documentation/process/handling-regressions.rst).
func (l *letter) regression() {
	r := l.Range
	switch {
	case r.Upstream:
		versions := r.Bad
		if r.Good != "" {
			versions = r.Good + ".." + r.Bad
		}
		l.printf("#regzbot introduced: %s\n\n", versions)
	case r.Good == "":
		l.paragraph("It began with %s.", r.Bad)
	default:
		l.paragraph("It is in %s and not in %s. These are not versions of kernel.org, so what a distribution added between them may be "+
			"the cause.", r.Bad, r.Good)
	}
}
