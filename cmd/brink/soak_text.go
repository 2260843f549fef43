package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"brink/internal/judge"
	"brink/internal/soak"
	"brink/internal/trial"
)

// text writes the result for a person.
func (d soakDocument) text(w io.Writer) error {
	var b strings.Builder
	d.top(&b)
	for i, a := range d.Arms {
		d.side(&b, i, a)
	}
	d.bottom(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// top says what was soaked.
func (d soakDocument) top(b *strings.Builder) {
	fmt.Fprintf(b, "soak of %s with %s %s: %s\n", d.Scenario, judge.Count(d.Size), d.Axis, d.Title)
	if d.Seeded {
		fmt.Fprintln(b, "SEEDED: the failures are planted and say nothing about a kernel")
	}
	m := d.Machine
	clock := "real time"
	if m.Clock == trial.ClockICount {
		clock = "instructions: one is one nanosecond"
	}
	fmt.Fprintf(b, "machine    %s, %d MiB, %d vCPU, CPU %s; VM time is the guest's, in %s\n", m.Accel, m.MemoryMB, m.CPUs, m.CPU, clock)
	vms := plural(d.VMs, "VM") + " side by side"
	if d.VMs < d.Asked {
		vms += fmt.Sprintf(" (%d asked for, no more fitted)", d.Asked)
	}
	fmt.Fprintf(b, "fleet      %s for %v of %v\n", vms, time.Duration(d.ElapsedNS).Round(time.Second), time.Duration(d.ForNS))
}

// side says what an arm showed.
func (d soakDocument) side(b *strings.Builder, i int, a soakSide) {
	name := a.Name
	if len(d.Arms) > 1 {
		name = string(rune('A'+i)) + ": " + name
	}
	fmt.Fprintf(b, "\n%s  %s\n", name, a.Kernel.Version)
	fmt.Fprintf(b, "rate       %s\n", d.rate(a.Rate))
	vms := fmt.Sprintf("%s, %d failed", plural(a.VMs, "VM"), a.Rate.Failures)
	if a.Harness > 0 {
		vms += fmt.Sprintf("; %d more lost to harness faults, which count as nothing", a.Harness)
	}
	fmt.Fprintf(b, "VMs        %s\n", vms)
	if a.Rate.Failures > 0 {
		fmt.Fprintf(b, "life       %s\n", lifeText(a.Life))
	}
	if len(a.Done) > 0 {
		var done []string
		for _, op := range slices.Sorted(maps.Keys(a.Done)) {
			done = append(done, fmt.Sprintf("%s %s", op, judge.Count(a.Done[op])))
		}
		fmt.Fprintf(b, "ops done   %s\n", strings.Join(done, ", "))
	}
	for _, name := range slices.Sorted(maps.Keys(a.Facts)) {
		fmt.Fprintf(b, "guest      %s: %s\n", oneLine(name), oneLine(a.Facts[name]))
	}
	d.signatures(b, a)
}

// rate is the rate with the interval that holds.
func (d soakDocument) rate(r soak.Rate) string {
	if d.Exact || r.Hours == 0 {
		return r.String()
	}
	count := fmt.Sprintf("%s in %.3g VM-hours", plural(r.Failures, "failure"), r.Hours)
	if r.Failures == 0 {
		return fmt.Sprintf("below %.3g per VM-hour with 95%% confidence, %s", r.Anytime.Bound, count)
	}
	return fmt.Sprintf("%.3g per VM-hour (%.3g to %.3g whenever one looks), %s", r.PerHour, r.Anytime.Low, r.Anytime.High, count)
}

// lifeText says how long VMs live.
func lifeText(l soak.Life) string {
	text := fmt.Sprintf("first failure after %s", soakTime(l.First))
	if l.Median > 0 {
		text += fmt.Sprintf(", half of the VMs failed within %s", soakTime(l.Median))
	}
	text += fmt.Sprintf(", one failure in %s (%s to ", soakTime(l.Mean), soakTime(l.MeanLow))
	if l.MeanHigh > 0 {
		text += soakTime(l.MeanHigh) + ")"
	} else {
		text += "any time)"
	}
	switch l.Shape {
	case soak.Early:
		text += fmt.Sprintf("; mostly soon after the load (%s): shorter lives (--life) find more", chance(l.P))
	case soak.Aging:
		text += fmt.Sprintf("; mostly late (%s): longer lives find more", chance(l.P))
	case soak.Steady:
		text += "; at a constant rate, as far as can be told"
	}
	return text
}

// chance is a p-value.
func chance(p float64) string {
	if p < 0.001 {
		return "p < 0.001"
	}
	return fmt.Sprintf("p %.2g", p)
}

// signatures lists the ways to fail.
func (d soakDocument) signatures(b *strings.Builder, a soakSide) {
	if len(a.Signatures) == 0 {
		return
	}
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  failures\tshare\tper VM-hour\tmedian life\tsignature\tfunction\texample")
	for _, s := range a.Signatures {
		low, high := s.Rate.Low, s.Rate.High
		if !d.Exact {
			low, high = s.Rate.Anytime.Low, s.Rate.Anytime.High
		}
		life := "-"
		if s.Life.Median > 0 {
			life = soakTime(s.Life.Median)
		}
		fmt.Fprintf(t, "  %d\t%.0f%%\t%.3g (%.3g to %.3g)\t%s\t%s\t%s\ttrials/%03d, seed %d\n", s.Rate.Failures, 100*s.Share, s.Rate.PerHour, low, high, life,
			oneLine(s.Signature), dash(oneLine(s.Function)), s.First, d.seedOf(s.First))
	}
	t.Flush()
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func (d soakDocument) seedOf(ordinal int) uint64 {
	for _, l := range d.Results {
		if l.Ordinal == ordinal {
			return l.Seed
		}
	}
	return 0
}

// bottom says what was asked, what the answer is, and where everything lies.
func (d soakDocument) bottom(b *strings.Builder) {
	fmt.Fprintln(b)
	planted := ""
	if d.Seeded && d.failures() > 0 {
		planted = " (seeded)"
	}
	switch {
	case d.Verdict != soak.None:
		fmt.Fprintf(b, "VERDICT%s  %s\n", planted, d.Why)
	case d.failures() > 0:
		fmt.Fprintf(b, "FOUND%s  a failure that comes now and then: %s\n", planted, d.Why)
	default:
		fmt.Fprintf(b, "no failure: %s\n", d.Why)
	}
	if d.Longer != nil {
		text := d.Longer.Why
		if wait := d.Longer.Wait(d.VMs); wait > 0 {
			text += fmt.Sprintf(", %v with %s", roundTime(wait), plural(d.VMs, "VM"))
		}
		fmt.Fprintf(b, "longer     %s: brink resume %s --for TIME\n", text, d.ID)
	}
	if !d.Finished {
		fmt.Fprintf(b, "not finished: brink resume %s\n", d.ID)
	}
	fmt.Fprintf(b, "soak folder: %s\n", d.Folder)
}

// soakTime is a time of a VM's life, as precise as is of use.
func soakTime(d time.Duration) string {
	if d < time.Minute {
		return judge.Duration(d)
	}
	return roundTime(d).String()
}

func roundTime(d time.Duration) time.Duration {
	if d > time.Hour {
		return d.Round(time.Minute)
	}
	return d.Round(time.Second)
}
