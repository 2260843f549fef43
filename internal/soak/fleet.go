package soak

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// VM boots a guest, loads it and lets it work until it fails, its own time is up, or ctx ends; then it returns what
// happened, also after ctx has ended. It says through told how far it is. The job's ordinal is never used twice.
//
// An error is a fault of our own. It is none when ctx had ended: then End counts, with its time if the guest was
// loaded.
type VM func(ctx context.Context, job Job, told Told) (End, error)

// Told is how a VM says how far it is. Its methods may be called from any goroutine.
type Told interface {
	// Passed says how much VM time has passed: 0 when the load begins, more every few seconds.
	Passed(time.Duration)
	// Failed says that the VM has failed, when evidence is still being saved: from now on nothing can happen to it.
	// It need not be called; End says it, too, and is believed where both differ.
	Failed(Failure)
}

// End is how a VM ended.
type End struct {
	Time    time.Duration // VM time, as in Result
	Failure *Failure      // nil for none
}

// ErrHarness says that VMs kept failing for reasons that are not the kernel's.
var ErrHarness = errors.New("harness failed")

// Stop says why a fleet stopped.
type Stop string

// The reasons.
const (
	Running     Stop = "running" // it has not
	TimeUp      Stop = "time"
	Answered    Stop = "answered"
	Interrupted Stop = "interrupted" // by the context
	Broken      Stop = "broken"      // by an error
)

// Fleet keeps VMs busy until a question is answered or the time is up.
type Fleet struct {
	VMs      int    // side by side, all arms together; a multiple of the arms
	Seed     uint64 // of each arm's first VM; the next ones have Seed+1, ...
	For      time.Duration
	Question Question
	VM       VM
	// Record gets each result as its VM ends, one at a time, and once a minute a partial one of each VM that runs. Its
	// error stops the fleet.
	Record func(Result) error
	// Progress is told how things stand once a second of the host, and when a VM has ended. May be nil.
	Progress func(State)
	// Done are the results of a record that is gone on with. Time goes on from the last end in it.
	Done []Result
	// Before is the highest ordinal that was ever used in that record: VMs that were cut off have left no result.
	Before int
}

// State is how things stand.
type State struct {
	Stop    Stop          `json:"stop"`
	Elapsed time.Duration `json:"elapsed_ns"` // of Fleet.For
	Live    []Live        `json:"-"`          // VMs that run now, by slot
	// Report is of all results, and of the VM time of those that still run.
	Report Report `json:"report"`
}

// Live is a VM that runs.
type Live struct {
	Job
	Start  time.Duration
	Loaded time.Duration // when its load began, since the soak began; 0: it boots
	Time   time.Duration // VM time so far
	Failed bool          // it has failed, its evidence is being saved
}

// Run keeps the VMs busy. It returns when all VMs have ended, with the state at the end; the error is nil when time
// was up or the question was answered, ctx's error when it was interrupted, ErrHarness after too many faults of our
// own in a row, or that of Record.
func (f *Fleet) Run(ctx context.Context) (State, error) {
	if err := f.check(); err != nil {
		return State{Stop: Broken}, err
	}
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	c := newCrew(f, cancel)
	if c.settled(); c.stop != Running {
		return c.state(), nil
	}
	for place := range c.places {
		c.start(work, place)
	}
	c.follow(work, ctx)
	return c.state(), c.err
}

func (f *Fleet) check() error {
	arms := f.Question.arms()
	switch {
	case f.VMs < 1 || f.VMs%arms != 0:
		return fmt.Errorf("a fleet of %d VMs cannot be shared by %d kernels: give a multiple of it", f.VMs, arms)
	case f.For <= 0:
		return fmt.Errorf("a soak of %v takes no time: give a time above 0", f.For)
	}
	return f.Question.Check()
}
