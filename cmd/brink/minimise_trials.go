package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"brink/internal/engine"
	"brink/internal/minimise"
	"brink/internal/qemu"
	"brink/internal/store"
	"brink/internal/trial"
)

// minimisation tries smaller reproductions, one VM at a time, and writes down what they do.
type minimisation struct {
	app      *app
	head     trial.Run
	q        minimise.Question
	folder   *store.Run
	record   *store.Minimisation
	lines    []minimise.Line // the record
	limit    time.Duration
	maxBoots int
	// executor makes what runs the trials of a candidate, config its VM.
	executor func(minimise.Candidate) (engine.Executor, error)
	config   func(minimise.Candidate) qemu.Config

	begin  time.Time // of this call
	closed bool      // see closing
}

// maxFaults is how many trials in a row of the whole reproduction may fail through our own fault.
const maxFaults = 3

// run tries until nothing is left to take away, or a limit comes; complete says which.
func (m *minimisation) run() (r minimise.Report, complete bool, err error) {
	m.begin = time.Now()
	for faults := 0; ; {
		known := minimise.Read(m.q.Spec, m.head, m.q.Target, m.lines)
		d, r := minimise.Next(m.q, known, m.closing())
		wanted, _ := minimise.Next(m.q, known, false)
		complete := wanted.Try == nil || wanted.Confirm
		switch {
		case d.Try == nil:
			return r, complete, nil
		case m.over() && r.Open:
			return r, false, fmt.Errorf("stopped after %s before it was clear whether the failure comes back; "+
				"a larger --time or --max-boots goes on", m.spent())
		case m.over():
			fmt.Fprintf(m.app.err, "stopped after %s; a larger --time or --max-boots goes on\n", m.spent())
			return r, complete, nil
		}
		left := m.limit - time.Since(m.begin)
		if !r.Open && !d.Confirm {
			_, reserve := m.reserve()
			left -= reserve
		}
		outcome, err := m.try(d, known, left)
		if err != nil {
			return r, false, err
		}
		if faults++; outcome.Kind != trial.Harness {
			faults = 0
		}
		if r.Open && faults == maxFaults {
			return r, false, fmt.Errorf("%w %d times in a row, the last time: %s; the same command tries again",
				engine.ErrHarness, faults, outcome.Text)
		}
	}
}

// boots counts the VMs of this call and earlier ones.
func (m *minimisation) boots() int { return minimise.Boots(m.lines, m.q.Target) }

func (m *minimisation) spent() string {
	return fmt.Sprintf("%v and %d VMs", time.Since(m.begin).Round(time.Second), m.boots())
}

// over reports whether a limit is reached.
func (m *minimisation) over() bool { return time.Since(m.begin) >= m.limit || m.boots() >= m.maxBoots }

// closing reports whether what is left of the limits is for confirming what there is; it stays so.
func (m *minimisation) closing() bool {
	each, reserve := m.reserve()
	m.closed = m.closed || time.Since(m.begin)+each >= m.limit-reserve || m.boots() >= m.maxBoots-confirmBoots
	return m.closed
}

// confirmBoots is how many VMs confirm the result.
const confirmBoots = 2

// reserve is the time that confirming takes, with some to spare, from what a trial takes.
func (m *minimisation) reserve() (each, reserve time.Duration) {
	each = minimise.Typical(m.lines, m.q.Target)
	return each, min(m.limit/2, (2*confirmBoots+1)*each/2)
}

// try gives a candidate one more trial, in the time that is left. One that is cut off has no outcome.
func (m *minimisation) try(d minimise.Decision, known map[string]minimise.Tally, left time.Duration) (trial.Outcome, error) {
	executor, err := m.executor(*d.Try)
	if err != nil {
		return trial.Outcome{}, err
	}
	ctx, cancel := context.WithTimeout(m.app.ctx, left)
	defer cancel()
	head := m.head
	head.Machine, head.Settings, head.Start = d.Try.Machine, d.Try.Settings, string(trial.StartBoot)
	head.Seed += minimiseSeed + d.Seed
	run := engine.Engine{Spec: m.q.Spec.Scaled(head.Machine.Slowdown()), Head: head, Executor: executor,
		Record: candidateRecord{m, d, ctx}, Before: minimise.LastTrial(m.lines)}
	start, number := time.Now(), run.Before+1
	fmt.Fprintf(m.app.err, "trial %d: %s\n", number, d.What)
	outcome, err := run.Try(ctx, d.Try.Steps, trial.Probe{Size: d.Try.Size, What: m.q.Target.What, Kind: m.q.Target.Kind})
	switch {
	case m.app.ctx.Err() != nil:
		return outcome, fmt.Errorf("interrupted; the same command goes on")
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		fmt.Fprintf(m.app.err, "trial %d: cut off by the time limit\n", number)
		return trial.Outcome{}, nil
	case err != nil:
		return outcome, fmt.Errorf("%w; the same command tries again", err)
	}
	m.ended(number, time.Since(start), *d.Try, known)
	return outcome, nil
}

// minimiseSeed parts the seeds of a minimisation from those of the search and of an explanation.
const minimiseSeed = 2000

// candidateRecord is the record as the engine sees it: the events of one trial.
type candidateRecord struct {
	m   *minimisation
	d   minimise.Decision
	ctx context.Context
}

// Append adds an event to the record. How a trial ends that was cut off says nothing.
func (r candidateRecord) Append(ev trial.Event) error {
	if ev.Type == trial.EventOutcome && r.ctx.Err() != nil {
		return nil
	}
	l := minimise.Line{Event: ev}
	if ev.Type == trial.EventTrial {
		l.Try = &minimise.Try{Target: r.m.q.Target, Candidate: *r.d.Try, What: r.d.What, Confirm: r.d.Confirm}
	}
	l, err := r.m.record.Append(l)
	if err == nil && ev.Type != trial.EventProgress {
		r.m.lines = append(r.m.lines, l)
	}
	return err
}

func (m *minimisation) close() {
	if m.record != nil {
		_ = m.record.Close()
	}
	_ = m.folder.Close()
}
