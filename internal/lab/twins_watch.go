package lab

import (
	"fmt"
	"time"

	"brink/internal/console"
	"brink/internal/trial"
)

// grace is how long a VM goes on after the one beside it has failed, in host time; longGrace after the one beside it has done
// its plan, for a busy host may have held this one back.
const (
	grace     = 2 * time.Minute
	longGrace = 10 * time.Minute
)

// reported notes when a report of the console began.
func (s *seat) reported(r console.Report) {
	if s != nil {
		s.sights.report(r.Signature(), r.Start)
	}
}

// panicked notes that QEMU was told of a panic.
func (s *seat) panicked() {
	if s != nil {
		s.sights.panicked()
		s.halted()
	}
}

// halted takes a guest out that has stopped: nobody waits for it to take a frame.
func (s *seat) halted() {
	if s != nil {
		s.feed.leave(s.vm)
	}
}

// neighbour is how the VM beside ended, nil while it has not.
func (w *watch) neighbour() *ended {
	if w.seat == nil || w.seat.beside == nil {
		return nil
	}
	return w.seat.beside.over.Load()
}

// survived ends the trial of a VM that has done the step in which the one beside it failed: there is no more to learn.
func (w *watch) survived(step int) *trial.Outcome {
	if e := w.neighbour(); e != nil && e.outcome.Kind != trial.Completed && step >= e.step {
		return w.outcome(trial.Outcome{Kind: trial.Completed, Text: "did the step in which the VM beside it failed"})
	}
	return nil
}

// outlived ends the trial of a VM that goes on for too long after the one beside it.
func (w *watch) outlived(now time.Time) *trial.Outcome {
	e, patience := w.neighbour(), grace
	if e != nil && e.outcome.Kind == trial.Completed {
		patience = longGrace
	}
	if e == nil || now.Sub(e.at) <= patience {
		return nil
	}
	return w.outcome(trial.Outcome{Kind: trial.Completed, Text: fmt.Sprintf("was stopped %v after the VM beside it had ended", patience)})
}
