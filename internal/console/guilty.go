package console

import "strings"

// verdict is the outcome of the search for the function to blame.
type verdict struct{ function, module, waits string }

// guilty finds the function to blame the way that the rule asks for.
func (b *book) guilty(f *facts) verdict {
	switch f.pick {
	case fromNothing:
		return verdict{}
	case fromRegs:
		return b.named(f.regs, f)
	case fromWarning:
		return b.named(firstOf(f.named, f.regs), f)
	case fromLock:
		for _, l := range f.locks[:min(len(f.locks), 2)] { // the lock that is wanted, the one that is held
			if !b.carries(Frame{Function: l, Module: f.moduleOf(l)}, f) {
				return verdict{function: l, module: f.moduleOf(l)}
			}
		}
		return b.traced(f)
	case fromOrigin:
		if v := b.origin(f); v.function != "" {
			return v
		}
	case fromHang:
		return b.waiter(f)
	case fromStall:
		return b.staller(f)
	}
	if f.named != "" {
		return b.named(f.named, f)
	}
	return b.traced(f)
}

// named blames the function that the text names, unless it is a messenger.
func (b *book) named(name string, f *facts) verdict {
	fr := Frame{Function: name, Module: f.moduleOf(name)}
	if name == "" || b.carries(fr, f) {
		return b.traced(f)
	}
	return verdict{function: name, module: fr.Module}
}

// traced blames the innermost function of the trace that is no messenger; if all are, the innermost that did not
// report.
func (b *book) traced(f *facts) verdict {
	var last verdict
	for _, t := range f.traces {
		if !t.main {
			continue
		}
		for _, fr := range b.reported(t.frames) {
			if fr.Unreliable || fr.Function == "" {
				continue
			}
			v := verdict{function: fr.Function, module: fr.Module}
			if !b.carries(fr.Frame, f) {
				return v
			}
			if last.function == "" && !b.reporters.has(fr.Function) {
				last = v
			}
		}
	}
	return last
}

// origin blames who made what broke: the innermost function of the first side trace that is no messenger. Where a page
// or a lock's history is wrong, whoever notices is a random victim.
func (b *book) origin(f *facts) verdict {
	for _, t := range f.traces {
		if !t.origin {
			continue
		}
		for _, fr := range t.frames {
			if !fr.Unreliable && fr.Function != "" && !b.carries(fr.Frame, f) {
				return verdict{function: fr.Function, module: fr.Module}
			}
		}
	}
	return verdict{}
}

// reported returns the frames below those of the report itself.
func (b *book) reported(frames []frame) []frame {
	start := 0
	for i, fr := range frames {
		if !fr.Unreliable && b.reporters.has(fr.Function) {
			start = i + 1
		}
	}
	return frames[start:]
}

// waiter blames the innermost function of a hung task that does not merely wait. The trace of the detector tells
// nothing, and is all there is where the console's log level hides the task's, which is KERN_INFO.
func (b *book) waiter(f *facts) verdict {
	var v verdict
	for _, t := range f.traces {
		if !t.main || len(t.frames) == 0 || b.idle(t.frames) {
			continue
		}
		for _, fr := range t.frames {
			if fr.Unreliable || fr.Function == "" {
				continue
			}
			if !f.stray(fr.Frame) && (b.waits.has(fr.Function) || b.messenger(fr.Function, f.class)) {
				v.waits = fr.Function
				continue
			}
			v.function, v.module = fr.Function, fr.Module
			break
		}
		return v
	}
	return v
}

// staller blames what the innermost dispatcher of a looping CPU called: the loop shows a different place each
// time, the handler it runs under is the same.
func (b *book) staller(f *facts) verdict {
	for i, t := range f.traces {
		if !t.main {
			continue
		}
		frames := b.interrupted(t.frames, f.class == "rcu-stall")
		if f.regs != "" && i <= 1 && len(frames) == len(t.frames) {
			frames = append([]frame{{Frame: Frame{Function: f.regs, Module: f.moduleOf(f.regs)}}}, frames...)
		}
		if len(frames) == 0 || b.idle(frames) {
			continue
		}
		if v := b.dispatched(frames, f); v.function != "" {
			return v
		}
	}
	if b.entries.has(f.regs) {
		return verdict{} // the report was cut off above what was interrupted
	}
	return verdict{function: f.regs}
}

// interrupted returns the part of a trace below the interrupt in which the stall was noticed. The trace of a soft
// lockup has no such part, though an interrupt may well be further down. In an RCU stall what was interrupted is to
// blame in any case: what runs in the interrupt comes and goes.
func (b *book) interrupted(frames []frame, noticed bool) []frame {
	start := 0
	for i, fr := range frames {
		switch {
		case fr.Unreliable:
		case b.entries.has(fr.Function):
			if !noticed {
				return frames
			}
			start = i + 1
		case b.detectors.has(fr.Function):
			noticed = true
		case start > 0 && !fr.regs && !b.watchers.has(fr.Function):
			return frames[start:]
		}
	}
	return frames[start:]
}

// idle reports whether the trace is of a CPU or thread that has nothing to do with the stall.
func (b *book) idle(frames []frame) bool {
	for _, fr := range frames {
		if !fr.Unreliable && b.idlers.has(fr.Function) {
			return true
		}
	}
	return false
}

// dispatched returns what the innermost dispatcher called; without one the innermost function that is no messenger.
func (b *book) dispatched(frames []frame, f *facts) verdict {
	var prev, first, fault verdict
	for _, fr := range frames {
		if fr.Unreliable || fr.Function == "" {
			continue
		}
		v := verdict{function: fr.Function, module: fr.Module}
		switch {
		case b.crossCPU.has(fr.Function), f.stray(fr.Frame):
			return v
		case b.dispatches(fr.Function, prev.function):
			if prev.function != "" {
				return prev
			}
			continue
		case b.faults.has(fr.Function) && fault.function == "":
			fault = prev
			continue
		case b.plumbing.has(fr.Function):
			continue
		}
		if first.function == "" && !b.messenger(fr.Function, f.class) && !b.waits.has(fr.Function) {
			first = v
		}
		prev = v
	}
	if fault.function != "" {
		return fault
	}
	return first
}

// dispatches reports whether a function says less than the callee it called.
func (b *book) dispatches(name, callee string) bool {
	compat := strings.Contains(name, "compat") && strings.HasSuffix(name, "ioctl") && strings.HasSuffix(callee, "ioctl")
	return compat || b.dispatchers.has(name)
}

// carries reports whether a frame is a messenger of f's failure.
func (b *book) carries(fr Frame, f *facts) bool {
	return !f.stray(fr) && b.messenger(fr.Function, f.class)
}

// stray reports whether a frame is of a module from outside the kernel tree that names its functions after itself. The
// lists know nothing of those, whatever their names remind of, and when one is at work it is what people look for
// first. spl is ZFS's own library.
func (f *facts) stray(fr Frame) bool {
	return fr.Module != "" && fr.Module != "spl" && strings.HasPrefix(fr.Function, fr.Module+"_") &&
		(f.taint == "" || strings.Contains(f.taint, "O"))
}

// moduleOf finds the module that a function of the report belongs to.
func (f *facts) moduleOf(name string) string {
	for _, t := range f.traces {
		for _, fr := range t.frames {
			if fr.Function == name && fr.Module != "" {
				return fr.Module
			}
		}
	}
	return firstOf(moduleIn(after(f.regsLine, name+"+0x")), moduleIn(after(f.first, name+"+0x")))
}
