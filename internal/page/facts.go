package page

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"brink/internal/judge"
	"brink/internal/summary"
	"brink/internal/trial"
)

// fact is a line of a list of facts.
type fact struct {
	Name, Text string
	Code       bool // to be copied, or as a program wrote it
	Note       string
}

func newFacts(s summary.Summary) []fact {
	m, k := s.Machine, s.Kernel
	facts := []fact{
		{Name: "Scenario", Text: s.Scenario.Title, Note: s.Scenario.Incident},
		{Name: "Kernel", Text: k.Name, Code: true},
		{Name: "Release", Text: k.Release, Code: true},
		{Name: "Package", Text: strings.TrimSpace(k.Package + " " + k.Version), Code: true},
		{Name: "Machine", Text: fmt.Sprintf("%s, %s MiB, %s, %s", m.Board, judge.Count(m.MemoryMB), plural(m.CPUs, "vCPU", "vCPUs"), m.Accel)},
		{Name: "CPU", Text: m.CPU, Code: true},
		{Name: "Clock", Text: string(m.Clock), Note: clock(m.Clock)},
		{Name: "QEMU", Text: m.QEMU},
		{Name: "Command line", Text: m.Cmdline, Code: true},
		{Name: "Seed", Text: fmt.Sprint(s.Scenario.Seed)},
		{Name: "Settings", Text: settings(s), Code: true},
		{Name: "brink", Text: "build " + s.Build},
		{Name: "Content of the kernel", Text: k.Hash, Code: true, Note: "SHA-256"},
	}
	if g := s.Guest; g != nil {
		facts = slices.Insert(facts, 3, fact{Name: "Version", Text: g.Version, Code: true})
		facts = append(facts, fact{Name: "Guest's first hello", Text: fmt.Sprintf("%s after power-on, clock source %s", duration(g.BootNS), g.Clock)})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Facts)) {
		facts = append(facts, fact{Name: name, Text: s.Facts[name], Code: true, Note: "as the guest said"})
	}
	return slices.DeleteFunc(facts, func(f fact) bool { return strings.TrimSpace(f.Text) == "" })
}

// clock says what a nanosecond is.
func clock(c trial.Clock) string {
	switch c {
	case trial.ClockICount:
		return "The instruction clock: a nanosecond is one guest instruction, and waiting counts as the time it would take while it is skipped. " +
			"Times repeat from run to run whatever else the host does; they are not those of a processor, and are compared only with others of this clock."
	case trial.ClockWall:
		return "Real time of the guest."
	}
	return ""
}

// settings are all options; those that are not at their defaults are marked.
func settings(s summary.Summary) string {
	var set []string
	for _, name := range slices.Sorted(maps.Keys(s.Scenario.Settings)) {
		text := name + "=" + s.Scenario.Settings[name]
		if _, ok := s.Scenario.Changed[name]; ok {
			text += " (changed)"
		}
		set = append(set, text)
	}
	return strings.Join(set, ", ")
}

// repeat is how to get the failure again.
type repeat struct {
	Command, Bundle, Explain string
	Kernel                   string // the exact one, where the command names one that moves on
	Files                    []link
}

func newRepeat(s summary.Summary) repeat {
	args := []string{"brink"}
	if len(s.Args) > 0 {
		args = append(args, s.Args[1:]...)
	}
	r := repeat{Command: shell(args), Bundle: shell([]string{"brink", "bundle", s.Run}), Explain: shell([]string{"brink", "explain", s.Run}),
		Files: []link{linkTo("run.json"), linkTo("events.jsonl"), linkTo("report.txt")}}
	if s.Kernel.Ref != s.Kernel.Name {
		r.Kernel = s.Kernel.Name
	}
	return r
}
