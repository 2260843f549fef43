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
		return nil, fmt.Errorf("prepare scenario: %w", err)
	}
	return w, nil
}

func (w *worker) run() error {
	for i, step := range w.plan.Steps {
		ok, err := w.step(i, step)
		if err != nil {
			return err
		}
		if !ok {
			break // the kernel refused: what comes after would measure something else
		}
	}
	w.page.step.Store(-1)
	return w.send(trial.Event{Type: trial.EventDone, Step: -1})
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
	meter := &Meter{Reps: step.Reps, page: w.page, event: event, send: w.send}
	err := w.do(step, meter, &event)
	event.Text = meter.text
	w.page.deadline.Store(0)
	var stuck *StuckError
	var fault *FaultError
	switch {
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
		return w.scenario.Do(step.Op, step.Size, meter)
	case trial.StepCanary:
		event.Canaries, event.Health = runCanaries(), readHealth(w.log)
		return nil
	case trial.StepSettle:
		sleep(settleTime)
		return nil
	}
	return fmt.Errorf("%w: unknown step kind %q", ErrScenario, step.Kind)
}

// enter tells the supervisor what runs and until when it may.
func (w *worker) enter(i int, step trial.Step) {
	w.page.done.Store(0)
	w.page.total.Store(0)
	w.page.step.Store(int64(i))
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
