package explain

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// CPUs returns the CPUs that are tried unless others are asked for: the whole model if the run left features out; and where
// the features are not taken away one by one, the model without AVX, without the AES instructions, and QEMU's oldest 64-bit one.
func CPUs(own string, features []string) []string {
	model, _, _ := strings.Cut(own, ",")
	if len(features) > 0 {
		return []string{model}
	}
	return []string{model, own + ",-avx,-avx2", own + ",-aes,-pclmulqdq", "qemu64"}
}

// cpuArms change what the CPU can do: what the run left out comes back, each feature goes, and whole other CPUs are tried.
func (q Question) cpuArms() []Setup {
	own := q.Head.Machine.CPU
	var arms []Setup
	for _, f := range LeftOut(own) {
		s := q.arm(Environment, "with "+f, fmt.Sprintf("CPU with %s again", upper(f)))
		s.Machine.CPU, s.Feature, s.Added = With(own, f), f, true
		arms = append(arms, s)
	}
	for _, f := range q.Features {
		if slices.ContainsFunc(LeftOut(own), func(out string) bool { return slices.Contains(closure(out), f) }) {
			continue // it came back above
		}
		s := q.without(q.arm(Environment, "without "+f, "CPU without "+upper(f)), f)
		if q.Has != nil && !q.Has[f] {
			s.Skipped = fmt.Sprintf("CPU %s has no %s", own, upper(f))
		}
		arms = append(arms, s)
	}
	for _, cpu := range q.CPUs {
		if cpu == own || slices.ContainsFunc(arms, func(s Setup) bool { return s.Machine.CPU == cpu && s.Skipped == "" }) {
			continue
		}
		s := q.arm(Environment, "cpu "+cpu, fmt.Sprintf("CPU %s instead of %s", cpu, own))
		s.Machine.CPU = cpu
		arms = append(arms, s)
	}
	return arms
}

// without takes a feature from a setup.
func (q Question) without(s Setup, feature string) Setup {
	has := q.Has
	if s.Machine.CPU != q.Head.Machine.CPU {
		has = nil // known of the run's own only
	}
	s.Feature, s.Machine.CPU = feature, Without(s.Machine.CPU, feature, has)
	if q.Target.Measure != nil && s.Machine.Clock == trial.ClockICount {
		s.Enough = enough
	}
	return s
}

// enough is the number of trials of an arm that is about a number, under the instruction clock: they are nearly the same, and
// how much they differ is known from all arms together.
const enough = 2

// settings puts each option that the run changed back to its default. What the rate and the axes are has arms of their own.
func (q Question) settings() []Setup {
	var arms []Setup
	for _, o := range q.Spec.Options {
		usual, err := q.Spec.Settings(map[string]string{o.Name: o.Default})
		own, set := q.Head.Settings[o.Name]
		if err != nil || !set || own == usual[o.Name] || o.Name == q.Spec.Rate || q.ramped().Load && q.stands(o.Name) {
			continue
		}
		s := q.arm(Setting, o.Name+"="+usual[o.Name], fmt.Sprintf("option %s=%s instead of %s", o.Name, usual[o.Name], own))
		s.Settings[o.Name] = usual[o.Name]
		arms = append(arms, s)
	}
	if len(arms) == 0 && slices.Contains(q.Only, Setting) {
		arms = append(arms, q.skip(Setting, "settings", "each option is at its default"))
	}
	return arms
}

// stands reports whether an option is that of an axis, which stands still there.
func (q Question) stands(option string) bool {
	return slices.ContainsFunc(q.Spec.Axes, func(a scenario.Axis) bool { return a.Name == option })
}

// Healthy returns the arms of the other side, once those of the design are done: an arm in which the failure is gone, without
// the CPU features that may be what the failing guest lacks. A feature whose removal changes the failing guest is in use there,
// and is left out. There are none if no arm is healthy, or if a CPU feature has been named without them.
//
// Note: to compare features on the failing side only is not enough. That nothing changes without one says that it is not in
// use, which holds for those that never mattered, too.
func Healthy(q Question, arms []Arm) []Setup {
	var first []Arm
	for _, a := range arms {
		if !a.otherSide() {
			first = append(first, a)
		}
	}
	x := Judge(first)
	base, ok := x.healthy()
	if !q.Wanted(Environment) || !ok || len(x.Features) > 0 {
		return nil
	}
	var setups []Setup
	for _, f := range q.Features {
		if q.Has != nil && !q.Has[f] && base.Machine.CPU == q.Head.Machine.CPU || x.inUse(f) {
			continue
		}
		s := base.Setup
		s.Settings = maps.Clone(s.Settings)
		s.Name, s.Change = base.Name+" without "+f, base.Change+", and CPU without "+upper(f)
		s.Factor, s.Base, s.Skipped = Environment, base.Name, ""
		setups = append(setups, q.without(s, f))
	}
	return setups
}

// Wanted reports whether a factor is to be tried.
func (q Question) Wanted(f Factor) bool { return len(q.Only) == 0 || slices.Contains(q.Only, f) }

// healthy returns the arm that is most like the failing guest of those in which the failure is gone: with another option, in
// another environment, with another kernel. Its clock must be the same one.
func (x *Explanation) healthy() (Comparison, bool) {
	for _, f := range []Factor{Setting, Environment, Version} {
		for _, c := range x.Arms {
			if c.Factor == f && c.gone() && c.Base == string(Same) && c.Machine.Clock == x.Arms[0].Machine.Clock {
				return c, true
			}
		}
	}
	return Comparison{}, false
}

// inUse reports whether the failing guest changes without a feature.
func (x *Explanation) inUse(feature string) bool {
	for _, c := range x.Arms {
		if c.Feature != feature || c.Added || c.otherSide() {
			continue
		}
		if c.Ratio != nil {
			return c.Ratio.differs()
		}
		return c.gone() || c.Verdict == Less
	}
	return false
}
