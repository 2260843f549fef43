//go:build linux

package guest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"brink/internal/trial"
	"brink/internal/wire"
)

// WorkerArg makes the agent a worker.
const WorkerArg = "worker"

// Scenario is what a scenario's guest code does: one op at a size. It remembers by itself where the axis stands.
// It returns ErrUnsupported for an op its settings rule out, an error that wraps ErrScenario for its own faults, and the
// kernel's error otherwise.
type Scenario interface {
	Do(op string, size int64, m *Meter) error
}

// Factory makes a scenario for a plan.
type Factory func(trial.Plan) (Scenario, error)

const settleTime = 100 * time.Millisecond

// worker follows the plan.
type worker struct {
	plan     trial.Plan
	scenario Scenario
	out      *os.File
	page     *page
	log      *kernelLog
	rounds   int        // Meter.Round with which each step of this round begins: above all that were given before
	last     int        // the highest that was given
	until    int64      // when what is repeated ends; 0 before it begins
	alone    bool       // nobody listens
	sending  sync.Mutex // a scenario's signals come from a goroutine of their own
}

// Worker runs the plan in planFile and returns the exit code. Files 3 and 4 are the agent channel and the shared page.
func Worker(planFile string, factories map[string]Factory) int {
	// The heap is a few large arrays; collecting it while an op is timed would only add noise.
	debug.SetGCPercent(400)
	warmThreads(24)
	w, err := newWorker(planFile, factories)
	if err != nil {
		fmt.Fprintln(os.Stderr, "brink-agent: worker:", err)
		return 1
	}
	if err := w.run(); err != nil {
		w.send(trial.Event{Type: trial.EventWorker, Text: err.Error()})
		return 1
	}
	return 0
}

func newWorker(planFile string, factories map[string]Factory) (*worker, error) {
	w := &worker{out: os.NewFile(3, "port"), log: openKernelLog(), alone: alone()}
	text, err := os.ReadFile(planFile)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &w.plan); err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	if w.page, err = mapPage(os.NewFile(4, "page")); err != nil {
		return nil, err
	}
	factory, ok := factories[w.plan.Scenario]
	if !ok {
		return nil, fmt.Errorf("scenario %s is not in this agent", w.plan.Scenario)
	}
	if w.scenario, err = factory(w.plan); err != nil {
		return nil, w.unprepared(err)
	}
	return w, nil
}

// unprepared tells the host of a scenario that could not be made, if that is the user's to mend.
func (w *worker) unprepared(err error) error {
	if errors.Is(err, ErrSettings) {
		err = errors.Join(err, w.send(trial.Event{Type: trial.EventUnfit, Step: -1, Text: err.Error()}))
	}
	return fmt.Errorf("prepare scenario: %w", err)
}

func (w *worker) run() error {
	goesOn, err := w.follow(0)
	for r := w.plan.Repeat; r != nil && goesOn && err == nil && now() < w.until; {
		w.rounds = w.last + 1
		goesOn, err = w.follow(r.From)
	}
	if err != nil {
		return err
	}
	w.page.step.Store(-1)
	return w.send(trial.Event{Type: trial.EventDone, Step: -1})
}

// follow does the steps from one on, until the end or until the time is up. It reports whether the plan can go on: where the kernel
// refused, what comes after would measure something else.
func (w *worker) follow(from int) (bool, error) {
	for i := from; i < len(w.plan.Steps) && (w.until == 0 || now() < w.until); i++ {
		if r := w.plan.Repeat; r != nil && i == r.From && w.until == 0 {
			w.until = now() + int64(r.For)
		}
		if ok, err := w.step(i, w.plan.Steps[i]); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// step does one step between its begin and end events. It reports whether the plan can go on.
func (w *worker) step(i int, step trial.Step) (bool, error) {
	event := trial.Event{Step: i, Kind: step.Kind, Size: step.Size, Op: step.Op, Untimed: step.Untimed}
	runtime.GC()
	event.Type = trial.EventBegin
	if err := w.send(event); err != nil {
		return false, err
	}
	w.enter(i, step)
	meter := &Meter{Reps: step.Reps, Round: w.rounds, page: w.page, event: event, send: w.send}
	err := w.do(step, meter, &event)
	event.Text, w.last = meter.text, max(w.last, meter.Round)
	if step.For > 0 {
		event.Times = meter.Round - w.rounds + 1
	}
	w.page.deadline.Store(0)
	var stuck *StuckError
	var fault *FaultError
	switch {
	case errors.Is(err, ErrSettings):
		event.Type, event.Text = trial.EventUnfit, err.Error()
		return false, w.send(event)
	case errors.Is(err, ErrScenario):
		return false, err
	case errors.As(err, &stuck):
		event.Type, event.Task, event.Text, event.Health = trial.EventStuck, &stuck.Task, stuck.Text, readHealth(w.log)
		return false, w.send(event)
	case errors.As(err, &fault):
		event.Type, event.Failure, event.Health = trial.EventFault, &fault.Failure, readHealth(w.log)
		return false, w.send(event)
	case errors.Is(err, ErrUnsupported):
		event.Type, event.Text = trial.EventSkip, err.Error()
		return true, w.send(event)
	case err != nil:
		event.Type, event.Err = trial.EventOpError, opError(err)
		event.Samples, event.Health = meter.samples, readHealth(w.log)
		return false, w.send(event)
	}
	event.Type = trial.EventEnd
	if !step.Untimed {
		event.Samples = meter.samples
	}
	return true, w.send(event)
}

func (w *worker) do(step trial.Step, meter *Meter, event *trial.Event) error {
	switch step.Kind {
	case trial.StepOp:
		return w.op(step, meter)
	case trial.StepCanary:
		event.Canaries, event.Health = runCanaries(), readHealth(w.log)
		return nil
	case trial.StepSettle:
		sleep(settleTime)
		return nil
	}
	return fmt.Errorf("%w: unknown step kind %q", ErrScenario, step.Kind)
}

// maxSamples is what is kept of an op that is repeated for a time.
const maxSamples = 32

// op does an op, once or for the time that the step gives it.
func (w *worker) op(step trial.Step, meter *Meter) error {
	for until := now() + int64(step.For); ; {
		err := w.scenario.Do(step.Op, step.Size, meter)
		if err != nil || now() >= until {
			return err
		}
		meter.samples = meter.samples[:min(len(meter.samples), maxSamples)]
		meter.Round++
		w.arm(step)
	}
}

// enter tells the supervisor what runs and until when it may.
func (w *worker) enter(i int, step trial.Step) {
	w.page.done.Store(0)
	w.page.total.Store(0)
	w.page.step.Store(int64(i))
	w.arm(step)
}

// arm starts the deadline of a step anew.
func (w *worker) arm(step trial.Step) {
	w.page.deadline.Store(0)
	if step.Deadline > 0 {
		w.page.deadline.Store(now() + int64(step.Deadline))
	}
}

func (w *worker) send(e trial.Event) error {
	w.sending.Lock()
	defer w.sending.Unlock()
	e.V, e.Trial, e.GuestNS = trial.Version, w.plan.Trial, now()
	if w.alone {
		say(e)
	}
	return wire.Write(w.out, e)
}
