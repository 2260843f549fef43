package lab

import (
	"sync/atomic"
	"time"

	"brink/internal/trial"
)

// seat is one VM's place in its trial: what feeds it with frames, and what it shows to the VM beside it.
type seat struct {
	feed   *feed
	vm     int
	sights *sights
	over   atomic.Pointer[ended] // once its trial is
	beside *seat                 // the VM whose end this one does not outlive by much; nil: there is none
}

func newSeat(d *feed, vm int) *seat { return &seat{feed: d, vm: vm, sights: newSights(d.frames)} }

// ended is how the trial of one VM ended.
type ended struct {
	outcome trial.Outcome
	seen    sight // of its failure
	step    int   // at which it was
	at      time.Time
}

// flood passes on what the guest asks for.
func (w *watch) flood(f trial.Flood) *trial.Outcome {
	if w.seat == nil {
		return nil
	}
	if err := w.seat.feed.ask(w.seat.vm, f); err != nil {
		return &trial.Outcome{Kind: trial.Harness, Text: err.Error()}
	}
	w.floods()
	return nil
}

// floods records what became of floods that are over.
func (w *watch) floods() {
	if w.seat == nil {
		return
	}
	for _, o := range w.seat.feed.take(w.seat.vm) {
		err := w.record(trial.Event{Type: trial.EventOffered, Trial: w.trial, Step: w.at.Step, Kind: w.at.Kind, Size: w.at.Size, Op: w.at.Op, Offered: &o})
		if err != nil && w.err == nil {
			w.err = err
		}
	}
}

// leave ends what the guest is fed with, and tells the VM beside it how this one ended.
func (w *watch) leave(o trial.Outcome) {
	if w.seat == nil {
		return
	}
	e := &ended{outcome: o, seen: w.seat.sights.of(o), step: w.at.Step, at: time.Now()}
	w.seat.feed.leave(w.seat.vm)
	w.seat.over.Store(e)
	w.floods()
}
