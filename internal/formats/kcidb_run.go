package formats

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"brink/internal/judge"
	"brink/internal/summary"
)

// tests returns the tests of a run: first the run itself, which stands for the whole scenario.
func (r kcidbRun) tests() []kcidbTest {
	all := []kcidbTest{{}}
	found := checks(r.Summary)
	for _, c := range found {
		if c.group != ofRun {
			all = append(all, r.test(c))
		}
	}
	all = append(all, r.sizes()...)
	all[0] = r.whole(found)
	return all
}

// empty is a test of the run with what all of them have.
func (r kcidbRun) empty(path ...string) kcidbTest {
	t := kcidbTest{BuildID: r.buildID(), Origin: r.origin, Start: r.Start, Misc: map[string]any{
		"run": line(r.Run), "seeded": r.Seeded, "clock": line(string(r.Machine.Clock))}}
	t.ID = r.id(append([]string{r.Run}, path...)...)
	t.Path = "brink." + word(r.Scenario.Name)
	for _, name := range path {
		t.Path += "." + word(name)
	}
	return t
}

// comment marks planted failures, whoever reads no more than the comment.
func (r kcidbRun) comment(text string) string {
	if r.Seeded && !strings.HasPrefix(text, planted) {
		return planted + "; " + text
	}
	return text
}

// whole is the test of the scenario as a whole.
func (r kcidbRun) whole(found []check) kcidbTest {
	t := r.empty()
	t.Comment, t.Status = verdict(r.Summary), "PASS"
	has := func(want result) bool {
		return slices.ContainsFunc(found, func(c check) bool { return c.result == want && c.group != ofRun })
	}
	switch {
	case has(failed):
		t.Status = "FAIL"
	case !r.Finished && has(passed):
		t.Status = "ERROR" // it has begun and not come to its end
	case !r.Finished:
		t.Status = "MISS"
	case !has(passed):
		t.Status = "SKIP"
	}
	if !r.Start.IsZero() && r.End.After(r.Start) {
		t.Duration = r.End.Sub(r.Start).Seconds()
	}
	m := r.Machine
	t.Environment = &kcidbEnvironment{
		Comment: machine(r.Summary),
		Misc: map[string]any{"accel": line(m.Accel), "memory_mb": m.MemoryMB,
			"cpus": m.CPUs, "cpu": line(m.CPU), "board": line(m.Board), "cmdline": line(m.Cmdline), "qemu": line(m.QEMU)},
	}
	t.Misc["axis"], t.Misc["sizes"], t.Misc["options"] = line(r.Scenario.Axis), r.Scenario.Sizes, options(r.Summary)
	t.Misc["finished"], t.Misc["trials"], t.Misc["harness_faults"] = r.Finished, r.Verdict.Trials, r.Verdict.Harness
	if r.Verdict.Class != "" {
		t.Misc["class"], t.Misc["proven"] = line(r.Verdict.Class), r.Verdict.Proven
	}
	return t
}

// test is that of a check.
func (r kcidbRun) test(c check) kcidbTest {
	path := []string{c.name}
	if c.group == ofCanary || c.group == ofLimit {
		path = []string{string(c.group), c.name}
	}
	t := r.empty(path...)
	t.Status = map[result]string{passed: "PASS", failed: "FAIL", skipped: "SKIP", lost: "MISS"}[c.result]
	text := c.why
	if text == "" {
		text = c.title
	}
	t.Misc["guest_seconds"] = c.took.Seconds()
	if c.op != nil && (c.result == passed || c.result == failed) {
		text += r.number(&t, c)
	}
	t.Comment = r.comment(text)
	r.failure(&t, c.findings)
	return t
}

// number adds the op's median at the largest size up to which nothing was wrong with it, and returns what it is.
func (r kcidbRun) number(t *kcidbTest, c check) string {
	var at *summary.Point
	held := true
	medians := []map[string]any{}
	for _, p := range c.parts {
		held = held && p.result != failed
		if p.point == nil || len(p.point.Samples) == 0 {
			continue
		}
		medians = append(medians,
			map[string]any{"size": p.size, "state": line(p.point.State), "seconds": inSeconds(p.point.MedianNS)})
		if held && p.result == passed {
			at = p.point
		}
	}
	t.Misc["medians"] = medians
	if m := c.op.Model; m != nil {
		t.Misc["growth"] = map[string]any{
			"class":         line(m.Class),
			"exponent":      m.Exponent,
			"exponent_low":  m.ExponentLow,
			"exponent_high": m.ExponentHigh,
		}
	}
	if at == nil {
		return ""
	}
	t.Number, t.Misc["size"] = &kcidbNumber{inSeconds(at.MedianNS), "s", "metric"}, at.Size
	return fmt.Sprintf("; median at %s %s: %s", judge.Count(at.Size), line(r.Scenario.Axis),
		judge.Duration(time.Duration(at.MedianNS)))
}

// failure adds what is known of the findings.
func (r kcidbRun) failure(t *kcidbTest, found []summary.Finding) {
	var text strings.Builder
	var all []map[string]any
	for _, f := range found {
		text.WriteString(evidence(f) + "\n")
		all = append(all,
			map[string]any{"kind": line(string(f.Kind)), "signature": line(f.Signature), "safe": f.Safe, "broken": f.Broken})
	}
	if len(all) > 0 {
		t.Misc["findings"], t.Log = all, first(text.String(), kcidbLog)
	}
}

// sizes are the safe and the broken size as measurements. A run that measured nothing has none.
func (r kcidbRun) sizes() (all []kcidbTest) {
	add := func(name, comment string, size int64) {
		t := r.empty("threshold", name)
		t.Status, t.Comment, t.Number = "DONE", r.comment(comment), &kcidbNumber{float64(size), line(r.Scenario.Axis), ""}
		all = append(all, t)
	}
	if r.Verdict.Trials > 0 {
		add("safe", "largest size at which everything was measured and nothing failed; 0 for none", r.Verdict.Safe)
	}
	if r.Verdict.Broken > 0 {
		add("broken", "smallest size at which something failed", r.Verdict.Broken)
	}
	return all
}

func inSeconds(ns int64) float64 { return time.Duration(ns).Seconds() }
