package minimise

import (
	"fmt"
	"maps"
	"slices"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// kind says what a part of a reproduction is.
type kind string

// The kinds of parts.
const (
	step   kind = "step"
	reps   kind = "repetitions"
	option kind = "option"
	cpus   kind = "vCPUs"
	memory kind = "memory"
	extra  kind = "module that only tells of a panic"
	module kind = "module"
	built  kind = "module of brink's own"
	tool   kind = "tool"
	device kind = "device"
	arg    kind = "argument"
	size   kind = "size"
)

// part is something that may be taken away by itself.
type part struct {
	kind kind
	at   int    // index in its list
	name string // for a person
}

// parts lists all there are in the whole reproduction, but for vCPUs, memory and size, which shrink.
func (q Question) parts() []part {
	var all []part
	for i, s := range q.Whole.Steps {
		all = append(all, part{step, i, stepName(s, i)})
	}
	for i, s := range q.Whole.Steps {
		if s.Reps > 1 {
			all = append(all, part{reps, i, fmt.Sprintf("%d repetitions of %s", s.Reps, s.Name())})
		}
	}
	for i, o := range q.Spec.Options {
		if v, ok := q.Whole.Settings[o.Name]; ok && v != o.Default {
			all = append(all, part{option, i, fmt.Sprintf("option %s=%s", o.Name, v)})
		}
	}
	for i, name := range q.Whole.Modules {
		k := module
		if slices.Contains(q.Extra, name) {
			k = extra
		}
		all = append(all, part{k, i, "module " + name})
	}
	list := func(k kind, word string, names []string) {
		for i, name := range names {
			all = append(all, part{k, i, word + " " + name})
		}
	}
	list(built, "module", q.Whole.Built)
	list(tool, "tool", q.Whole.Tools)
	list(device, "device", q.Whole.Devices)
	list(arg, "argument", q.Whole.Args)
	return all
}

// stepName is unique in a plan: an op comes once, the others have their place.
func stepName(s trial.Step, i int) string {
	if s.Kind == trial.StepOp {
		return "op " + s.Op
	}
	return fmt.Sprintf("%s (step %d)", s.Kind, i+1)
}

// form is a reproduction as what is missing from the whole one.
type form struct {
	gone                 map[part]bool
	cpus, memoryMB, size int64
}

// whole is the form that nothing is missing from.
func (q Question) whole() form {
	return form{cpus: int64(q.Whole.Machine.CPUs), memoryMB: q.Whole.Machine.MemoryMB, size: q.Whole.Size}
}

func (f form) without(parts ...part) form {
	gone := maps.Clone(f.gone)
	if gone == nil {
		gone = map[part]bool{}
	}
	f.gone = gone
	for _, p := range parts {
		f.gone[p] = true
	}
	return f
}

// candidate makes the reproduction of a form.
func (q Question) candidate(f form) Candidate {
	c := q.Whole
	c.Size, c.Machine.CPUs, c.Machine.MemoryMB, c.Machine.Cmdline = f.size, int(f.cpus), f.memoryMB, ""
	gone := map[kind][]int{}
	for p := range f.gone {
		gone[p.kind] = append(gone[p.kind], p.at)
	}
	c.Steps = nil
	for i, s := range q.Whole.Steps {
		if slices.Contains(gone[step], i) {
			continue
		}
		if slices.Contains(gone[reps], i) {
			s.Reps = 1
		}
		if s.Size == q.Whole.Size {
			s.Size = f.size
		}
		c.Steps = append(c.Steps, s)
	}
	c.Settings = maps.Clone(q.Whole.Settings)
	for _, i := range gone[option] {
		c.Settings[q.Spec.Options[i].Name] = q.Spec.Options[i].Default
	}
	c.Modules = left(q.Whole.Modules, append(gone[module], gone[extra]...))
	c.Built, c.Tools = left(q.Whole.Built, gone[built]), left(q.Whole.Tools, gone[tool])
	c.Devices, c.Args = left(q.Whole.Devices, gone[device]), left(q.Whole.Args, gone[arg])
	return c
}

// left returns the names whose index is not gone.
func left(names []string, gone []int) (rest []string) {
	for i, name := range names {
		if !slices.Contains(gone, i) {
			rest = append(rest, name)
		}
	}
	return rest
}

// missing returns the names of all that are not among those left.
func missing(all, left []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(name string) bool { return slices.Contains(left, name) })
}

// leads reports whether a step is the target's op or brings the state to the size.
func (q Question) leads(s trial.Step) bool {
	op, ok := q.Spec.Op(s.Op)
	return ok && (s.Op == q.Target.Op || op.From != scenario.Full && op.To == scenario.Full)
}
