package lab

import (
	"bytes"
	"context"
	"regexp"
	"time"

	"brink/internal/console"
	"brink/internal/trial"
)

// The SysRq keys that say where a guest hangs (Documentation/admin-guide/sysrq.rst): console level 8, so that the rest is
// seen; backtraces of all CPUs; blocked tasks; memory; and all tasks.
const (
	sysRqLoud = '8'
	sysRqKeys = "lwm"
	sysRqAll  = 't'
)

// answerTime is how long a guest may take to begin to react, in host time: it may be in the middle of printing.
const answerTime = 5 * time.Second

// saveTasks asks the kernel for stacks: by SysRq, and where that is not heard by an NMI, which cannot be ignored.
func (w *watch) saveTasks(ctx context.Context, o *trial.Outcome) (string, error) {
	const file = "tasks.txt"
	text, err := w.ask(ctx, func() error { return w.vm.SysRq(ctx, sysRqLoud) })
	switch {
	case err != nil:
		return "", err
	case len(text) > 0:
		keys := []byte(sysRqKeys)
		if hangs(o.Kind) {
			keys = append(keys, sysRqAll)
		}
		for _, key := range keys {
			more, err := w.ask(ctx, func() error { return w.vm.SysRq(ctx, key) })
			text = append(text, more...)
			if err != nil {
				break
			}
		}
		blameTask(o, text)
		blameCPU(o, text)
	default:
		if text, err = w.ask(ctx, func() error { return w.vm.InjectNMI(ctx) }); err != nil {
			return "", err
		}
		if len(text) == 0 {
			return "", errNoAnswer
		}
		blame(o, text)
	}
	return file, w.keep(file, text)
}

// ask does something that makes the guest speak, and returns what it says until it falls silent.
func (w *watch) ask(ctx context.Context, do func() error) (text []byte, err error) {
	if err := do(); err != nil {
		return nil, err
	}
	for wait := answerTime; w.console != nil; wait = settle {
		select {
		case <-ctx.Done():
			return text, nil
		case <-time.After(wait):
			if !w.pending() {
				return text, nil
			}
		case more, ok := <-w.console:
			w.listen(more, ok)
			text = append(text, more...)
		}
	}
	return text, nil
}

// hangs reports whether a failure of this kind is about something that does not go on, so that every task matters.
func hangs(k trial.Kind) bool {
	switch k {
	case trial.SoftLockup, trial.HardLockup, trial.HungTask, trial.RCUStall, trial.StuckTask, trial.Deadline, trial.Unresponsive:
		return true
	}
	return false
}

// hungTask finds the pid in the kernel's report of a hung task (kernel/hung_task.c).
var hungTask = regexp.MustCompile(`INFO: task .*:(\d+) blocked`)

// blameTask names the function that a hung task waits in, from the list of blocked tasks: the kernel's report itself has
// the trace on a level that the console does not show.
func blameTask(o *trial.Outcome, text []byte) {
	if o.Kind != trial.HungTask || o.Failure == nil || o.Failure.Function != "" {
		return
	}
	pid := hungTask.FindStringSubmatch(o.Failure.Text)
	if pid == nil {
		return
	}
	stack := regexp.MustCompile(`(?s)\bpid: *` + pid[1] + ` .*?\n(.*?)(?:</TASK>|task:|sysrq: |$)`).FindSubmatch(text)
	if stack == nil {
		return
	}
	f := hanging(trial.HungTask, o.Failure.Title, &trial.Task{Stack: string(stack[1])})
	if f.Function == "" {
		return
	}
	f.Title, f.Text = "task hung in "+f.Function, o.Failure.Text+f.Text
	o.Failure, o.Text = f, f.Title
}

// blameCPU names the function that a stalled CPU runs, from its backtrace: the kernel's own report may know no more than
// that nothing goes on.
func blameCPU(o *trial.Outcome, text []byte) {
	if o.Kind != trial.RCUStall && o.Kind != trial.SoftLockup || o.Failure == nil || o.Failure.Function != "" {
		return
	}
	trace := regexp.MustCompile(`(?s)NMI backtrace for cpu.*?(?:sysrq: |$)`).Find(text)
	r := console.Backtrace(string(trace))
	if r.Function == "" {
		return
	}
	named := *o.Failure
	named.Function, named.Subsystem = r.Function, r.Subsystem
	named.Signature = string(o.Kind) + ":" + r.Function + ":" + r.Subsystem
	named.Title += " in " + r.Function
	named.Text += string(trace)
	o.Failure, o.Text = &named, named.Title
}

// blame names the function in which the NMI found the CPU.
func blame(o *trial.Outcome, text []byte) {
	reports, _ := console.Parse(bytes.NewReader(text)) // such a reader has no errors
	for _, r := range reports {
		if r.Function != "" && o.Failure == nil {
			o.Failure = &trial.Failure{Kind: o.Kind, Title: o.Text + ": " + r.Function, Function: r.Function, Subsystem: r.Subsystem,
				Signature: string(o.Kind) + ":" + r.Function + ":" + r.Subsystem, Text: r.Text}
			o.Text = o.Failure.Title
		}
	}
}
