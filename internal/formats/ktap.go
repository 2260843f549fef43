package formats

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"

	"brink/internal/summary"
)

// ktapTest is a test and its subtests.
type ktapTest struct {
	name   string
	result result
	why    string   // of one that was skipped
	notes  []string // diagnostics
	subs   []ktapTest
}

// KTAP writes runs as KTAP version 1 (Documentation/dev-tools/ktap.rst of the kernel): a test for each run, in it one
// for each op, canary, limit, the kernel and the run as a whole, in an op one for each size. Faults of the harness are no
// failure of the kernel: they are skipped, and the reason is given.
func KTAP(w io.Writer, runs ...summary.Summary) error {
	var tests []ktapTest
	for _, s := range runs {
		tests = append(tests, ktapRun(s))
	}
	out := bufio.NewWriter(w) // keeps its first error
	ktapWrite(out, "", tests)
	return out.Flush()
}

func ktapRun(s summary.Summary) ktapTest {
	t := ktapTest{name: line(s.Run)}
	t.note("kernel: " + line(s.Kernel.Name))
	t.note("machine: " + machine(s))
	t.note("verdict: " + verdict(s))
	for _, c := range checks(s) {
		t.subs = append(t.subs, ktapCheck(s, c))
	}
	t.result, t.why = ktapSum(t.subs)
	return t
}

func ktapCheck(s summary.Summary, c check) ktapTest {
	t := ktapTest{name: c.label(), result: c.result, why: c.why}
	for _, p := range c.parts {
		sub := ktapTest{name: fmt.Sprintf("%d %s", p.size, line(s.Scenario.Axis)), result: p.result, why: p.why}
		if p.result == failed {
			sub.note(p.why)
		}
		t.subs = append(t.subs, sub)
	}
	for _, f := range c.findings {
		for text := range strings.Lines(evidence(f)) {
			t.note(strings.TrimSuffix(text, "\n"))
		}
	}
	return t
}

// ktapSum is the result of a test from its subtests: it fails if one fails, and is skipped if none passed.
func ktapSum(subs []ktapTest) (result, string) {
	sum, why := skipped, "nothing was measured"
	for _, t := range subs {
		switch {
		case t.result == failed:
			return failed, ""
		case t.result == passed && t.name != string(ofRun): // that a run is finished says nothing of the kernel
			sum, why = passed, ""
		case t.result == lost && sum == skipped:
			why = t.why
		}
	}
	return sum, why
}

func (t *ktapTest) note(text string) { t.notes = append(t.notes, text) }

// hidden changes what ends a test for the kernel's parser, wherever it stands in a line
// (tools/testing/kunit/kunit_parser.py): a second space hides it.
func hidden(text string) string {
	for _, end := range []string{"List of all partitions:", "Kernel panic - not syncing: VFS:", "reboot: System halted"} {
		i := strings.LastIndexByte(end, ' ')
		text = strings.ReplaceAll(text, end, end[:i]+" "+end[i:])
	}
	return text
}

func ktapWrite(w io.Writer, indent string, tests []ktapTest) {
	say := func(format string, args ...any) {
		fmt.Fprintln(w, indent+strings.TrimRight(hidden(fmt.Sprintf(format, args...)), " "))
	}
	say("KTAP version 1")
	say("1..%d", len(tests))
	for i, t := range tests {
		name := cmp.Or(strings.TrimLeft(strings.ReplaceAll(t.name, "#", "_"), "- "), "_") // a # begins a directive
		if len(t.subs) > 0 {
			ktapWrite(w, indent+"  ", t.subs)
		}
		for _, text := range t.notes { // the name keeps a guest's text from being a header such as "# Subtest:"
			say("# %s: %s", name, text)
		}
		switch t.result {
		case passed:
			say("ok %d %s", i+1, name)
		case failed: // why is in the notes: behind a # its first word could be a directive
			say("not ok %d %s", i+1, name)
		default:
			say("ok %d %s # SKIP %s", i+1, name, t.why)
		}
	}
}
