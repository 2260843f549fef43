package explain

import (
	"fmt"
	"slices"
	"strconv"

	"brink/internal/scenario"
)

// scales makes the state smaller: along the axis that was ramped, or where that is a rate, each of the other axes, which
// stand still at their options.
func (q Question) scales() []Setup {
	if !q.ramped().Load {
		return []Setup{q.size(Scale)}
	}
	var arms []Setup
	for _, a := range q.Spec.Axes {
		if !a.Load && a.Name != q.Head.Axis && slices.ContainsFunc(q.Spec.Options, func(o scenario.Option) bool { return o.Name == a.Name }) {
			arms = append(arms, q.half(Scale, a.Name))
		}
	}
	if len(arms) == 0 {
		arms = append(arms, q.skip(Scale, "size", "scenario %s has no size beside the rate", q.Spec.Name))
	}
	return arms
}

// loads makes the rate smaller: that which was ramped, or that which the scenario names.
func (q Question) loads() []Setup {
	switch {
	case q.ramped().Load:
		return []Setup{q.size(Load)}
	case q.Spec.Rate == "":
		return []Setup{q.skip(Load, "rate", "scenario %s has no rate", q.Spec.Name)}
	}
	return []Setup{q.half(Load, q.Spec.Rate)}
}

// ramped returns the axis of the run.
func (q Question) ramped() scenario.Axis {
	axis, _ := q.Spec.Axis(q.Head.Axis)
	return axis
}

// size goes down to the safe size, or without one to a tenth.
func (q Question) size(f Factor) Setup {
	size, change := q.Target.Safe, fmt.Sprintf("%d instead of %d %s", q.Target.Safe, q.Target.At, q.Head.Axis)
	if size == 0 {
		axis, err := q.Spec.Axis(q.Head.Axis)
		if err != nil {
			return q.skip(f, "size", "%v", err)
		}
		size = max(axis.Min, q.Target.Broken/10)
		change = fmt.Sprintf("%d instead of %d %s (no size is known to be safe)", size, q.Target.At, q.Head.Axis)
	}
	if size >= q.Target.At {
		return q.skip(f, "size", "there is no smaller size than %d", q.Target.At)
	}
	s := q.arm(f, fmt.Sprintf("size %d", size), change)
	s.Size = size
	return s
}

// half halves an option.
func (q Question) half(f Factor, option string) Setup {
	i := slices.IndexFunc(q.Spec.Options, func(o scenario.Option) bool { return o.Name == option })
	if i < 0 {
		return q.skip(f, option, "scenario %s has no option %s", q.Spec.Name, option)
	}
	o, old := q.Spec.Options[i], q.Head.Settings[option]
	value, err := strconv.ParseFloat(old, 64)
	half := value / 2
	if o.Kind == scenario.Int {
		half = float64(int64(half))
	}
	if err != nil || half < o.Min || half == value {
		return q.skip(f, option, "%s=%s cannot be halved: the least is %v", o.Name, old, o.Min)
	}
	text := strconv.FormatFloat(half, 'f', -1, 64)
	s := q.arm(f, o.Name+"="+text, fmt.Sprintf("%s %s instead of %s", o.Name, text, old))
	s.Settings[o.Name] = text
	return s
}
