package judge

import (
	"slices"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// rise is how much larger a load must be to be more: a sender that cannot offer more wavers by less.
const rise = 1.02

// Rung is a size of the ladder as a Collapse sees it: the level of its signal, and of the one that it is compared with.
type Rung struct {
	Size  int64   `json:"size"`
	Level float64 `json:"level"`
	Of    float64 `json:"of"`
}

// Rungs returns the ladder of a collapse, for fresh VMs that are read without it; nil if that is no Collapse.
func (t *Table) Rungs(limit string) []Rung {
	i := slices.IndexFunc(t.Spec.Limits, func(l scenario.Limit) bool { return l.Name == limit && l.Form == scenario.Collapse })
	if i < 0 {
		return nil
	}
	return t.rungs(t.Spec.Limits[i])
}

func (t *Table) rungs(l scenario.Limit) (all []Rung) {
	if t.given != nil {
		return t.given[l.Name]
	}
	for _, n := range t.Sizes {
		level, ok := t.Level(n, l.Signal)
		of, known := t.Level(n, l.Of)
		if ok && known {
			all = append(all, Rung{n, level, of})
		}
	}
	return all
}

// ReadAgainst makes the table of fresh VMs that repeat what another record's ladder showed: a limit's collapse is held
// against the rungs of that one.
func ReadAgainst(spec scenario.Spec, head trial.Run, events []trial.Event, limit string, rungs []Rung) *Table {
	t := &Table{Spec: spec, Head: head, Sizes: head.Sizes, cells: map[key]*Cell{}}
	if len(rungs) > 0 {
		t.given = map[string][]Rung{limit: rungs}
	}
	return t.fill(events)
}

// peak returns the rung with the highest level of those below n where less was offered than the load at n. In a fresh VM,
// which has no smaller sizes, the ladder's count.
func (t *Table) peak(l scenario.Limit, n int64, load float64) (top Rung) {
	from := t
	if t.ladder != nil {
		from = t.ladder
	}
	for _, r := range from.rungs(l) {
		if r.Size < n && load > rise*r.Of && r.Level > top.Level {
			top = r
		}
	}
	return top
}
