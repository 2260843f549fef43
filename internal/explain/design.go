package explain

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Question is what a design is made from.
type Question struct {
	Spec    scenario.Spec // as the scenario is written, not scaled to a machine
	Head    trial.Run
	Target  Target
	Only    []Factor // all when empty; the control is always there
	Kernels []Kernel // to try instead of the run's own
	CPUs    []string // QEMU's -cpu values to try instead of the run's own
	// Features are the CPU features that are taken away one by one; Has says which of them the run's own CPU has, nil where
	// that is not known.
	Features []string
	Has      map[string]bool
	HostMB   int64 // memory the host has to give, 0 if not known
}

// Kernel is another kernel to try, or why it cannot be.
type Kernel struct {
	Ref     string
	Kernel  trial.Kernel
	Skipped string
}

// Design returns the arms, the control first.
func Design(q Question) []Setup {
	arms := []Setup{q.arm(Same, "same", "nothing but the seed")}
	for _, f := range Factors() {
		if !q.Wanted(f) {
			continue
		}
		switch f {
		case Scale:
			arms = append(arms, q.scales()...)
		case Load:
			arms = append(arms, q.loads()...)
		case Version:
			arms = append(arms, q.versions()...)
		case Setting:
			arms = append(arms, q.settings()...)
		case Environment:
			arms = append(arms, q.memory()...)
			arms = append(arms, q.cpus()...)
			arms = append(arms, q.cpuArms()...)
		}
	}
	return arms
}

// arm is a setup that changes nothing yet.
func (q Question) arm(f Factor, name, change string) Setup {
	s := Setup{Name: name, Factor: f, Change: change, Target: q.Target, Size: q.Target.At,
		Settings: maps.Clone(scenario.Settings(q.Head.Settings)), Kernel: q.Head.Kernel, Machine: q.Head.Machine}
	if f != Same {
		s.Base = string(Same)
	}
	return s
}

func (q Question) skip(f Factor, name, why string, args ...any) Setup {
	s := q.arm(f, name, name)
	s.Skipped = fmt.Sprintf(why, args...)
	return s
}

func (q Question) versions() []Setup {
	var arms []Setup
	for _, k := range q.Kernels {
		if k.Skipped != "" {
			arms = append(arms, q.skip(Version, "kernel "+k.Ref, "%s", k.Skipped))
			continue
		}
		if k.Kernel.Hash == q.Head.Kernel.Hash || slices.ContainsFunc(arms, func(s Setup) bool { return s.Kernel.Hash == k.Kernel.Hash }) {
			continue
		}
		s := q.arm(Version, "kernel "+k.Kernel.Name, "kernel "+k.Kernel.Name)
		s.Kernel = k.Kernel
		arms = append(arms, s)
	}
	if len(arms) == 0 {
		arms = append(arms, q.skip(Version, "kernel", "there is no other kernel to try"))
	}
	return arms
}

// memory doubles the guest's and halves it.
func (q Question) memory() []Setup {
	arm := func(mb int64) Setup {
		s := q.arm(Environment, fmt.Sprintf("memory %dM", mb), fmt.Sprintf("%d MiB of memory instead of %d", mb, q.Head.Machine.MemoryMB))
		s.Machine.MemoryMB = mb
		return s
	}
	more, less := arm(2*q.Head.Machine.MemoryMB), arm(q.Head.Machine.MemoryMB/2)
	if q.HostMB > 0 && more.Machine.MemoryMB > q.HostMB {
		more.Skipped = fmt.Sprintf("the host has only %d MiB to give", q.HostMB)
	}
	if axis, err := q.Spec.Axis(q.Head.Axis); err == nil {
		if need := axis.Memory(q.Target.At) >> 20; less.Machine.MemoryMB < need {
			less.Skipped = fmt.Sprintf("%d %s need %d MiB", q.Target.At, axis.Name, need)
		}
	}
	return []Setup{more, less}
}

// timed are the kinds that a budget, a deadline or a limit decides, which mean something under one clock only.
var timed = []trial.Kind{judge.Budget, judge.Growth, judge.OverLimit, trial.Deadline}

// cpus changes the number of vCPUs. More than one needs real time, which then is a change of its own.
func (q Question) cpus() []Setup {
	m := q.Head.Machine
	n := 2
	if m.CPUs > 1 {
		n = 1
	}
	name := fmt.Sprintf("vCPUs %d", n)
	s := q.arm(Environment, name, fmt.Sprintf("%d vCPUs instead of %d", n, m.CPUs))
	s.Machine.CPUs = n
	if m.Clock != trial.ClockICount {
		return []Setup{s}
	}
	if slices.Contains(timed, q.Target.Kind) {
		return []Setup{q.skip(Environment, name, "two vCPUs need real time, and a failure of kind %s means nothing under another clock", q.Target.Kind)}
	}
	clock := q.arm(Environment, "clock wall", "real time instead of the instruction clock")
	clock.Machine.Clock = trial.ClockWall
	s.Machine.Clock, s.Base = trial.ClockWall, clock.Name
	s.Change += ", both in real time"
	return []Setup{clock, s}
}

// Series is the part of a release or of a reference that names a kernel series: 6.12 of 6.12.117+deb13-cloud-amd64.
func Series(release string) string {
	parts := strings.SplitN(release, ".", 3)
	if len(parts) < 2 {
		return release
	}
	minor := strings.IndexFunc(parts[1], func(r rune) bool { return r < '0' || r > '9' })
	if minor >= 0 {
		parts[1] = parts[1][:minor]
	}
	return parts[0] + "." + parts[1]
}
