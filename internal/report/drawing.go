package report

import (
	"fmt"
	"math"
	"slices"

	"brink/internal/judge"
	"brink/internal/picture"
	"brink/internal/scenario"
)

// Drawing is the picture of an op or of a signal. One of each may have the same name.
type Drawing struct {
	Name   string
	Signal bool
	Ramp   picture.Ramp
}

// File is the drawing's name among those of a run.
func (d Drawing) File() string {
	if d.Signal {
		return "signal-" + d.Name
	}
	return d.Name
}

// Drawings are those of all ops and signals that there is something of.
func Drawings(t *judge.Table) (all []Drawing) {
	for _, op := range t.Spec.Ops {
		if r := Ramp(t, op); len(r.Points) > 0 {
			all = append(all, Drawing{Name: op.Name, Ramp: r})
		}
	}
	for _, s := range t.Spec.Signals {
		if r := SignalRamp(t, s); len(r.Points) > 0 {
			all = append(all, Drawing{Name: s.Name, Signal: true, Ramp: r})
		}
	}
	return all
}

// Named are those of the op and the signal of that name; where there is nothing of either, empty ones.
func Named(t *judge.Table, name string) (found []Drawing) {
	if op, ok := t.Spec.Op(name); ok {
		found = append(found, Drawing{Name: name, Ramp: Ramp(t, op)})
	}
	for _, s := range t.Spec.Signals {
		if s.Name == name {
			found = append(found, Drawing{Name: name, Signal: true, Ramp: SignalRamp(t, s)})
		}
	}
	empty := func(d Drawing) bool { return len(d.Ramp.Points) == 0 }
	if some := slices.DeleteFunc(slices.Clone(found), empty); len(some) > 0 {
		return some
	}
	return found
}

// Told are the drawings that say something: signals with a finding, ops that are Worth it.
func Told(t *judge.Table) []Drawing {
	found, worth := t.Findings(), Worth(t)
	return slices.DeleteFunc(Drawings(t), func(d Drawing) bool {
		if d.Signal {
			_, ok := passed(t, found, d.Name)
			return !ok
		}
		return !slices.ContainsFunc(worth, func(op scenario.Op) bool { return op.Name == d.Name })
	})
}

// Kept are the drawings that belong into a run's folder: all ops, and the signals that have a limit.
func Kept(t *judge.Table) []Drawing {
	return slices.DeleteFunc(Drawings(t), func(d Drawing) bool { return d.Signal && len(limitsOn(t, d.Name)) == 0 })
}

// SignalRamp is what a signal's picture shows: its seconds, its first limit, and the sizes between which it passes one.
func SignalRamp(t *judge.Table, s scenario.Signal) picture.Ramp {
	axis, _ := t.Spec.Axis(t.Head.Axis)
	r := picture.Ramp{Title: s.Name + ": " + s.Title, Axis: axis.Name, Unit: axis.Unit, Seeded: t.Head.Seeded, Subtitle: subtitle(t),
		Signal: &picture.Signal{Name: s.Name, Unit: s.Unit}}
	for _, n := range t.Sizes {
		if values := t.Seconds(n, s.Name); len(values) > 0 {
			r.Points = append(r.Points, picture.Point{Size: n, Values: values})
		}
	}
	if limits := limitsOn(t, s.Name); len(limits) > 0 {
		r.Signal.Limit = stairs(t, limits[0])
	}
	if f, ok := passed(t, t.Findings(), s.Name); ok {
		r.Safe, r.Broken, r.Failure = f.Safe, f.Broken, f.What
	}
	return r
}

// stairs is where a limit lies at any size: it is known at those of the ladder, and stays until the next one.
func stairs(t *judge.Table, l scenario.Limit) func(n float64) float64 {
	at := map[int64]float64{}
	for _, n := range t.Sizes {
		if value, ok := t.Edge(l, n); ok {
			at[n] = value
		}
	}
	return func(n float64) float64 {
		value := math.NaN()
		for _, size := range t.Sizes {
			if v, ok := at[size]; ok && float64(size) <= n {
				value = v
			}
		}
		return value
	}
}

// passed returns the first finding of a signal's limits.
func passed(t *judge.Table, found []judge.Finding, signal string) (judge.Finding, bool) {
	limits := limitsOn(t, signal)
	i := slices.IndexFunc(found, func(f judge.Finding) bool {
		return f.Kind == judge.OverLimit && slices.ContainsFunc(limits, func(l scenario.Limit) bool { return l.Name == f.What })
	})
	if i < 0 {
		return judge.Finding{}, false
	}
	return found[i], true
}

func limitsOn(t *judge.Table, signal string) []scenario.Limit {
	return slices.DeleteFunc(slices.Clone(t.Spec.Limits), func(l scenario.Limit) bool { return l.Signal != signal })
}

func subtitle(t *judge.Table) string {
	return fmt.Sprintf("%s on %s, %s, clock %s", t.Head.Scenario, t.Head.Kernel.Name, t.Head.Machine.Accel, t.Head.Machine.Clock)
}
