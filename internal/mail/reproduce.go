package mail

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"brink/internal/judge"
)

// plainBytes and plainLines bound a script that is put into the mail.
const (
	plainBytes = 6 << 10
	plainLines = 80
)

// reproduce says how to see it: first what needs least.
func (l *letter) reproduce() {
	l.title("How to reproduce")
	if script := strings.TrimRight(l.Plain, "\n"); script != "" && len(script) <= plainBytes && strings.Count(script, "\n") < plainLines {
		l.paragraph("As root, in a VM with this kernel. The script does not need brink, and was seen to reproduce it:")
		for line := range strings.SplitSeq(script, "\n") {
			l.printf("    %s\n", strings.TrimRight(indented(line), " "))
		}
		l.printf("\n")
	} else if script != "" {
		l.paragraph("A script that needs no other program (too long for a mail) was seen to reproduce it; it comes on request.")
	}
	if b := l.Bundle; b.File != "" {
		l.paragraph("With nothing but QEMU: unpack %s (%s), which holds the kernel and an initramfs, and run ./run.sh in it. It prints "+
			"REPRODUCED or NOT REPRODUCED.", b.File, megabytes(b.Bytes))
	}
	l.paragraph("With brink, the tool that found it:")
	l.printf("    %s\n\n", l.command())
}

// indented cleans a line of a script; a tab becomes spaces, which a shell takes for the same.
func indented(line string) string { return raw(strings.ReplaceAll(line, "\t", "    ")) }

// command is the command line that repeats the finding: the sizes around it, with the run's kernel, machine and seed.
func (l *letter) command() string {
	sizes := repeated(l.finding.Finding, l.Scenario.Sizes)
	args := []string{"brink", "run", l.Scenario.Name, "--kernel", l.Kernel.Name, "--sizes", sizes, "--seed", fmt.Sprint(l.Scenario.Seed)}
	if slices.ContainsFunc(l.Args, func(a string) bool { return a == "--axis" || strings.HasPrefix(a, "--axis=") }) {
		args = append(args, "--axis", l.Scenario.Axis) // else it is the scenario's first
	}
	for _, name := range slices.Sorted(maps.Keys(l.Scenario.Changed)) {
		args = append(args, "--set", name+"="+l.Scenario.Changed[name])
	}
	if l.finding.Twin != nil {
		args = append(args, "--twins")
	}
	args = append(args, "--memory", fmt.Sprintf("%dM", l.Machine.MemoryMB), "--cpus", fmt.Sprint(l.Machine.CPUs), "--cpu", l.Machine.CPU,
		"--accel", l.Machine.Accel, "--clock", string(l.Machine.Clock))
	for i := range args {
		args[i] = shell(raw(args[i]))
	}
	return strings.Join(args, " ")
}

// repeated are the sizes to repeat: the safe one and the broken one, and the larger one at which it showed first, where a
// slow op is a slow op beyond doubt; all for a growth, which no two sizes show, and all below for a limit, which may be told
// by what was there before.
func repeated(f judge.Finding, ladder []int64) string {
	sizes := []int64{f.Broken}
	if f.Safe > 0 {
		sizes = []int64{f.Safe, f.Broken}
	}
	if f.Search != nil && f.Search.Ladder[1] > f.Broken && f.Kind == judge.Budget {
		sizes = append(sizes, f.Search.Ladder[1])
	}
	switch f.Kind {
	case judge.Growth:
		sizes = ladder
	case judge.OverLimit:
		below := slices.DeleteFunc(slices.Clone(ladder), func(n int64) bool { return n >= f.Broken })
		sizes = slices.Compact(slices.Sorted(slices.Values(append(sizes, below...))))
	}
	var all []string
	for _, n := range sizes {
		all = append(all, fmt.Sprint(n))
	}
	return strings.Join(all, ",")
}

// shell quotes a word for sh where it needs it.
func shell(word string) string {
	plain := func(r rune) bool {
		return strings.ContainsRune("-_=+:,./@%", r) || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func megabytes(n int64) string {
	if n < 1e6 {
		return fmt.Sprintf("%d kB", (n+999)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
