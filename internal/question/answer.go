package question

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"brink/internal/bisect"
	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Answer reads the events of one fresh VM: Bad where what is asked shows, Good where it does not. A failure that is not
// the one that is asked for is Other, what could not be tried is Skip. why is one line; value is what the op of a Cost
// question took, in ns, 0 where it was not measured. The spec is scaled to the machine. Fixed plays no part.
//
// An open question gets its value and no answer: Running.
func Answer(q Question, spec scenario.Spec, head trial.Run, events []trial.Event) (answer bisect.Answer, why string, value float64) {
	v := see(q, spec, head, events)
	switch {
	case v.outcome.Kind == "":
		return bisect.Skip, "the trial has no outcome", 0
	case v.outcome.Kind == trial.Harness:
		return bisect.Skip, v.outcome.Text, 0
	case q.Kind == Cost:
		return v.cost(q)
	}
	for _, f := range v.found {
		if q.Kind.of(q.What, f) {
			return bisect.Bad, f.Text, 0
		}
	}
	if q.Kind == Fails && q.What != AnyOp {
		if why, skipped := v.skipped[q.What]; skipped {
			return bisect.Skip, q.What + " cannot be done: " + why, 0
		}
		if v.done[q.What] { // what comes after it is another matter
			return bisect.Good, q.What + " is done, within its budget", 0
		}
	}
	if why, missing := v.missing(q); missing {
		return bisect.Skip, why, 0
	}
	if v.outcome.Kind != trial.Completed {
		return bisect.Other, v.unrelated(), 0
	}
	return bisect.Good, "everything is done, and it does not show", 0
}

// of reports whether a finding is what the question is about.
func (k Kind) of(what string, f judge.Finding) bool {
	switch {
	case f.Kind == judge.Growth: // is no size
		return false
	case k == Signature:
		return f.Signature == what || f.What == what
	case k == Canary:
		return f.What == "canary "+what
	case what == AnyOp:
		return true
	case f.Kind == judge.OverLimit: // is a signal's, though it showed in the op
		return false
	}
	return f.Op == what || f.What == what
}

// missing names an op that would have to be done before it could be said that nothing shows.
func (v view) missing(q Question) (why string, ok bool) {
	for _, op := range slices.Sorted(maps.Keys(v.skipped)) {
		ofOp := q.Kind == Signature && strings.HasPrefix(q.What, string(trial.OpRefused)+":"+op+":")
		if ofOp || q.Kind == Fails && q.What == AnyOp {
			return op + " cannot be done: " + v.skipped[op], true
		}
	}
	return "", false
}

// view is what one VM showed.
type view struct {
	spec    scenario.Spec
	outcome trial.Outcome
	found   []judge.Finding
	cell    *judge.Cell       // of a Cost question
	done    map[string]bool   // ops that came to their end
	skipped map[string]string // ops that the scenario could not do
}

// see reads the events as those of a ladder with one size.
func see(q Question, spec scenario.Spec, head trial.Run, events []trial.Event) view {
	v := view{spec: spec, done: map[string]bool{}, skipped: map[string]string{}}
	climb := slices.Clone(events)
	for i, e := range climb {
		switch e.Type {
		case trial.EventTrial:
			plan := *e.Plan
			plan.Probe = nil
			climb[i].Plan = &plan
		case trial.EventEnd:
			v.done[e.Op] = true
		case trial.EventSkip:
			if e.Op != "" {
				v.skipped[e.Op] = e.Text
			}
		case trial.EventOutcome:
			v.outcome = *e.Outcome
		}
	}
	head.Sizes, head.MaxBoots = []int64{q.Size}, 0
	t := judge.Read(spec, head, climb)
	v.found, v.cell = t.Findings(), t.Cell(q.Size, q.What)
	return v
}

// cost answers a Cost question. An op that ran past its deadline took at least so long.
func (v view) cost(q Question) (bisect.Answer, string, float64) {
	if s, ok := v.cell.Median(); ok {
		why := fmt.Sprintf("%s takes %s", q.What, judge.Duration(s.Wall()))
		switch {
		case q.Open():
			return bisect.Running, why, float64(s.WallNS)
		case s.Wall() > q.Limit:
			return bisect.Bad, why, float64(s.WallNS)
		}
		return bisect.Good, why, float64(s.WallNS)
	}
	why, skipped := v.skipped[q.What]
	switch {
	case skipped:
		return bisect.Skip, q.What + " cannot be done: " + why, 0
	case v.cell != nil && v.cell.Late > 0 && !q.Open() && v.cell.Late >= q.Limit:
		return bisect.Bad, fmt.Sprintf("%s is not done after %s", q.What, judge.Duration(v.cell.Late)), 0
	case v.cell != nil && v.cell.Late > 0 && q.Open(): // a lower bound tells the ends apart, too
		return bisect.Running, fmt.Sprintf("%s is not done after %s", q.What, judge.Duration(v.cell.Late)), float64(v.cell.Late)
	}
	return bisect.Other, v.unrelated(), 0
}

// unrelated is one line on a VM that failed in another way.
func (v view) unrelated() string {
	for _, f := range v.found {
		if f.Signature != "" && f.Kind == v.outcome.Kind {
			return f.Signature
		}
	}
	for _, f := range v.found {
		if f.Signature != "" {
			return f.Signature
		}
	}
	text := string(v.outcome.Kind)
	if v.outcome.Op != "" {
		text += " during " + v.outcome.Op
	}
	return text
}

// Invert swaps good and bad: what a search for the first fixed candidate calls bad is that it does not show.
func Invert(a bisect.Answer) bisect.Answer {
	switch a {
	case bisect.Good:
		return bisect.Bad
	case bisect.Bad:
		return bisect.Good
	}
	return a
}

// Ask says the question in words.
func (q Question) Ask(axis scenario.Axis) string {
	at := fmt.Sprintf("at %s %s", judge.Count(q.Size), axis.Name)
	switch {
	case q.Kind == Signature:
		return fmt.Sprintf("does %s show %s?", q.What, at)
	case q.Kind == Canary:
		return fmt.Sprintf("does the canary %s fail %s?", q.What, at)
	case q.Kind == Fails && q.What == AnyOp:
		return fmt.Sprintf("does anything fail %s?", at)
	case q.Kind == Fails:
		return fmt.Sprintf("does %s fail, or exceed its budget, %s?", q.What, at)
	case q.Open():
		return fmt.Sprintf("does %s take %vx of what it takes on the older end, %s?", q.What, q.Factor, at)
	}
	return fmt.Sprintf("does %s take more than %s %s?", q.What, judge.Duration(q.Limit), at)
}

// ErrTurned says that a cost differs between the ends as much as the question asks, in the other direction.
var ErrTurned = errors.New("the question asks for the other direction")

// Settle gives an open question its limit, from the values of samples on the older and the newer end. The error is
// ErrTurned or bisect.ErrNoCut where they cannot be told apart that way.
func (q Question) Settle(older, newer []float64) (Question, error) {
	factor := q.Factor
	if q.Fixed {
		factor = 1 / factor
	}
	cut, err := bisect.NewCut(older, newer, factor)
	if err != nil {
		return q, err
	}
	if cut.BadAbove == q.Fixed {
		return q, fmt.Errorf("%s takes %.3g times as long on the newer end, %w", q.What, cut.Factor, ErrTurned)
	}
	q.Limit = time.Duration(cut.Value).Round(digits(cut.Value))
	return q, nil
}

// digits is the unit that leaves three digits of a value.
func digits(value float64) time.Duration {
	unit := time.Duration(1)
	for value/float64(unit) >= 1000 {
		unit *= 10
	}
	return unit
}
