package console

import (
	"cmp"
	"slices"
	"strings"
)

// settle turns the open group into reports and hands them out.
func (p *Parser) settle() {
	var out []Report
	var last *event
	for i, e := range p.group {
		if e.unsaid() {
			continue
		}
		r := p.report(e, p.group[i+1:]...)
		if n := len(out); n > 0 && follows(&out[n-1], last, &r, e) {
			out[n-1].attach(r)
		} else {
			out = append(out, r)
			last = e
		}
	}
	p.recycle(p.group...)
	clear(p.group)
	p.group = p.group[:0]
	out = append(out, p.held...)
	clear(p.held)
	p.held = p.held[:0]
	slices.SortStableFunc(out, func(a, b Report) int { return cmp.Compare(a.Start, b.Start) })
	for _, r := range out {
		p.found(r)
	}
}

// follows reports whether the second event of a group comes from the same failure as the first: it began before the
// first was over, is the same task's, or is the same hang seen by another detector.
func follows(a *Report, first *event, b *Report, second *event) bool {
	switch {
	case !a.Crash() && b.Crash():
		return false
	case first.broken || !first.done && second.start < first.end:
		return true
	case a.Kind.Hang() && b.Kind.Hang():
		return true
	case a.Fatal:
		return true
	}
	return a.PID >= 0 && a.PID == b.PID
}

// attach makes b a consequence of r, or a repetition.
func (r *Report) attach(b Report) {
	r.Fatal = r.Fatal || b.Fatal
	if b.Signature() == r.Signature() {
		r.Repeats += 1 + b.Repeats
		return
	}
	b.detach()
	if len(r.Secondary) < maxEvents {
		r.Secondary = append(r.Secondary, b)
	}
	r.End = max(r.End, b.End)
}

// detach drops Text and Trace, which the input tells from Start to End, and what still holds on to the event's text.
func (r *Report) detach() {
	r.Text, r.Trace = "", nil
	for _, s := range []*string{
		&r.Class, &r.Title, &r.Function, &r.Waits, &r.Subsystem, &r.Process, &r.Taint, &r.Registers,
	} {
		*s = strings.Clone(*s)
	}
}

// recycle keeps the memory of events that are over for those to come.
func (p *Parser) recycle(events ...*event) {
	for _, e := range events {
		if len(p.spare) < maxSpare {
			p.spare = append(p.spare, event{buf: e.buf[:0], lines: e.lines[:0]})
		}
	}
}

// newEvent returns an event of the rule, with the memory of an old one if there is any.
func (p *Parser) newEvent(hit *rule, rec record, at place) *event {
	var e event
	if n := len(p.spare); n > 0 {
		e, p.spare = p.spare[n-1], p.spare[:n-1]
	}
	e.rule, e.caller, e.start = hit, rec.caller, at.off
	e.fatal = hit.role == final
	e.add(rec, at)
	return &e
}
