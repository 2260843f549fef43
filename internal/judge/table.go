// Package judge turns the record of a run into what it showed: a table of timings and the findings. It is pure and reads
// nothing but the record, so an old run gives the same answer again.
package judge

import (
	"slices"
	"time"

	"brink/internal/growth"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Table is what a run measured.
type Table struct {
	Spec  scenario.Spec
	Head  trial.Run
	Sizes []int64
	cells map[key]*Cell
	Rests []Rest
	Ends  []End
	// Probes are the fresh VMs of the search for a threshold; nothing of them is in the cells.
	Probes []Probe
	// Facts is what the guests of the climb said they are like, by name; the last word counts.
	Facts map[string]string

	kernel []trial.Event            // failures that the console told of
	twins  map[int]trial.Twin       // by trial
	fits   map[string]growth.Result // of each op, once they were asked for: the cells do not change
	ladder *Table                   // of a probe: what the climb had measured
	given  map[string][]Rung        // the climb as another record's limits see it; nil: it is in the cells
}

type key struct {
	size int64
	op   string
}

// Cell is one op at one size.
type Cell struct {
	Samples  []trial.Sample
	Signals  []trial.Signals // about one a second of guest time
	Trial    int
	Skipped  string         // why the scenario could not do it
	Failed   *trial.OpError // the kernel refused
	Late     time.Duration  // the deadline it ran past, 0 if it did not
	LateTask *trial.Task

	ended bool // not only signals are known of it
}

// Rest is a look at the guest beside the state that grows.
type Rest struct {
	Trial    int
	Size     int64
	After    bool // after the ops of that size, not before
	Canaries []trial.Canary
	Health   *trial.Health
}

// End is how a trial ended.
type End struct {
	Trial    int
	Start    trial.Start
	Outcome  trial.Outcome
	Captures []trial.Capture
	Floods   []trial.Offered // those that went wrong: not at the rate that was asked for, or not to their end
}

// Read makes the table of a record.
func Read(spec scenario.Spec, head trial.Run, events []trial.Event) *Table {
	t := &Table{Spec: spec, Head: head, Sizes: head.Sizes, cells: map[key]*Cell{}}
	return t.fill(events)
}

func (t *Table) fill(events []trial.Event) *Table {
	climb, probes := split(events)
	t.read(climb)
	for _, e := range probes {
		if p, ok := t.probe(e); ok {
			t.Probes = append(t.Probes, p)
		}
	}
	return t
}

func (t *Table) read(events []trial.Event) {
	plan, end := &trial.Plan{}, End{Start: trial.StartBoot}
	for _, e := range events {
		switch e.Type {
		case trial.EventTrial:
			plan, end = e.Plan, End{Start: e.Start}
		case trial.EventCapture:
			end.Captures = e.Captures
		case trial.EventOutcome:
			end.Trial, end.Outcome = e.Trial, *e.Outcome
			t.Ends = append(t.Ends, end)
			if end.Outcome.Kind == trial.Harness {
				t.forget(e.Trial)
			}
		case trial.EventOffered:
			if e.Offered.Err != "" {
				end.Floods = append(end.Floods, *e.Offered)
			}
		case trial.EventFact:
			if t.Facts == nil {
				t.Facts = map[string]string{}
			}
			t.Facts[e.Name] = e.Text
		case trial.EventTwin:
			t.twin(e)
		case trial.EventKernel:
			if !e.Failure.Expected {
				t.kernel = append(t.kernel, e)
			}
		case trial.EventSignals, trial.EventEnd, trial.EventSkip, trial.EventOpError, trial.EventDeadline:
			t.take(e, plan)
		}
	}
}

// forget drops the seconds of the op that a trial was at when the harness failed: they may show the fault, and the op is done again.
func (t *Table) forget(number int) {
	for _, c := range t.cells {
		if c.Trial == number && !c.ended {
			c.Signals = nil
		}
	}
}

func (t *Table) take(e trial.Event, plan *trial.Plan) {
	if e.Kind == trial.StepCanary && e.Health != nil {
		last := len(t.Rests) - 1
		after := last >= 0 && t.Rests[last].Trial == e.Trial && t.Rests[last].Size == e.Size && e.Size > 0
		t.Rests = append(t.Rests, Rest{e.Trial, e.Size, after, e.Canaries, e.Health})
	}
	if e.Kind != trial.StepOp || e.Untimed && (e.Type == trial.EventEnd || e.Type == trial.EventSignals) {
		return
	}
	c := t.cells[key{e.Size, e.Op}]
	if c == nil {
		c = &Cell{}
		t.cells[key{e.Size, e.Op}] = c
	}
	c.Trial = e.Trial
	c.Samples = append(c.Samples, e.Samples...)
	if e.Type == trial.EventSignals {
		c.Signals = append(c.Signals, e.Signals)
		return
	}
	c.ended = true
	switch e.Type {
	case trial.EventSkip:
		c.Skipped = e.Text
	case trial.EventOpError:
		c.Failed = e.Err
	case trial.EventDeadline:
		c.LateTask = e.Task
		if plan != nil && e.Step >= 0 && e.Step < len(plan.Steps) {
			c.Late = plan.Steps[e.Step].Deadline
		}
	}
}

// Cell returns what is known of an op at a size, nil if nothing is: it was not done, or its end was not seen.
func (t *Table) Cell(size int64, op string) *Cell {
	if c := t.cells[key{size, op}]; c != nil && c.ended {
		return c
	}
	return nil
}

// Median returns the sample with the median wall time; ok is false without samples.
func (c *Cell) Median() (s trial.Sample, ok bool) {
	if c == nil || len(c.Samples) == 0 {
		return s, false
	}
	sorted := slices.SortedFunc(slices.Values(c.Samples), func(a, b trial.Sample) int { return int(a.WallNS - b.WallNS) })
	return sorted[(len(sorted)-1)/2], true
}

// Worst returns the sample that exceeds the op's budget most, if one does.
func (c *Cell) Worst(op scenario.Op) (worst trial.Sample, over bool) {
	if c == nil {
		return worst, false
	}
	for _, s := range c.Samples {
		if s.Wall() > op.Budget.At(s.Count) && s.WallNS > worst.WallNS {
			worst, over = s, true
		}
	}
	return worst, over
}
