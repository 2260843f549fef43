package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"brink/internal/bisect"
	"brink/internal/engine"
	"brink/internal/question"
	"brink/internal/scenario"
	"brink/internal/store"
	"brink/internal/trial"
)

// bisection asks the candidates, several VMs at a time, and writes down what they do. All it knows is in the record.
type bisection struct {
	app        *app
	spec       scenario.Spec // not scaled to a machine
	head       question.Head
	folder     *store.Bisection
	jobs       int
	keep       bool
	cacheLimit int64 // bytes
	// executor gets what runs the trials of a candidate, and the kernel as it was resolved. What cannot be tried at all is
	// an *unusableError.
	executor func(candidate int) (engine.Executor, trial.Kernel, error)

	mu    sync.Mutex
	lines []question.Line // the record
	steps int             // of this call
	begun map[int]int     // trials that asked a candidate

	kernels kernels
}

// unusableError says that a candidate cannot be tried, now or ever.
type unusableError struct{ why string }

func (e unusableError) Error() string { return e.why }

// older and newer are the ends.
func (b *bisection) older() int { return 0 }
func (b *bisection) newer() int { return len(b.head.Candidates) - 1 }

func (b *bisection) state() question.State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return question.Read(b.head, b.lines)
}

// run asks until the answer is certain enough.
func (b *bisection) run() error {
	if err := b.pose(); err != nil || b.state().Question == nil {
		return err
	}
	q := *b.state().Question
	axis, err := b.spec.Axis(b.head.Axis)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.app.err, "%d candidates, question %s: %s\n", len(b.head.Candidates), q, q.Ask(axis))
	if q.Open() { // the ends cannot be told apart
		return nil
	}
	b.jobs = atATime(b.jobs, b.head.Machine.MemoryMB, memAvailable())
	search, err := b.head.Search(q)
	if err != nil {
		return err
	}
	return b.search(search)
}

// atATime is how many guests there is memory for, of those that are wanted; one is tried in any case.
func atATime(wanted int, guestMB, freeMB int64) int {
	if freeMB <= 0 || guestMB <= 0 {
		return wanted
	}
	return max(1, min(wanted, int(freeMB/guestMB)))
}

// answered is how a trial ended.
type answered struct {
	candidate, number int
	err               error
}

// search keeps as many VMs busy as may be, each with the candidate that tells most given what runs already.
func (b *bisection) search(s question.Search) error {
	ctx, cancel := context.WithCancel(b.app.ctx)
	defer cancel()
	results, running := make(chan answered), map[int]int{} // trial → candidate
	number := b.state().Last
	for {
		runs, tallies := b.state().Runs(b.spec)
		for _, c := range running {
			runs = append(runs, bisect.Observation{Candidate: c, Answer: bisect.Running})
		}
		try, done, _ := s.Next(runs, b.jobs-len(running))
		done = done || neverTried(tallies[b.newer()])
		if done && len(running) == 0 {
			return nil
		}
		if done || len(running) >= b.jobs {
			try = nil
		}
		for _, c := range try {
			number++
			running[number] = c
			go func(n, earlier int) { results <- answered{c, n, b.trial(ctx, c, n, earlier)} }(number, b.begin(c))
		}
		r := <-results
		delete(running, r.number)
		if r.err != nil {
			cancel()
			for range running {
				<-results
			}
			return r.err
		}
		if !slices.Contains(slices.Collect(maps.Values(running)), r.candidate) {
			b.kernels.release(r.candidate)
		}
		b.tell(s, r)
	}
}

// bisectSeed parts the seeds of a bisection from those of other commands. All candidates use the same ones.
const bisectSeed = 3000

// trial asks a candidate once, with another seed than the earlier times.
func (b *bisection) trial(ctx context.Context, candidate, number, earlier int) error {
	q := *b.state().Question
	executor, kernel, err := b.executorOf(ctx, candidate)
	if executor == nil {
		return err
	}
	head := b.head.Run(kernel)
	head.Seed += bisectSeed + uint64(earlier)
	spec := b.spec.Scaled(b.head.Machine.Slowdown())
	e := engine.Engine{Spec: spec, Head: head, Executor: executor, Record: &candidateLines{b, ctx, candidate, kernel}, Before: number - 1}
	_, err = e.Try(ctx, engine.ProbeSteps(spec, q.Size), trial.Probe{Size: q.Size, What: q.What, Kind: trial.Kind(q.Kind)})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// begin counts the trials of a candidate before this one. It is for the one goroutine that starts them.
func (b *bisection) begin(candidate int) (earlier int) {
	if b.begun == nil {
		b.begun = map[int]int{}
		for _, t := range b.state().Trials {
			if !t.Ladder {
				b.begun[t.Candidate]++
			}
		}
	}
	b.begun[candidate]++
	return b.begun[candidate] - 1
}

// executorOf returns nothing, and no error, for a candidate that turns out to be unusable: that is on record then.
func (b *bisection) executorOf(ctx context.Context, candidate int) (engine.Executor, trial.Kernel, error) {
	executor, kernel, err := b.executor(candidate)
	var unusable unusableError
	switch {
	case ctx.Err() != nil:
		return nil, kernel, ctx.Err()
	case errors.As(err, &unusable):
		return nil, kernel, b.append(question.Line{Candidate: candidate,
			Event: trial.Event{Type: question.EventUnusable, Step: -1, Text: unusable.why}})
	case err != nil:
		return nil, kernel, err
	}
	if before, ok := b.state().Kernel(candidate); ok && before.Hash != kernel.Hash {
		return nil, kernel, fmt.Errorf("kernel %s was %s when it was tried before, now it is %s: name the older one exactly, in a new bisection",
			b.head.Candidates[candidate].Ref, before.Name, kernel.Name)
	}
	return executor, kernel, nil
}

// append adds a line to the record.
func (b *bisection) append(l question.Line) error {
	l, err := b.folder.Append(l)
	if err == nil && l.Type != trial.EventProgress {
		b.mu.Lock()
		b.lines = append(b.lines, l)
		b.mu.Unlock()
	}
	return err
}

// candidateLines is the record as the engine sees it: the events of one candidate.
type candidateLines struct {
	b         *bisection
	ctx       context.Context
	candidate int
	kernel    trial.Kernel
}

// Append adds an event to the record. How a trial ends that was cut off says nothing.
func (r *candidateLines) Append(ev trial.Event) error {
	if ev.Type == trial.EventOutcome && r.ctx.Err() != nil {
		return nil
	}
	l := question.Line{Candidate: r.candidate, Event: ev}
	if ev.Type == trial.EventTrial {
		l.Kernel = &r.kernel
		if ev.Plan.Probe != nil {
			fmt.Fprintf(r.b.app.err, "trial %d: %s\n", ev.Trial, shortID(r.b.head.Candidates[r.candidate].ID))
		}
	}
	return r.b.append(l)
}

// tell says what a trial answered, and how far it is.
func (b *bisection) tell(s question.Search, r answered) {
	st := b.state()
	runs, tallies := st.Runs(b.spec)
	b.steps++
	t, q := tallies[r.candidate], *st.Question
	answer, why := "skip", t.Why
	if i := slices.IndexFunc(st.Trials, func(t question.Trial) bool { return t.Number == r.number && t.Ended }); i >= 0 {
		a, text, _ := question.Answer(q, b.spec.Scaled(b.head.Machine.Slowdown()), b.head.Run(st.Trials[i].Kernel), st.Trials[i].Events)
		answer, why = called(q, a), text
	}
	_, done, c := s.Next(runs, b.jobs)
	left := fmt.Sprintf("%s left, about %s", plural(c.Left, "candidate"), plural(c.Steps(), "step"))
	switch {
	case done:
		left = "done"
	case c.Left == 0:
		left = "the ends are being checked"
	}
	fmt.Fprintf(b.app.err, "step %d: %s %s (seen in %d of %d; %s), %s\n", b.steps, shortID(b.head.Candidates[r.candidate].ID), answer,
		t.Bad, t.Bad+t.Good, oneLine(why), left)
	if err := b.keepLog(); err != nil {
		b.app.log.Warn("the log could not be kept", "why", err)
	}
	if err := b.trim(); err != nil {
		b.app.log.Warn("the cache could not be trimmed", "why", err)
	}
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// called is what an answer is called: of a question about what was fixed, what shows it is not fixed.
func called(q question.Question, a bisect.Answer) string {
	switch {
	case q.Fixed && a == bisect.Bad:
		return "not fixed"
	case q.Fixed && a == bisect.Good:
		return "fixed"
	}
	return string(a)
}
