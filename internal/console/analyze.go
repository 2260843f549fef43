package console

import "strings"

// report judges an event. A hang that another failure of the same context cut off before its trace takes the trace of
// that: it shows the same CPU or task at the same moment.
func (p *Parser) report(e *event, later ...*event) Report {
	all, lines := e.texts()
	if len(later) > 0 && e.kind().Hang() && e.frames == 0 && later[0].caller == e.caller {
		_, more := later[0].texts()
		lines = append(lines, more...)
	}
	f := p.facts(lines, e.first-e.head())
	r := Report{
		Kind: e.rule.kind, Class: e.rule.class, Process: f.comm, PID: f.pid, CPU: f.cpu, Taint: f.taint,
		Registers: f.regsLine, Fatal: e.fatal, Start: e.start, End: e.end,
		Text: strings.ToValidUTF8(all[:min(len(all), maxText)], "?"),
	}
	f.head, f.pick = e.rule.head, e.rule.pick
	p.fill(&r, e, f, lines)
	r.Trace, f.class = f.main(), r.Class
	g := p.book.guilty(f)
	r.Function, r.Waits = firstOf(r.Function, systemCall(g.function)), g.waits
	if f.stray(Frame{Function: g.function, Module: g.module}) {
		r.Subsystem = g.module
	}
	r.Subsystem = firstOf(r.Subsystem, p.book.subsystem(r.Function, g.module, f))
	r.Title = title(f, r.Function)
	r.Corrupted = corrupted(e, f, r)
	return r
}

// fill runs the rule's own reading of the text. Of a message and the WARN or BUG it came with, the message gives the
// name and the other the kind.
func (p *Parser) fill(r *Report, e *event, f *facts, lines []string) {
	if e.body != nil {
		first := f.first
		f.first = lines[e.bodyAt-e.head()]
		if e.body.fill != nil {
			e.body.fill(r, f)
		}
		f.first, r.Kind, f.pick = first, e.body.kind, e.body.pick
		r.Class, f.head = e.rule.class, e.rule.head
	}
	if e.rule.fill != nil {
		e.rule.fill(r, f)
	}
}

// main returns the frames of the first trace that tells where the failure is.
func (f *facts) main() []Frame {
	for _, t := range f.traces {
		if !t.main || len(t.frames) == 0 {
			continue
		}
		frames := t.frames[:min(len(t.frames), maxFrames)]
		out := make([]Frame, 0, len(frames))
		for _, fr := range frames {
			out = append(out, fr.Frame)
		}
		return out
	}
	return nil
}

func title(f *facts, function string) string {
	if function == "" || f.anonymous || f.pick == fromNothing {
		return f.head
	}
	return f.head + " in " + function
}

// corrupted reports whether the function can't be trusted.
func corrupted(e *event, f *facts, r Report) bool {
	if f.pick == fromNothing {
		return false
	}
	if r.Function == "" || e.broken && len(r.Trace) == 0 {
		return true
	}
	for _, l := range f.lines {
		if strings.Contains(l, "printk messages dropped") {
			return true
		}
	}
	return false
}
