// Package engine climbs the ramp: from the record it sees which op is still to be measured at which size, plans the next
// trial, has it executed, and starts again until nothing is left. All it knows is in the record, so a run that was
// killed goes on where it stood.
package engine

import (
	"slices"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// cell is one op at one size.
type cell struct {
	size int64
	op   string
}

// ledger says what has been measured and what cannot be.
type ledger struct {
	spec  scenario.Spec
	sizes []int64
	done  map[cell]bool
	// refused holds, for each op, the smallest size at which it failed: the ramp goes on without it from there.
	refused map[string]int64
	// edge is the smallest size at which the VM was lost; the ramp ends below it. 0 for none.
	edge int64
}

// read makes the ledger of a record.
func read(spec scenario.Spec, sizes []int64, events []trial.Event) *ledger {
	l := &ledger{spec: spec, sizes: sizes, done: map[cell]bool{}, refused: map[string]int64{}}
	probing := map[int]bool{} // the trials of a search do not count: the ladder's cells are measured on the ladder
	for _, e := range events {
		if e.Type == trial.EventTrial {
			probing[e.Trial] = e.Plan != nil && e.Plan.Probe != nil
		}
		if probing[e.Trial] {
			continue
		}
		c := cell{e.Size, e.Op}
		switch e.Type {
		case trial.EventEnd, trial.EventSkip:
			if e.Kind == trial.StepOp && !e.Untimed {
				l.done[c] = true
			}
		case trial.EventOutcome:
			l.end(*e.Outcome)
		}
	}
	return l
}

// end takes in how a trial ended.
func (l *ledger) end(o trial.Outcome) {
	switch {
	case o.Kind.Kills(), o.Kind == trial.Deadline && o.Op == "": // between two ops: nothing can be left out
		if l.edge == 0 || o.Size < l.edge {
			l.edge = max(o.Size, 1)
		}
	case o.Kind == trial.Deadline || o.Kind == trial.OpRefused:
		if n, ok := l.refused[o.Op]; o.Op != "" && (!ok || o.Size < n) {
			l.refused[o.Op] = o.Size
		}
	}
}

// allowed reports whether the op may be tried at the size.
func (l *ledger) allowed(op scenario.Op, size int64) bool {
	n, failed := l.refused[op.Name]
	return (!failed || size < n) && (l.edge == 0 || size < l.edge)
}

// pending returns the ops of the given states that are still to be measured at the size.
func (l *ledger) pending(size int64, from, to scenario.State) []scenario.Op {
	var ops []scenario.Op
	for _, o := range l.spec.Ops {
		// The first size has no smaller one to grow from.
		first := o.From == scenario.Smaller && size == l.sizes[0]
		if o.From == from && o.To == to && !first && l.allowed(o, size) && !l.done[cell{size, o.Name}] {
			ops = append(ops, o)
		}
	}
	return ops
}

// way returns the op that leads from a state to the size, whether it is still pending or not.
func (l *ledger) way(size int64, from scenario.State) (scenario.Op, bool) {
	i := slices.IndexFunc(l.spec.Ops, func(o scenario.Op) bool {
		return o.From == from && o.To == scenario.Full && l.allowed(o, size)
	})
	if i < 0 {
		return scenario.Op{}, false
	}
	return l.spec.Ops[i], true
}
