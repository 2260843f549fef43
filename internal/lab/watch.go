package lab

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"brink/internal/console"
	"brink/internal/qemu"
	"brink/internal/scenario"
	"brink/internal/trial"
	"brink/internal/wire"
)

// settle is how long the console must be quiet before what it said counts as complete.
const settle = 300 * time.Millisecond

// maxConsole bounds the console file of a trial, in bytes.
const maxConsole = 64 << 20

// machine is what watch asks of a VM besides its two streams.
type machine interface {
	Events() <-chan qemu.QMPEvent                  // closed when QEMU is going
	Died() <-chan struct{}                         // closed when it is gone
	Exit() (syscall.Signal, string)                // how it went; valid then
	Registers(ctx context.Context) (string, error) // of all CPUs
	SysRq(ctx context.Context, key byte) error
	InjectNMI(ctx context.Context) error
	Dump(ctx context.Context, path string) error
	BusyTime() time.Duration // CPU time used so far
}

// watch follows one VM until its trial is over. Everything happens in the goroutine that calls run.
type watch struct {
	vm      machine
	dir     string
	limits  Limits
	vmcore  bool // save the guest's memory when it fails
	release string
	build   string // of the agent
	record  func(trial.Event) error
	expects []scenario.Expect // what is no failure here
	seat    *seat             // nil: the guest gets no frames, and there is no VM beside it

	to      net.Conn // the agent's channel
	agent   <-chan message
	console <-chan []byte
	done    chan struct{} // closed when nobody listens any more
	file    *os.File
	written int
	tail    []byte // the end of the console, for error messages
	parser  *console.Parser
	err     error // of record, from inside the parser's callback

	trial     int
	hello     bool
	panicked  bool        // QEMU was told of a panic
	halted    bool        // the guest has stopped, its memory is still there
	dead      bool        // QEMU is gone
	capturing bool        // the outcome is clear
	at        trial.Event // the step that runs
	begins    begins
	failures  []noted
	heard     time.Time     // last event of the agent
	busy      time.Duration // CPU time the VM had used by then
	quiet     time.Time     // last byte of the console
	lull      lull
	cpus      maskedCPUs
	halts     int // looks in a row that found all CPUs of a silent guest halted
}

// noted is a failure with the step it was seen in.
type noted struct {
	trial.Failure
	size int64
	op   string
}

func newWatch(vm machine, dir string, limits Limits, release string, record func(trial.Event) error) (*watch, error) {
	f, err := os.Create(filepath.Join(dir, "console.log"))
	if err != nil {
		return nil, fmt.Errorf("keep console: %w", err)
	}
	w := &watch{vm: vm, dir: dir, limits: limits, release: release, build: wire.Build, record: record, file: f, done: make(chan struct{}), at: trial.Event{Step: -1}}
	w.parser = console.NewParser(w.report, nil)
	return w, nil
}

// follow starts to read the VM's streams, which the caller closes.
func (w *watch) follow(agent net.Conn, console io.Reader) {
	w.to, w.agent, w.console = agent, readAgent(agent, w.done), readConsole(console, w.done)
}

func (w *watch) close() {
	close(w.done)
	w.file.Close()
}

// run follows the VM until the trial's outcome is known. An error is the harness's.
func (w *watch) run(ctx context.Context, number int) (trial.Outcome, error) {
	w.trial, w.heard, w.quiet = number, time.Now(), time.Now()
	tick := time.NewTicker(settle)
	defer tick.Stop()
	for {
		outcome, err := w.next(ctx, tick.C)
		if err == nil {
			err = w.err
		}
		if outcome != nil || err != nil {
			w.parser.Flush()
			if outcome == nil {
				outcome = &trial.Outcome{}
			}
			w.leave(*outcome)
			if err == nil {
				err = w.err
			}
			if err == nil && worthCapturing(outcome.Kind) {
				err = w.capture(ctx, outcome)
			}
			return *outcome, err
		}
	}
}

// next handles one thing that happens. Of several the agent's event comes first: it says which step the console's words
// belong to.
func (w *watch) next(ctx context.Context, tick <-chan time.Time) (*trial.Outcome, error) {
	select {
	case m, ok := <-w.agent:
		return w.take(m, ok)
	default:
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case m, ok := <-w.agent:
		return w.take(m, ok)
	case text, ok := <-w.console:
		w.listen(text, ok)
		return nil, nil
	case e, ok := <-w.vm.Events():
		switch {
		case !ok:
			return w.gone(), nil
		case e.Name == "SHUTDOWN" && !byGuest(e):
			return &trial.Outcome{Kind: trial.Harness, Text: "QEMU was told from outside to stop: " + string(e.Data)}, nil
		case e.Name == "SHUTDOWN":
			w.halted = true
			w.seat.halted()
			return w.stopped(), nil
		case e.Name == "BLOCK_IO_ERROR":
			return &trial.Outcome{Kind: trial.Harness, Text: qemu.BlockError(e)}, nil
		case e.Name == "GUEST_PANICKED":
			w.panicked = true
			w.seat.panicked()
		}
		return nil, nil
	case <-w.vm.Died():
		w.dead = true
		return w.died(), nil
	case now := <-tick:
		return w.look(ctx, now), nil
	}
}

// take handles what comes from the agent channel, its end included.
func (w *watch) take(m message, ok bool) (*trial.Outcome, error) {
	if !ok {
		w.agent = nil
		return nil, nil
	}
	return w.message(m)
}

// message handles an event of the agent.
func (w *watch) message(m message) (*trial.Outcome, error) {
	if m.err != nil {
		return &trial.Outcome{Kind: trial.Harness, Text: "agent channel: " + m.err.Error()}, nil
	}
	w.heard, w.busy = time.Now(), w.vm.BusyTime()
	if m.event.Type == trial.EventHello {
		if err := w.check(m.event.Hello); err != nil {
			return nil, err
		}
		if m.event.Hello.Parked {
			return nil, nil
		}
		w.booted()
		w.begins.offset = m.event.Hello.PrintkNS
	}
	m.event.Trial = w.trial
	if err := w.record(m.event); err != nil {
		return nil, err
	}
	if m.event.Type == trial.EventUnfit {
		return nil, &UnfitError{Text: m.event.Text}
	}
	return w.event(m.event), nil
}

// UnfitError says that the user's settings cannot be done in a guest, which only the guest could tell.
type UnfitError struct{ Text string }

func (e *UnfitError) Error() string { return e.Text }

// check compares what was booted with what was asked for.
func (w *watch) check(h *trial.Hello) error {
	switch {
	case h == nil:
		return fmt.Errorf("the agent's hello is empty")
	case h.Build != w.build:
		return fmt.Errorf("agent of build %s does not fit brink of build %s: build both with `make`", h.Build, w.build)
	case w.release != "" && h.Release != w.release:
		return fmt.Errorf("guest runs kernel %s where %s was to be booted", h.Release, w.release)
	}
	return nil
}

// event draws the conclusion from one event, if it allows one.
func (w *watch) event(e trial.Event) *trial.Outcome {
	switch e.Type {
	case trial.EventBegin:
		w.at = e
		w.begins.add(e)
	case trial.EventEnd, trial.EventSkip:
		w.canaries(e)
		w.errorLines(e)
		return w.survived(e.Step)
	case trial.EventFlood:
		return w.flood(*e.Flood)
	case trial.EventOpError:
		w.errorLines(e)
		return w.outcome(trial.Outcome{Kind: trial.OpRefused, Size: e.Size, Op: e.Op, Text: e.Err.Message})
	case trial.EventDeadline:
		if e.Step < 0 {
			return &trial.Outcome{Kind: trial.Harness, Text: "the worker did not begin" + w.lastLine()}
		}
		text := "still running at its deadline"
		if e.Task != nil {
			text += ", task in state " + e.Task.State
		}
		return w.outcome(trial.Outcome{Kind: trial.Deadline, Size: e.Size, Op: e.Op, Text: text, Failure: hanging(trial.Deadline, text, e.Task)})
	case trial.EventStuck:
		return w.outcome(stuck(e))
	case trial.EventFault:
		return w.fault(e)
	case trial.EventWorker:
		return w.workerDied(e)
	case trial.EventDone:
		return w.outcome(trial.Outcome{Kind: trial.Completed})
	}
	return nil
}

// canaries notes the canaries that a step found dead.
func (w *watch) canaries(e trial.Event) {
	for _, c := range e.Canaries {
		if c.Err != nil {
			w.note(trial.Failure{Kind: trial.OpRefused, Title: "canary " + c.Name + ": " + c.Err.Message,
				Signature: "op-error:canary-" + c.Name + ":" + c.Err.Name})
		}
	}
}

func (w *watch) note(f trial.Failure) {
	at := w.stepOf(f)
	w.failures = append(w.failures, noted{f, at.Size, at.Op})
}

// look is done now and then: does the guest still answer, is a report complete?
func (w *watch) look(ctx context.Context, now time.Time) *trial.Outcome {
	if !w.pending() && w.lull.over(now, w.quiet, w.vm.BusyTime()) {
		w.parser.Flush()
	}
	w.floods()
	for _, f := range w.failures {
		if f.Kind.Kills() && f.Kind != trial.OOM { // after an OOM kill the worker's end is still to come
			return w.outcome(trial.Outcome{Kind: trial.Completed})
		}
	}
	silent := now.Sub(w.heard)
	switch {
	case !w.hello && silent > w.limits.Hello:
		return &trial.Outcome{Kind: trial.Harness, Text: fmt.Sprintf("the agent did not answer within %v%s", w.limits.Hello, w.lastLine())}
	case w.hello && silent > w.limits.Silence:
		return w.silent(ctx, silent)
	case w.hello && silent > w.limits.Late:
		return w.lockedUp(ctx)
	}
	w.cpus, w.halts = nil, 0
	return w.outlived(now)
}
