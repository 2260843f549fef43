package mail

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"brink/internal/judge"
	"brink/internal/summary"
	"brink/internal/trial"
)

// sizes says between which sizes it breaks, on what that rests, and how the cost grows.
func (l *letter) sizes() {
	f := l.finding
	l.title("Sizes")
	if f.Kind != judge.Growth {
		if f.Safe > 0 {
			l.fact("safe", "%s", l.count(f.Safe))
		} else {
			l.fact("safe", "none known: it shows at the smallest size that was tried")
		}
		l.fact("broken", "%s%s", l.count(f.Broken), l.allowance())
	}
	l.fact("rests on", "%s", l.basis())
	op, ok := l.op()
	slow := f.Kind == judge.Budget || f.Kind == judge.Growth || f.Kind == trial.Deadline
	if ok && slow && op.Model != nil {
		l.fact("growth", "%s; n is the number of %s, the intervals are at 95%%", op.ModelText, l.Scenario.Axis)
	}
	l.printf("\n")
	if ok && slow {
		l.table(op)
	}
	l.levels()
	if !slow {
		l.beside()
	}
}

// allowance says what counts as broken where that is the test's choice, not the kernel's.
func (l *letter) allowance() string {
	if l.finding.Kind == judge.OverLimit {
		return l.bound()
	}
	op, ok := l.op()
	if !ok || l.finding.Kind != judge.Budget {
		return ""
	}
	text := "; by choice of the test, more than " + duration(op.BudgetNS)
	if op.PerUnitNS > 0 {
		text += " + " + duration(op.PerUnitNS) + " per " + l.Scenario.Unit
	}
	return text + " is too slow"
}

func (l *letter) basis() string {
	f := l.finding
	switch {
	case f.Search != nil && f.Search.Boots > 0:
		text := f.Search.Why + " (fresh VMs, each loaded straight to one size)"
		if f.Search.Rate > 0 && f.Search.Rate < 1 {
			text += fmt.Sprintf("; fails in %.0f%% of them (95%% interval %.0f%% to %.0f%%)", 100*f.Search.Rate, 100*f.Search.RateLow, 100*f.Search.RateHigh)
		}
		return text
	case f.Kind == judge.Growth:
		return "the timings below, of one VM"
	}
	return "one VM that went up the sizes " + ladder(l.Scenario.Sizes)
}

// ladder names the sizes that were tried.
func ladder(sizes []int64) string {
	if len(sizes) == 0 {
		return "of the run"
	}
	if len(sizes) <= 3 {
		var all []string
		for _, n := range sizes {
			all = append(all, judge.Count(n))
		}
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s, %s ... %s", judge.Count(sizes[0]), judge.Count(sizes[1]), judge.Count(sizes[len(sizes)-1]))
}

// table prints an op's time at each size.
func (l *letter) table(op summary.Op) {
	if len(op.Points) == 0 {
		return
	}
	each := l.each() != "" || op.PerUnitNS > 0
	rows := [][]string{{l.Scenario.Axis, "time"}}
	if each {
		rows[0] = append(rows[0], "per "+l.Scenario.Unit)
	}
	for _, p := range op.Points {
		row := []string{judge.Count(p.Size), pointText(p)}
		if each && p.MedianNS > 0 {
			row = append(row, duration(p.EachNS))
		}
		rows = append(rows, row)
	}
	l.columns(rows)
}

// columns prints a table, right-aligned.
func (l *letter) columns(rows [][]string) {
	var out strings.Builder
	tw := tabwriter.NewWriter(&out, 0, 0, 3, ' ', tabwriter.AlignRight)
	for _, row := range rows {
		for i := range row {
			row[i] = clean(row[i])
		}
		fmt.Fprintln(tw, "\t"+strings.Join(row, "\t")+"\t")
	}
	_ = tw.Flush() // into memory
	for line := range strings.Lines(out.String()) {
		l.printf("%s\n", strings.TrimRight(line, " \n"))
	}
	l.printf("\n")
}

func pointText(p summary.Point) string {
	if p.MedianNS > 0 {
		return duration(p.MedianNS)
	}
	if p.State == summary.Late {
		return strings.Replace(p.Text, "not done after", ">", 1)
	}
	return p.State
}

// versions says what ran, whose build that is, and what a time is worth.
func (l *letter) versions() {
	l.title("Versions")
	l.fact("kernel", "%s", l.Kernel.Release)
	if l.Guest != nil && l.Guest.Version != "" {
		l.fact("", "%s", l.Guest.Version)
	}
	l.fact("build", "%s", l.build())
	l.fact("clock", "%s", l.clock())
	l.printf("\n")
}

// build says where the kernel came from. Folders of this host are nobody else's business; the commit is.
func (l *letter) build() string {
	name := l.Kernel.Name
	kind, rest, _ := strings.Cut(name, ":")
	_, commit, _ := strings.Cut(rest, "@")
	switch {
	case l.Kernel.Package != "":
		return fmt.Sprintf("distribution kernel (%s): package %s, version %s", l.distribution(), l.Kernel.Package, l.Kernel.Version)
	case kind == "git" && commit != "":
		return "built from git, " + commit
	case strings.HasPrefix(name, "source:debian:"):
		return "built from Debian's source package, " + strings.TrimPrefix(name, "source:debian:")
	case kind == "patch":
		return "built from a patched tree, " + name
	case kind == "source":
		return "built from a source tree"
	}
	return fmt.Sprintf("a kernel given as a file, SHA-256 %.12s", l.Kernel.Hash)
}

// vendor reports whether the kernel may have a distribution's patches.
func (l *letter) vendor() bool {
	return l.Kernel.Package != "" || strings.Contains(l.Kernel.Name, "source:debian:")
}

// kernelName names the kernel in a sentence. Debian's version begins with kernel.org's, its release need not.
func (l *letter) kernelName() string {
	if l.Kernel.Package == "" {
		return "Linux " + l.Kernel.Release
	}
	upstream := strings.FieldsFunc(l.Kernel.Version, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if len(upstream) == 0 {
		return "Linux " + l.Kernel.Release
	}
	return fmt.Sprintf("Linux %s as %s builds it (%s)", upstream[0], l.distribution(), l.Kernel.Release)
}

// distribution names whose package the kernel is.
func (l *letter) distribution() string {
	if strings.HasPrefix(l.Kernel.Name, "debian:") {
		return "Debian"
	}
	return "a distribution"
}

func (l *letter) clock() string {
	switch {
	case l.icount():
		return "times are guest time under QEMU TCG, one instruction = 1 ns, waiting counts as the time it would take; ratios hold, " +
			"absolute times do not"
	case l.Machine.Accel == "tcg":
		return "times are guest time under emulation (QEMU TCG), 10 to 50 times slower than hardware; ratios hold roughly"
	}
	return "times are the guest's real time, under KVM"
}

// machine ends the mail with what the guest ran on.
func (l *letter) machine() {
	m := l.Machine
	l.title("Machine")
	l.fact("guest", "%d vCPU (%s), %d MiB, board %s", m.CPUs, m.CPU, m.MemoryMB, m.Board)
	l.fact("host", "QEMU %s, %s", m.QEMU, m.Accel)
	for _, name := range slices.Sorted(maps.Keys(l.Facts)) {
		l.fact(clean(name), "%s", l.Facts[name])
	}
	l.fact("from", "brink %s, run %s", l.Build, l.Run)
	l.printf("  %-*s%s\n", factWidth, "cmdline", clean(m.Cmdline)) // a command: not wrapped
}
