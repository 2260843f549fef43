package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"brink/internal/bisect"
	"brink/internal/engine"
	"brink/internal/judge"
	"brink/internal/question"
	"brink/internal/trial"
)

// pose makes sure that there is a question that can be asked: what the user expects, or what differs between the ends. It
// leaves none where they do not differ.
func (b *bisection) pose() error {
	if b.state().Question == nil {
		if err := b.compare(); err != nil {
			return err
		}
	}
	q := b.state().Question
	if q == nil || !q.Open() {
		return nil
	}
	return b.measure(*q)
}

// compare lets both ends climb the ladder, and takes the clearest difference for the question.
func (b *bisection) compare() error {
	tables := make([]*judge.Table, 2)
	for i, end := range []int{b.older(), b.newer()} {
		var err error
		if tables[i], err = b.climb(end); err != nil {
			return err
		}
	}
	found := question.Choose(tables[0], tables[1])
	for i, d := range found {
		fmt.Fprintf(b.app.err, "difference %d: %s\n    %s\n", i+1, d.Text, d.Question)
	}
	if len(found) == 0 {
		fmt.Fprintf(b.app.err, "the ends do not differ up to %s %s\n", judge.Count(b.head.Sizes[len(b.head.Sizes)-1]), b.head.Axis)
		return nil
	}
	return b.append(question.Line{Question: &found[0].Question, Differences: found,
		Event: trial.Event{Type: question.EventQuestion, Step: -1, Text: found[0].Text}})
}

// climb goes up the ladder on an end, or goes on where it was interrupted.
func (b *bisection) climb(end int) (*judge.Table, error) {
	ctx := b.app.ctx
	events, kernel := b.state().Ladder(end)
	spec := b.spec.Scaled(b.head.Machine.Slowdown())
	if len(events) > 0 && engine.Finished(spec, b.head.Run(kernel), events) {
		return judge.Read(spec, b.head.Run(kernel), events), nil
	}
	executor, kernel, err := b.executor(end)
	var unusable unusableError
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &unusable):
		return nil, fmt.Errorf("%w: %s", errUntold, b.end(end, unusable.why))
	case err != nil:
		return nil, err
	}
	fmt.Fprintf(b.app.err, "%s climbs to %s %s\n", b.head.Candidates[end].ID, judge.Count(b.head.Sizes[len(b.head.Sizes)-1]), b.head.Axis)
	show := newProgress(b.app.err, spec, b.head.Run(kernel), events)
	e := engine.Engine{Spec: spec, Head: b.head.Run(kernel), Executor: executor, Record: &candidateLines{b, ctx, end, kernel},
		Observe: show.event, Before: b.state().Last}
	err = e.Run(ctx, events)
	show.close()
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	events, kernel = b.state().Ladder(end)
	return judge.Read(spec, b.head.Run(kernel), events), nil
}

// The ends are measured endSamples times before their costs are set against each other, and moreSamples times where those do
// not lie clearly apart; mostFaults is how many runs of an end may fail to give a value.
const (
	endSamples  = 2
	moreSamples = 5
	mostFaults  = 3
)

// measure gives a question about a cost its limit, from samples of both ends.
func (b *bisection) measure(q question.Question) error {
	var err error
	for _, samples := range []int{endSamples, moreSamples} {
		var values [2][]float64
		for i, end := range []int{b.older(), b.newer()} {
			if values[i], err = b.values(end, samples); err != nil {
				return err
			}
		}
		settled, cutErr := q.Settle(values[0], values[1])
		if cutErr == nil {
			return b.append(question.Line{Question: &settled, Event: trial.Event{Type: question.EventQuestion, Step: -1,
				Text: fmt.Sprintf("older end %s, newer end %s", durations(values[0]), durations(values[1]))}})
		}
		if errors.Is(cutErr, question.ErrTurned) {
			return nil
		}
		if !errors.Is(cutErr, bisect.ErrNoCut) {
			return cutErr
		}
	}
	return nil
}

// end says that an end cannot be tried, and why.
func (b *bisection) end(end int, why string) string {
	return endGone(b.state().Head, end, why)
}

func endGone(h question.Head, end int, why string) string {
	which := "older"
	if end > 0 {
		which = "newer"
	}
	return fmt.Sprintf("the %s end %s cannot be tried: %s", which, shortID(h.Candidates[end].ID), oneLine(why))
}

// values runs an end until it has given so many values.
func (b *bisection) values(end, samples int) ([]float64, error) {
	for faults := 0; ; faults++ {
		_, tallies := b.state().Runs(b.spec)
		t := tallies[end]
		id := shortID(b.head.Candidates[end].ID)
		switch {
		case len(t.Values()) >= samples:
			return t.Values(), nil
		case t.Unusable:
			return nil, fmt.Errorf("%w: %s", errUntold, b.end(end, t.Why))
		case faults >= samples+mostFaults || t.Runs() >= mostFaults && len(t.Values()) == 0:
			return nil, fmt.Errorf("%w: the end %s gives no value: %s", errUntold, id, t.Why)
		}
		if err := b.trial(b.app.ctx, end, b.state().Last+1, b.begin(end)); err != nil {
			return nil, err
		}
		_, tallies = b.state().Runs(b.spec)
		fmt.Fprintf(b.app.err, "end %s: %s\n", id, oneLine(tallies[end].Why))
		if err := b.app.ctx.Err(); err != nil {
			return nil, context.Cause(b.app.ctx)
		}
	}
}

func durations(values []float64) string {
	var all []string
	for _, v := range values {
		all = append(all, judge.Duration(nanoseconds(v)))
	}
	return strings.Join(all, ", ")
}
