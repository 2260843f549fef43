package lab

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"brink/internal/console"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// listen keeps what the console says and shows it to the parser.
func (w *watch) listen(text []byte, ok bool) {
	if !ok {
		w.console = nil
		return
	}
	w.quiet = time.Now()
	if room := maxConsole - w.written; room > 0 {
		n, err := w.file.Write(text[:min(len(text), room)])
		w.written += n
		if err != nil && w.err == nil {
			w.err = fmt.Errorf("keep console: %w", err)
		}
	}
	w.tail = append(w.tail, text...)
	w.tail = w.tail[max(0, len(w.tail)-4096):]
	if !w.capturing {
		_, _ = w.parser.Write(text)
	}
}

// booted ends the boot: what the console has told by now, a report that is still open included, belongs to it.
func (w *watch) booted() {
	for {
		select {
		case text, ok := <-w.console:
			if w.listen(text, ok); ok {
				continue
			}
		default:
		}
		break
	}
	w.parser.Flush()
	w.hello = true
}

// drain listens until the console has been quiet for a moment, and no longer than a few: a guest may never fall silent.
func (w *watch) drain() {
	for end := time.After(10 * settle); w.console != nil; {
		select {
		case text, ok := <-w.console:
			w.listen(text, ok)
			continue
		case <-time.After(settle):
			if w.pending() {
				continue
			}
		case <-end:
		}
		break
	}
	w.parser.Flush()
}

// pending reports whether the console has said more than was listened to: on a busy host a clock may run down first.
func (w *watch) pending() bool { return len(w.console) > 0 }

// report takes a finished report from the parser. What a healthy boot prints does not count.
func (w *watch) report(r console.Report) {
	kind := kindOf(r)
	w.seat.reported(r)
	if !w.hello && !r.Fatal {
		return
	}
	f := trial.Failure{Kind: kind, Title: r.Title, Signature: r.Signature(), Function: r.Function, Subsystem: r.Subsystem,
		Fatal: r.Fatal, Text: r.Text, Secondary: w.lost()}
	if f.Expected = expected(w.expects, f); f.Expected {
		w.recordKernel(f)
		return
	}
	w.noteKernel(f)
}

// expected reports whether a failure is one that the scenario brings about.
func expected(expects []scenario.Expect, f trial.Failure) bool {
	return slices.ContainsFunc(expects, func(x scenario.Expect) bool {
		return x.Kind == string(f.Kind) && strings.Contains(f.Text, x.Has)
	})
}

// noteKernel notes and records a failure that the kernel told of.
func (w *watch) noteKernel(f trial.Failure) {
	w.note(f)
	w.recordKernel(f)
}

func (w *watch) recordKernel(f trial.Failure) {
	e := w.stepOf(f)
	e.Type, e.Trial, e.Failure = trial.EventKernel, w.trial, &f
	if err := w.record(e); err != nil && w.err == nil {
		w.err = err
	}
}

// stepOf returns the step in which a failure was seen: the console is read beside the events, and a report is complete
// only when the next one begins or nothing more comes.
func (w *watch) stepOf(f trial.Failure) trial.Event {
	if e, ok := w.begins.at(f.Text); ok {
		return e
	}
	return w.at
}

// lost reports whether a failure was seen that takes the VM with it: what the console tells afterwards is the same
// failure seen by somebody else, or its consequence.
func (w *watch) lost() bool {
	return slices.ContainsFunc(w.failures, func(f noted) bool { return f.Kind.Kills() })
}

// kindOf turns the parser's kind into an outcome. pid 1 is ours: its end is never the kernel's fault.
func kindOf(r console.Report) trial.Kind {
	switch {
	case r.InitKilled():
		return trial.Harness
	case r.Kind == console.WorkqueueStall:
		return trial.HungTask
	}
	return trial.Kind(r.Kind.String())
}

// outcome settles how the trial ended: what killed the guest if something did; else what ended the trial; else the first
// thing that went wrong.
func (w *watch) outcome(end trial.Outcome) *trial.Outcome {
	w.drain()
	for _, f := range w.failures {
		if f.Kind.Kills() || f.Kind == trial.Harness {
			return f.outcome()
		}
	}
	if end.Kind == trial.Completed && len(w.failures) > 0 {
		return w.failures[0].outcome()
	}
	return &end
}

func (f noted) outcome() *trial.Outcome {
	return &trial.Outcome{Kind: f.Kind, Size: f.size, Op: f.op, Failure: &f.Failure, Text: f.Title}
}

// stopped is the outcome when the guest powered off or reset itself before its plan was done.
func (w *watch) stopped() *trial.Outcome {
	if o := w.drainAgent(); o != nil {
		return o
	}
	if !w.hello {
		w.drain()
		return &trial.Outcome{Kind: trial.Harness, Text: "the guest stopped before the agent answered" + w.lastLine()}
	}
	end := trial.Outcome{Kind: trial.VMDied, Size: w.at.Size, Op: w.at.Op, Text: "the guest reset itself without a word"}
	if w.panicked {
		end.Kind, end.Text = trial.Panic, "the guest panicked without a word on the console"
	}
	return w.outcome(end)
}

// stuck is the outcome when something outlived its owner's end.
func stuck(e trial.Event) trial.Outcome {
	return trial.Outcome{Kind: trial.StuckTask, Size: e.Size, Op: e.Op, Text: e.Text, Failure: hanging(trial.StuckTask, e.Text, e.Task)}
}

// fault is the outcome when the scenario saw the kernel misbehave itself. After a kind that the ramp goes on from, the engine
// would do the same op again and again.
func (w *watch) fault(e trial.Event) *trial.Outcome {
	if !e.Failure.Kind.Kills() {
		return &trial.Outcome{Kind: trial.Harness, Size: e.Size, Op: e.Op, Text: fmt.Sprintf(
			"the scenario reports a fault of kind %q, which ends no ramp: %s", e.Failure.Kind, e.Failure.Title)}
	}
	return w.outcome(trial.Outcome{Kind: e.Failure.Kind, Size: e.Size, Op: e.Op, Failure: e.Failure, Text: e.Failure.Title})
}

// drainAgent takes in the events that were under way when the guest stopped. One of them may settle the trial: a guest
// powers off right after its done.
func (w *watch) drainAgent() *trial.Outcome {
	for w.agent != nil {
		select {
		case m, ok := <-w.agent:
			outcome, err := w.take(m, ok)
			if err != nil && w.err == nil {
				w.err = err
			}
			if outcome != nil || err != nil {
				return outcome
			}
		case <-time.After(settle):
			return nil
		}
	}
	return nil
}

// gone is the outcome when QEMU's control channel has closed: QEMU is about to go, or our own end broke.
func (w *watch) gone() *trial.Outcome {
	w.dead = true
	select {
	case <-w.vm.Died():
		return w.died()
	case <-time.After(10 * time.Second):
		return &trial.Outcome{Kind: trial.Harness, Text: "QEMU's control channel is closed and QEMU still runs"}
	}
}

// died is the outcome when QEMU itself is gone. Who kills it from outside is not the guest.
func (w *watch) died() *trial.Outcome {
	if o := w.drainAgent(); o != nil {
		return o
	}
	signal, text := w.vm.Exit()
	if !w.hello || !crashed(signal) {
		return &trial.Outcome{Kind: trial.Harness, Text: text}
	}
	return w.outcome(trial.Outcome{Kind: trial.VMDied, Size: w.at.Size, Op: w.at.Op, Text: text})
}

// crashed reports whether a signal is QEMU's own end: the guest may have brought it about. Whatever else ends QEMU, an exit
// with an error included, is the host's.
func crashed(s syscall.Signal) bool {
	return slices.Contains([]syscall.Signal{syscall.SIGSEGV, syscall.SIGABRT, syscall.SIGBUS, syscall.SIGILL, syscall.SIGFPE, syscall.SIGTRAP}, s)
}

// workerDied is the outcome when the worker did not finish. If the console says nothing, a signal that only the kernel
// can have sent is still the kernel's doing; the rest is ours.
func (w *watch) workerDied(e trial.Event) *trial.Outcome {
	w.drain()
	for _, f := range w.failures {
		if f.Kind.Kills() {
			return f.outcome()
		}
	}
	switch {
	case e.Killed != nil && e.Killed.OOMKills > 0:
		return &trial.Outcome{Kind: trial.OOM, Size: e.Size, Op: e.Op, Text: e.Text + " when memory ran out"}
	case e.Killed != nil && e.Killed.Signal == "SIGKILL": // nobody in the guest kills the worker
		return &trial.Outcome{Kind: trial.WorkerKilled, Size: e.Size, Op: e.Op, Text: e.Text + ", which only the kernel can have sent"}
	}
	return &trial.Outcome{Kind: trial.Harness, Size: e.Size, Op: e.Op, Text: e.Text + w.lastLine()}
}

// lastLine quotes the end of the console.
func (w *watch) lastLine() string {
	text := strings.TrimSpace(string(bytes.ToValidUTF8(w.tail, nil)))
	if i := strings.LastIndexByte(text, '\n'); i >= 0 {
		text = text[i+1:]
	}
	if text == "" {
		return "; the console is empty"
	}
	return "; last console line: " + strings.TrimSpace(text)
}
