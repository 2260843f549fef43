package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"brink/internal/store"
	"brink/internal/trial"
	"brink/internal/wire"
)

// guestFiles are what the agent is asked for: where the memory is.
var guestFiles = []string{"/proc/meminfo", "/proc/slabinfo", "/proc/vmstat", "/proc/buddyinfo", "/proc/loadavg"}

// evidence is one thing to save of a failed guest. Each has a time limit of its own, so that none can cost the others.
type evidence struct {
	what  string
	limit time.Duration // host time
	save  func(ctx context.Context) (file string, err error)
}

// errNoAnswer says that the guest did not react.
var errNoAnswer = errors.New("the guest does not answer")

// capture saves what can be had of a guest that failed, and adds to the outcome what it learns. The console goes on
// into its file, but no longer to the parser: what it says now was asked for.
func (w *watch) capture(ctx context.Context, o *trial.Outcome) error {
	w.capturing = true
	// What is known must not be lost with a brink that is killed meanwhile.
	if err := w.record(trial.Event{Type: trial.EventVerdict, Trial: w.trial, Step: -1, Outcome: o}); err != nil {
		return err
	}
	var captures []trial.Capture
	if w.panicked {
		captures = append(captures, trial.Capture{What: "pvpanic event"})
	}
	for _, e := range w.wanted(o) {
		captures = append(captures, w.secure(ctx, e))
	}
	return w.record(trial.Event{Type: trial.EventCapture, Trial: w.trial, Step: -1, Size: o.Size, Op: o.Op, Captures: captures})
}

// worthCapturing leaves out trials that ended well, and those we know nothing of.
func worthCapturing(k trial.Kind) bool {
	return !slices.Contains([]trial.Kind{trial.Completed, trial.Harness, trial.Warning, trial.KernelError}, k)
}

// wanted lists what to save, in order: what disturbs the guest least comes first.
func (w *watch) wanted(o *trial.Outcome) []evidence {
	if w.dead {
		return nil
	}
	list := []evidence{{"registers", 20 * time.Second, w.saveRegisters}}
	if !w.halted {
		if o.Kind != trial.HardLockup && o.Kind != trial.Unresponsive {
			limit := 30 * time.Second
			if o.Kind == trial.SoftLockup || o.Kind == trial.RCUStall {
				limit = 3 * time.Second // the CPU that would answer may be the one that spins
			}
			list = append(list, evidence{"guest files", limit, w.saveGuestFiles})
		}
		list = append(list, evidence{"task stacks", 30 * time.Second, func(ctx context.Context) (string, error) { return w.saveTasks(ctx, o) }})
	}
	if w.vmcore {
		list = append(list, evidence{"vmcore", 5 * time.Minute, w.saveCore})
	}
	return list
}

// secure saves one piece of evidence and notes how that went.
func (w *watch) secure(ctx context.Context, e evidence) trial.Capture {
	ctx, cancel := context.WithTimeout(ctx, e.limit)
	defer cancel()
	start := time.Now()
	file, err := e.save(ctx)
	c := trial.Capture{What: e.what, File: file, TookMS: time.Since(start).Milliseconds()}
	if err != nil {
		c.Err = err.Error()
	}
	if info, err := os.Stat(filepath.Join(w.dir, file)); file != "" && err == nil {
		c.Bytes = info.Size()
	} else if errors.Is(err, fs.ErrNotExist) {
		c.File = ""
	}
	return c
}

func (w *watch) saveRegisters(ctx context.Context) (string, error) {
	text, err := w.vm.Registers(ctx)
	if err != nil {
		return "", err
	}
	return "registers.txt", w.keep("registers.txt", []byte(text))
}

func (w *watch) saveCore(ctx context.Context) (string, error) {
	return "vmcore", w.vm.Dump(ctx, filepath.Join(w.dir, "vmcore"))
}

func (w *watch) keep(name string, text []byte) error {
	return store.WriteFile(filepath.Join(w.dir, name), text)
}

// saveGuestFiles asks the agent for files; they become one text.
func (w *watch) saveGuestFiles(ctx context.Context) (string, error) {
	const file = "guest.txt"
	until, _ := ctx.Deadline()
	if err := w.to.SetWriteDeadline(until); err != nil {
		return "", err
	}
	if err := wire.Write(w.to, wire.Request{Files: guestFiles}); err != nil {
		return "", err
	}
	var text []byte
	last := ""
	for {
		select {
		case <-ctx.Done():
			return w.keepPart(file, text)
		case more, ok := <-w.console:
			w.listen(more, ok)
		case m, ok := <-w.agent:
			switch {
			case !ok || m.err != nil:
				return w.keepPart(file, text)
			case m.event.Type != trial.EventGuest: // still under way when the outcome was clear
				continue
			case m.event.Name == "":
				return file, w.keep(file, text)
			case m.event.Name != last:
				last = m.event.Name
				text = fmt.Appendf(text, "== %s\n", last)
			}
			text = append(text, m.event.Text...)
		}
	}
}

// keepPart keeps what came before the guest fell silent, if anything did.
func (w *watch) keepPart(file string, text []byte) (string, error) {
	if len(text) == 0 {
		return "", errNoAnswer
	}
	return file, errors.Join(errNoAnswer, w.keep(file, text))
}
