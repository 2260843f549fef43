package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"brink/internal/trial"
)

// TwinFolder is where the second VM of a trial has its console and its events, in the trial's folder.
const TwinFolder = "twin"

// Twins runs each trial in two VMs that follow the same plan and are fed with the same frames, one by one: what brings both
// down at the same frame is in the frames, what brings one down is not. The first VM's events are the record.
type Twins struct {
	Local *Local // both
}

// Trial implements engine.Executor. A fault of the harness in either VM is one of the trial's.
func (t *Twins) Trial(ctx context.Context, plan trial.Plan, start trial.Start, record func(trial.Event) error) (trial.Outcome, error) {
	dir, err := t.Local.TrialDir(plan.Trial)
	if err != nil {
		return trial.Outcome{}, err
	}
	second := filepath.Join(dir, TwinFolder)
	if err := os.MkdirAll(second, 0o755); err != nil {
		return trial.Outcome{}, fmt.Errorf("make the twin's folder: %w", err)
	}
	if start == trial.StartClone {
		if err := t.Local.snapshot(ctx, dir); err != nil { // both are clones of it
			return trial.Outcome{}, err
		}
	}
	log, err := newTwinLog(filepath.Join(second, "events.jsonl"))
	if err != nil {
		return trial.Outcome{}, err
	}
	outcome, err := t.pair(ctx, [2]string{dir, second}, plan, start, [2]func(trial.Event) error{record, log.record})
	return outcome, errors.Join(err, log.file.Close())
}

// result is what came of one VM.
type result struct {
	outcome trial.Outcome
	err     error
}

// faulty reports whether the VM says nothing of the kernel.
func (r result) faulty() bool { return r.err != nil || r.outcome.Kind == trial.Harness }

// pair runs both VMs to their ends and records how the second one fared.
func (t *Twins) pair(ctx context.Context, dirs [2]string, plan trial.Plan, start trial.Start, record [2]func(trial.Event) error) (trial.Outcome, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d := newFeed(2)
	defer d.close()
	seats := [2]*seat{newSeat(d, 0), newSeat(d, 1)}
	seats[1].beside = seats[0]
	var results [2]result
	run := func(i int) {
		r := &results[i]
		r.outcome, r.err = t.Local.one(ctx, dirs[i], seats[i], plan, start, record[i])
		d.leave(i) // whatever happened, the other one need not wait
		if r.faulty() {
			cancel()
		}
	}
	done := make(chan struct{})
	go func() { defer close(done); run(1) }()
	run(0)
	<-done
	if r := fault(results); r != nil {
		return r.outcome, r.err
	}
	twin := compare(*seats[0].over.Load(), *seats[1].over.Load())
	return results[0].outcome, record[0](trial.Event{Type: trial.EventTwin, Trial: plan.Trial, Step: -1,
		Size: twin.Outcome.Size, Op: twin.Outcome.Op, Twin: &twin})
}

// fault returns what the harness did wrong, nil for nothing. That the other VM was given up then is no fault of its own.
func fault(results [2]result) *result {
	for i, r := range results {
		other := results[1-i]
		given := errors.Is(r.err, context.Canceled) && other.faulty() && !errors.Is(other.err, context.Canceled)
		switch {
		case !r.faulty() || given:
			continue
		case i == 1 && r.err != nil:
			r.err = fmt.Errorf("twin: %w", r.err)
		case i == 1:
			r.outcome.Text = "twin: " + r.outcome.Text
		}
		return &r
	}
	return nil
}

// compare says how the second VM fared beside the first.
func compare(first, second ended) trial.Twin {
	twin := trial.Twin{Outcome: second.outcome}
	if fails(first.outcome) && fails(second.outcome) {
		twin.Together = alike(first.outcome, second.outcome)
		twin.NS = second.seen.at.Sub(first.seen.at).Nanoseconds()
		twin.Frames = second.seen.frames - first.seen.frames
	}
	return twin
}

func fails(o trial.Outcome) bool { return o.Kind != trial.Completed && o.Kind != trial.Harness }

// alike reports whether two VMs failed in the same way.
func alike(a, b trial.Outcome) bool {
	if a.Failure == nil || b.Failure == nil {
		return a.Kind == b.Kind && a.Failure == b.Failure && a.Op == b.Op
	}
	return a.Kind == b.Kind && a.Failure.Signature == b.Failure.Signature
}

// twinLog is the record of the second VM, which no run reads: it is for people.
type twinLog struct {
	file *os.File
	out  *json.Encoder
}

func newTwinLog(path string) (*twinLog, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("keep the twin's events: %w", err)
	}
	return &twinLog{f, json.NewEncoder(f)}, nil
}

func (l *twinLog) record(e trial.Event) error {
	e.V, e.Host = trial.Version, time.Now().UTC()
	if err := l.out.Encode(e); err != nil {
		return fmt.Errorf("keep the twin's events: %w", err)
	}
	return nil
}
