package minimise

import (
	"fmt"
	"slices"

	"brink/internal/judge"
	"brink/internal/trial"
)

// reduce tries to take away everything, kind by kind.
func (s *search) reduce() {
	all := s.q.parts()
	of := func(kinds ...kind) []part {
		other := func(p part) bool { return !slices.Contains(kinds, p.kind) || s.stepGone(p) }
		return slices.DeleteFunc(slices.Clone(all), other)
	}
	s.jump(of(step))
	s.chunks(of(step))
	s.chunks(of(reps))
	if !slices.Contains(atTheEdge, s.q.Target.Kind) {
		s.shrinkSize()
	}
	s.chunks(of(option))
	s.shrink(cpus, "vCPUs", 1, cpusOf)
	s.shrink(memory, "MiB of memory", s.q.FloorMB, memoryOf)
	for _, k := range []kind{extra, module, built, tool, device, arg} {
		s.chunks(of(k))
	}
	s.shrinkSize()
}

// atTheEdge are the kinds that a quantity decides which each part changes by a little. The smallest size that is known
// to break is tried last for them: so close to the edge every part would seem to matter. For the others it is tried
// early, before an option moves the edge.
var atTheEdge = []trial.Kind{judge.Budget, judge.OverLimit, trial.Deadline, trial.OOM}

func (s *search) shrinkSize() {
	if s.q.Target.Broken > 0 {
		s.shrink(size, s.q.Unit, s.q.Target.Broken, sizeOf)
	}
}

// stepGone reports whether a part, repetitions, went with its step.
func (s *search) stepGone(p part) bool {
	return p.kind == reps && s.best.gone[part{step, p.at, stepName(s.q.Whole.Steps[p.at], p.at)}]
}

// jump tries to leave nothing but the target's op and what brings the state there; failing that, to leave out what comes
// after the op.
func (s *search) jump(steps []part) {
	last := -1
	var beside []part
	for i, st := range s.q.Whole.Steps {
		if st.Kind == trial.StepOp && st.Op == s.q.Target.Op {
			last = i
		}
		if !s.q.leads(st) {
			beside = append(beside, steps[i])
		}
	}
	if last < 0 {
		return
	}
	if !s.drop(beside) {
		s.drop(steps[last+1:])
	}
}

// drop tries to do without the parts that are still there.
func (s *search) drop(parts []part) bool {
	parts = slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return s.best.gone[p] })
	if len(parts) == 0 {
		return false
	}
	for _, p := range parts {
		if p.kind == step && s.q.Whole.Steps[p.at].Op == s.q.Target.What {
			s.kept[p] = "it is what fails"
			return false
		}
	}
	f := s.best.without(parts...)
	if len(s.q.candidate(f).Steps) == 0 { // no plan
		return false
	}
	return s.try(f, "without "+names(parts), parts...)
}

// chunks takes away all of the parts, then halves, quarters and so on, then each by itself, the last ones first. Every
// part that stays was tried alone (Zeller, Hildebrandt: Simplifying and Isolating Failure-Inducing Input, IEEE TSE 28,
// 2002, without its return to larger chunks).
func (s *search) chunks(parts []part) {
	parts = slices.DeleteFunc(parts, func(p part) bool { return s.best.gone[p] })
	slices.Reverse(parts)
	for n := len(parts); n >= 1; n = min(n, len(parts)) / 2 {
		var rest []part
		for chunk := range slices.Chunk(parts, n) {
			if !s.drop(chunk) {
				rest = append(rest, chunk...)
			}
		}
		parts = rest
	}
}

// shrink takes a number down to its floor at once, or else halves it as long as the target shows.
func (s *search) shrink(k kind, unit string, floor int64, number func(*form) *int64) {
	less := func(n int64) bool {
		f := s.best
		*number(&f) = n
		return s.try(f, fmt.Sprintf("%d %s instead of %d", n, unit, *number(&s.best)), part{kind: k})
	}
	if n := *number(&s.best); n <= floor || less(floor) {
		return
	}
	for n := *number(&s.best) / 2; n > floor && less(n); n /= 2 {
	}
}

func cpusOf(f *form) *int64   { return &f.cpus }
func memoryOf(f *form) *int64 { return &f.memoryMB }
func sizeOf(f *form) *int64   { return &f.size }
