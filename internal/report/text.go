// Package report writes what a run showed for people. It draws no conclusions of its own.
package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Text writes a run's report: what ran on what, the table of timings, the signals, the rest of the guest, the findings.
func Text(w io.Writer, t *judge.Table) error {
	p := &printer{w: w}
	p.head(t)
	p.timings(t)
	p.growths(t)
	p.signals(t)
	p.rest(t)
	p.trials(t)
	p.findings(t)
	return p.err
}

type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if _, err := fmt.Fprintf(p.w, format, args...); err != nil && p.err == nil {
		p.err = err
	}
}

func (p *printer) head(t *judge.Table) {
	h := t.Head
	if h.Seeded {
		p.printf("SEEDED    the failures below are planted, to try brink itself; they say nothing about this kernel\n")
	}
	if h.Replay != "" {
		p.printf("replay    of the bundle of run %s: one size in a fresh VM, no ladder\n", h.Replay)
	}
	p.printf("run       %s\nscenario  %s: %s%s\n", h.ID, h.Scenario, t.Spec.Title, settings(t))
	p.printf("kernel    %s, %s\n", h.Kernel.Name, h.Kernel.Release)
	p.printf("machine   %s, %d MiB, %d vCPU (%s), %s, QEMU %s\n", h.Machine.Accel, h.Machine.MemoryMB, h.Machine.CPUs,
		h.Machine.CPU, h.Machine.Board, h.Machine.QEMU)
	p.printf("clock     %s\n", clockWords(h.Machine.Clock))
	for _, name := range slices.Sorted(maps.Keys(t.Facts)) {
		p.printf("%-9s %s\n", name, t.Facts[name])
	}
	p.printf("\n")
}

// clockWords says what the clock of the timings is.
func clockWords(c trial.Clock) string {
	return map[trial.Clock]string{trial.ClockWall: "wall: real time of the guest",
		trial.ClockICount: "instructions: 1 ns is one guest instruction, waiting counts as the time it would take"}[c]
}

// settings lists the options that differ from their defaults.
func settings(t *judge.Table) string {
	var set []string
	for _, o := range t.Spec.Options {
		if v, ok := t.Head.Settings[o.Name]; ok && v != o.Default {
			set = append(set, o.Name+"="+v)
		}
	}
	if len(set) == 0 {
		return ""
	}
	return " (" + strings.Join(set, ", ") + ")"
}

// timings prints the median of each op at each size; an op that grows with the size gets a second column, per unit.
func (p *printer) timings(t *judge.Table) {
	header := []string{t.Head.Axis}
	for _, op := range t.Spec.Ops {
		header = append(header, op.Name)
		if op.Growth == scenario.Linear {
			header = append(header, each)
		}
	}
	rows := [][]string{header}
	for _, n := range t.Sizes {
		row := []string{judge.Count(n)}
		for _, op := range t.Spec.Ops {
			row = append(row, cells(t.Cell(n, op.Name), op)...)
		}
		rows = append(rows, row)
	}
	p.table(rows, 1)
	p.printf("\n  median of the samples; ! over budget, late: past its deadline, refused: the kernel returned an error,\n" +
		"  n/a: not possible with these settings, -: not measured\n\n")
}

func cells(c *judge.Cell, op scenario.Op) []string {
	text, each := cell(c, op)
	if op.Growth == scenario.Linear {
		return []string{text, each}
	}
	return []string{text}
}

func cell(c *judge.Cell, op scenario.Op) (text, each string) {
	s, ok := c.Median()
	switch {
	case c == nil:
		return "-", ""
	case c.Late > 0:
		return "late", ""
	case c.Failed != nil:
		return "refused", ""
	case c.Skipped != "":
		return "n/a", ""
	case !ok:
		return "-", ""
	}
	text, each = judge.Duration(s.Wall()), judge.Duration(s.Wall()/time.Duration(max(1, s.Count)))
	if _, over := c.Worst(op); over {
		text = "!" + text
	}
	return text, each
}

// growths prints how each op's cost grows, as far as the samples tell.
func (p *printer) growths(t *judge.Table) {
	any, longest := false, 10
	for _, op := range t.Spec.Ops {
		longest = max(longest, len(op.Name))
	}
	for _, op := range t.Spec.Ops {
		fit, ok := t.Fit(op)
		if !ok || len(t.Sizes) < 4 { // fewer sizes never tell
			continue
		}
		text := t.Law(op)
		if k := fit.Knee; k != nil {
			text += fmt.Sprintf("; %s at %s (%s to %s)", k.Kind, judge.Count(int64(k.At)), judge.Count(int64(k.Low)), judge.Count(int64(k.High)))
		}
		p.printf("growth    %-*s %s\n", longest, op.Name, text)
		any = true
	}
	if any {
		p.printf("          of one sample with the size n\n\n")
	}
}

// rest prints the canaries and the health of the guest beside the state that grows.
func (p *printer) rest(t *judge.Table) {
	if len(t.Rests) == 0 {
		return
	}
	header := []string{t.Head.Axis, "when"}
	for _, c := range t.Rests[0].Canaries {
		header = append(header, c.Name)
	}
	rows := [][]string{append(header, "threads", "last pid", "free", "slab", "percpu", "stacks", "taint", "errors")}
	for _, r := range t.Rests {
		rows = append(rows, restRow(r))
	}
	p.within(widestRest, rows, 2)
	p.printf("\n")
}

func restRow(r judge.Rest) []string {
	when := "before"
	if r.After {
		when = "after"
	}
	if r.Size == 0 {
		when = "boot"
	}
	row := []string{judge.Count(r.Size), when}
	for _, c := range r.Canaries {
		text := judge.Duration(time.Duration(c.NS))
		if c.Err != nil {
			if text = c.Err.Name; text == "" {
				text = "error"
			}
		}
		row = append(row, text)
	}
	h := r.Health
	return append(row, judge.Count(h.Threads), judge.Count(h.LastPID), mib(h.MemFreeKB), mib(h.SlabKB), mib(h.PercpuKB), mib(h.StackKB),
		judge.Count(h.Taint), judge.Count(int64(h.KernelCount)))
}

func (p *printer) trials(t *judge.Table) {
	for _, e := range t.Ends {
		p.printf("trial %d (%s): %s", e.Trial, e.Start, e.Outcome.Kind)
		if e.Outcome.Size > 0 {
			p.printf(" at %s %s", judge.Count(e.Outcome.Size), t.Head.Axis)
		}
		if e.Outcome.Op != "" {
			p.printf(", %s", e.Outcome.Op)
		}
		if e.Outcome.Text != "" {
			p.printf(": %s", e.Outcome.Text)
		}
		p.printf("\n")
		for _, o := range e.Floods {
			p.printf("         flood %d to card %d: %s\n", o.ID, o.Card, o.Err)
		}
		p.captures(e)
	}
	if len(t.Ends) > 0 {
		p.printf("\n")
	}
}

// captures says what was saved of a failed guest, and what could not be.
func (p *printer) captures(e judge.End) {
	var saved, failed []string
	for _, c := range e.Captures {
		switch {
		case c.Err != "":
			failed = append(failed, c.What+" ("+c.Err+")")
		case c.File != "":
			saved = append(saved, c.File)
		default:
			saved = append(saved, c.What)
		}
	}
	if len(saved) > 0 {
		p.printf("         saved in trials/%03d: %s\n", e.Trial, strings.Join(append([]string{"console.log"}, saved...), ", "))
	}
	if len(failed) > 0 {
		p.printf("         not to be had: %s\n", strings.Join(failed, ", "))
	}
}

func (p *printer) findings(t *judge.Table) {
	found := t.Findings()
	safe := t.Safe(found)
	if len(found) == 0 && safe > 0 {
		p.printf("no failure up to %s %s (%d of %d trials)\n", judge.Count(safe), t.Head.Axis, kernelTrials(t), kernelTrials(t))
		return
	}
	for _, f := range found {
		p.printf("%s  %s: %s\n", heading(f), kindAndSize(f, t.Head.Axis), f.Text)
		if s := f.Search; s != nil {
			p.printf("         %s\n", search(*s))
		}
		if f.Signature != "" {
			p.printf("         signature %s\n", f.Signature)
		}
		if f.Twin != nil {
			p.printf("         twins     %s\n", f.Twin)
		}
		if len(f.Also) > 0 {
			p.printf("         also seen %s\n", strings.Join(f.Also, ", "))
		}
	}
	if safe > 0 {
		p.printf("safe up to %s %s\n", judge.Count(safe), t.Head.Axis)
	} else if t.Head.Replay == "" {
		p.printf("no size of the ladder is safe in every op\n")
	}
}

// kindAndSize says how a finding shows and from which size on. That of a growth is a prediction, and in its text.
func kindAndSize(f judge.Finding, axis string) string {
	text := string(f.Kind)
	if f.Kind == judge.Growth {
		return text
	}
	text += " at " + judge.Count(f.Broken) + " " + axis
	if f.Safe > 0 {
		text += " (not at " + judge.Count(f.Safe) + ")"
	}
	return text
}

// search says how a threshold was found.
func search(s judge.Search) string {
	text := fmt.Sprintf("threshold %s (%d fresh VMs; the ladder said %s to %s)", s.Verdict, s.Boots, judge.Count(s.Ladder[0]), judge.Count(s.Ladder[1]))
	if s.Why != "" {
		text += ": " + s.Why
	}
	if s.Confidence > 0 {
		text += fmt.Sprintf("; confidence %.3g", s.Confidence)
	}
	if s.Rate > 0 && s.Rate < 1 {
		text += fmt.Sprintf("; fails in %.0f%% of the VMs (%.0f%% to %.0f%%)", 100*s.Rate, 100*s.RateLow, 100*s.RateHigh)
	}
	return text
}

func heading(f judge.Finding) string {
	if f.Seeded {
		return "FINDING (seeded)"
	}
	return "FINDING"
}

// kernelTrials counts the trials that were not lost to the harness.
func kernelTrials(t *judge.Table) int {
	n := 0
	for _, e := range t.Ends {
		if e.Outcome.Kind != trial.Harness {
			n++
		}
	}
	return n
}

func mib(kb int64) string { return judge.Count(kb/1024) + " MiB" }
