package console

import (
	"bytes"
	"strings"
)

// event is a failure being printed: the lines that belong to it, as they come.
type event struct {
	rule   *rule
	body   *rule // the WARN or BUG that came with a message of its own
	first  int   // index of the line that rule hit
	bodyAt int   // index of the line that body hit
	caller string
	wide   bool // shows other CPUs, which print under their own name

	buf        []byte
	lines      []span
	start, end int64

	begun  int64 // line it began at
	last   place // where the event was last heard of
	usec   int64 // and when, -1 when its records have no time
	frames int
	done   bool // its end marker was seen
	broken bool // another failure began before that
	fatal  bool
}

// span is a line in event.buf: all of it, and its text without the prefix.
type span struct{ start, text, end int }

// place is where a record was found in the input.
type place struct {
	line, stamped int64 // lines before it, and those of them that have a kernel time
	off, end      int64
}

func (e *event) add(rec record, at place) {
	switch {
	case len(e.lines) == 0:
		e.usec, e.begun = rec.usec, at.line
		e.heard(rec, at)
		e.like(rec.text)
	case e.usec >= 0 && rec.usec < 0 && !bytes.Contains(rec.text, []byte("+0x")):
		return // user space talks in between
	case e.like(rec.text):
		e.heard(rec, at)
	}
	if len(e.buf)+len(rec.raw) <= maxEventBytes && len(e.lines) < maxEventLines {
		e.store(rec)
	}
}

func (e *event) store(rec record) {
	start := len(e.buf)
	e.buf = append(append(e.buf, rec.raw...), '\n')
	end := start + len(rec.raw)
	e.lines = append(e.lines, span{start, end - len(rec.text), end})
}

func (e *event) heard(rec record, at place) {
	e.last, e.end = at, at.end
	if e.usec >= 0 {
		e.usec = max(e.usec, rec.usec)
	}
}

// like reports whether text looks like a part of a report, and notes what it tells about the event's progress.
func (e *event) like(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	if i := bytes.Index(text, []byte("+0x")); i >= 0 {
		if bytes.IndexByte(text[:i], ' ') < 0 || bytes.IndexByte([]byte(" [<\t"), text[0]) >= 0 ||
			bytes.HasPrefix(text, []byte("RIP")) {
			e.frames++
		}
		return true
	}
	switch c := text[0]; {
	case c == ' ', c == '\t', c == '=', c == '#', c == '<':
		return true
	case c == '[':
		return len(text) > 1 && (text[1] == '<' || text[1] == ' ' || isHex(text[1]))
	case c == '-':
		e.done = e.done || bytes.HasPrefix(text, []byte("---[ end "))
		return true
	case c == 'N' || c == 'S':
		nmi := bytes.HasPrefix(text, []byte("NMI backtrace")) || bytes.HasPrefix(text, []byte("Sending NMI"))
		e.wide = e.wide || nmi
	}
	return structural(text)
}

// structural reports whether text is one of the lines that hold a report together.
func structural(text []byte) bool {
	head := text[:min(len(text), 24)]
	i := bytes.IndexByte(head, ':')
	if i < 0 {
		return bytes.HasPrefix(head, []byte("Modules linked")) || bytes.Contains(text, []byte("locks held"))
	}
	switch string(bytes.TrimSpace(head[:i])) {
	case "Call Trace", "Call trace", "CPU", "RIP", "EIP", "RSP", "ESP", "RAX", "RDX", "RBP", "R10", "R13", "FS", "CS",
		"CR2", "DR0", "DR3", "PKRU", "Code", "Hardware name", "Workqueue", "task", "Stack", "pc", "lr", "sp", "Tainted",
		"rcu", "Mem-Info", "stack backtrace", "Kernel Offset", "Oops", "Modules linked in", "Process":
		return true
	}
	return false
}

// stale reports whether the console, now at the given place and kernel time, has moved on from the event. Lines that
// have no time don't count against an event that has: they are user space's.
func (e *event) stale(at place, usec int64) bool {
	gap, limit := int64(100), int64(3e6)
	switch {
	case e.unsaid():
		gap = 12
	case e.rule.kind.Hang():
		limit = 10e6
	}
	if at.line-e.begun > maxAge {
		return true
	}
	lines := at.line - e.last.line
	if e.usec < 0 || lines > 50*gap {
		return lines > gap
	}
	return at.stamped-e.last.stamped > gap || usec-e.usec > limit
}

// over reports whether text says that nothing more will come: the kernel has said its last.
func over(text []byte) bool { return bytes.HasPrefix(text, []byte("---[ end Kernel panic")) }

// absorbs reports whether a rule that hits while the event is open tells more of the event, not of another.
func (e *event) absorbs(hit *rule, rec record, at place) bool {
	fresh := e.frames == 0 && !e.done
	switch {
	case e.unsaid():
		return true
	case hit.role == final:
		return e.fatal || e.endsIn(causeOf(panicReason(string(rec.text))))
	case hit.role == hint:
		return e.rule.role == notes && fresh
	case hit.role == tails && hit.kind == OOM:
		return e.rule.kind == OOM || e.printing(at)
	case hit.kind == OOM:
		return e.printing(at)
	case e.rule.role == notes && e.body == nil && fresh:
		return hit.role != notes && (hit.kind == Oops || hit.kind == Warning)
	case hit.role == notes:
		return fresh && e.body == nil && (e.rule.class == "WARN" || e.rule.class == "BUG")
	case hit.role == tails:
		return fresh && e.kind() == Oops && secondLine(hit.class)
	}
	return fresh && hit.kind == RCUStall && e.rule.kind == RCUStall
}

// unsaid reports whether the event may yet turn out to be nothing, or something else.
func (e *event) unsaid() bool {
	return e.rule.role == hint || e.rule.role == maybe && e.frames == 0
}

// endsIn reports whether a panic of the cause ends the event, and has no story of its own.
func (e *event) endsIn(c cause) bool {
	unsaid := c.kind == 0 || c.class == "fatal-exception"
	switch kind := e.kind(); kind {
	case Warning:
		return c.kind == Warning || unsaid && !e.done
	case OOM, KernelError:
		return c.kind == kind
	default:
		return true
	}
}

// kind is what the event is, as far as is known.
func (e *event) kind() Kind {
	if e.body != nil {
		return e.body.kind
	}
	return e.rule.kind
}

// printing reports whether the event is a crash in the middle of its trace, at the place where something else is
// printed.
func (e *event) printing(at place) bool {
	return e.kind().Crash() && e.frames > 0 && !e.done && at.line-e.last.line < 3
}

// secondLine reports whether the class is what die() prints after the line that names the fault.
func secondLine(class string) bool {
	switch class {
	case "oops", "invalid-opcode", "internal-error", "stack-overrun", "double-fault":
		return true
	}
	return false
}

func (e *event) absorb(hit *rule, rec record, at place) {
	e.heard(rec, at)
	switch {
	case e.unsaid():
		e.rule, e.first = hit, len(e.lines)
		e.fatal = hit.role == final
	case hit.role == final:
		e.fatal, e.done = true, false
		e.add(rec, at)
		return
	case e.rule.role == notes && (hit.kind == Oops || hit.kind == Warning) && e.body == nil:
		e.body, e.bodyAt = hit, len(e.lines)
	case hit.role == notes:
		e.body, e.bodyAt = e.rule, e.first
		e.rule, e.first = hit, len(e.lines)
	default:
		e.add(rec, at)
		return
	}
	e.like(rec.text)
	e.store(rec) // whatever the bounds say: the report hangs on these lines, and they are few
}

// texts returns the event's text, and its lines without their prefixes, from the line that the rule hit on.
func (e *event) texts() (all string, lines []string) {
	all = string(e.buf) // once: the lines share it
	out := make([]string, 0, len(e.lines))
	for _, l := range e.lines[e.head():] {
		out = append(out, all[l.text:l.end])
	}
	return all, out
}

// head is the index of the first line that a rule hit.
func (e *event) head() int {
	if e.body != nil {
		return min(e.first, e.bodyAt)
	}
	return e.first
}

func text(b []byte) string { return strings.ToValidUTF8(string(b), "?") }
