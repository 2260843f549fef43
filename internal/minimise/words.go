package minimise

import (
	"fmt"
	"slices"
	"strings"
)

// names lists parts, or counts many of one kind.
func names(parts []part) string {
	if len(parts) > 3 {
		return fmt.Sprintf("%d %s", len(parts), plural(parts[0].kind))
	}
	var all []string
	for _, p := range parts {
		all = append(all, p.name)
	}
	return strings.Join(all, ", ")
}

func plural(k kind) string {
	switch k {
	case reps:
		return "ops' repetitions"
	case extra, built:
		return "modules"
	}
	return string(k) + "s"
}

// dropped says what the best candidate is without, in the order in which the parts are tried.
func (s *search) dropped() (all []string) {
	for _, p := range s.q.parts() {
		if s.best.gone[p] && !s.stepGone(p) {
			all = append(all, p.name+change(p))
		}
	}
	for _, n := range s.numbers() {
		if n.now < n.was {
			all = append(all, fmt.Sprintf("%d instead of %d %s", n.now, n.was, n.unit))
		}
	}
	return all
}

// change says what stands in the place of a part that cannot just be gone.
func change(p part) string {
	switch p.kind {
	case reps:
		return " (one left)"
	case option:
		return " (back at its default)"
	}
	return ""
}

// keeps says what is still there, and why.
func (s *search) keeps() (all []string) {
	for _, p := range s.q.parts() {
		if !s.best.gone[p] && !s.stepGone(p) {
			all = append(all, p.name+": "+s.reason(p))
		}
	}
	for _, n := range s.numbers() {
		if why, tried := s.kept[part{kind: n.kind}]; tried {
			all = append(all, fmt.Sprintf("%d %s: %s", n.now, n.unit, strings.Replace(why, "without it", "with less", 1)))
		} else if n.now > n.floor {
			all = append(all, fmt.Sprintf("%d %s: %s", n.now, n.unit, s.reason(part{kind: n.kind})))
		}
	}
	return all
}

// NotTried is the reason of what is only kept because a limit came first.
const NotTried = "not tried: the limit came first"

// reason says why a part stays.
func (s *search) reason(p part) string {
	if why, tried := s.kept[p]; tried {
		return why
	}
	return NotTried
}

// number is something that shrinks.
type number struct {
	kind            kind
	unit            string
	was, now, floor int64
}

func (s *search) numbers() []number {
	whole, m := s.q.whole(), s.best
	all := []number{{cpus, "vCPUs", whole.cpus, m.cpus, 1},
		{memory, "MiB of memory", whole.memoryMB, m.memoryMB, s.q.FloorMB}}
	if s.q.Target.Broken > 0 {
		all = append(all, number{size, s.q.Unit, whole.size, m.size, s.q.Target.Broken})
	}
	return slices.DeleteFunc(all, func(n number) bool { return n.was <= n.floor })
}
