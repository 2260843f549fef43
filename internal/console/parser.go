package console

import "io"

// Bounds on what a parser keeps, whatever the input: events of one group, text and lines of one event.
const (
	maxEvents     = 32
	maxEventBytes = 64 << 10
	maxEventLines = 1500
	maxSpare      = 4
	maxFrames     = 128
	maxText       = 32 << 10
	maxAge        = 5000 // lines
)

// Alarm is the news that a failure has begun, given at its first line, long before the report is complete.
type Alarm struct {
	Kind   Kind
	Class  string
	Line   string // the console line
	Offset int64
	Fatal  bool // the kernel panicked: nothing but the rest of the report will come
}

// Parser finds reports in a console as it is written. It is not safe for concurrent use.
//
// A report is handed out once the console has moved on: by some lines, or by some seconds of kernel time. The parser
// has no clock: a host that sees the console fall silent calls Flush to have what there is.
type Parser struct {
	found func(Report)
	began func(Alarm)

	match   *matcher
	book    *book
	lines   lines
	callers map[string]string
	count   int64    // lines so far
	stamped int64    // of them with a kernel time
	group   []*event // that may share a cause, in order of appearance
	held    []Report // of one line each, that came while a group was open
	spare   []event  // memory of past events
	scratch []byte
	recs    []record
}

// NewParser returns a parser that calls found for each finished report and began, if not nil, for each beginning.
func NewParser(found func(Report), began func(Alarm)) *Parser {
	p := &Parser{
		found:   found,
		began:   began,
		match:   newMatcher(rules(), benign()),
		book:    newBook(),
		callers: map[string]string{},
	}
	p.lines.emit = p.line
	return p
}

// Write takes the next bytes of the console. It never fails.
func (p *Parser) Write(b []byte) (int, error) {
	p.lines.write(b)
	return len(b), nil
}

// Flush ends the current line and all open reports, and hands them out. Writing may go on.
func (p *Parser) Flush() {
	p.lines.flush()
	p.settle()
}

// Parse reads a whole console. Reports with one signature are merged into the first and counted in Repeats; at most
// maxReports different ones are kept. The error is r's.
func Parse(r io.Reader) ([]Report, error) {
	var c collector
	p := NewParser(c.add, nil)
	_, err := io.Copy(p, r)
	p.Flush()
	return c.reports, err
}

// line handles one line of the console.
func (p *Parser) line(raw []byte, off int64) {
	p.count++
	end := off + int64(len(raw))
	if dirty(raw) {
		p.scratch = clean(p.scratch[:0], raw)
		raw = p.scratch
	}
	hot := p.match.any(raw)
	if !hot && len(p.group) == 0 {
		return
	}
	p.recs = p.records(p.recs[:0], raw)
	for _, rec := range p.recs {
		var hit *rule
		if hot {
			hit = p.match.find(rec.text)
		}
		p.take(rec, hit, off, end)
	}
}

// take puts a record where it belongs.
func (p *Parser) take(rec record, hit *rule, off, end int64) {
	if rec.usec >= 0 {
		p.stamped++
	}
	at := place{line: p.count, stamped: p.stamped, off: off, end: end}
	p.expire(rec, at)
	e := p.current(rec.caller)
	if hit != nil && hit.role == maybe && e != nil && !e.done {
		hit = nil // a line of that event
	}
	switch {
	case hit == nil || hit.role == alone && e != nil && e.rule.role == hint:
		if e != nil {
			e.add(rec, at)
		}
	case hit.role == alone:
		p.single(hit, rec, at)
	case e != nil && e.absorbs(hit, rec, at):
		known := e.fatal
		e.absorb(hit, rec, at)
		if !known {
			p.alarm(hit, rec, off)
		}
	default:
		p.open(hit, rec, at)
		p.alarm(hit, rec, off)
	}
	if e != nil && e.fatal && over(rec.text) {
		p.settle()
	}
}

// current returns the event that a record of the caller continues: the caller's own, or one that shows other CPUs.
func (p *Parser) current(caller string) *event {
	var wide *event
	for i := len(p.group) - 1; i >= 0; i-- {
		e := p.group[i]
		if e.caller == caller || e.caller == "" || caller == "" {
			return e
		}
		if wide == nil && e.wide {
			wide = e
		}
	}
	return wide
}

// open begins an event.
func (p *Parser) open(hit *rule, rec record, at place) {
	if len(p.group) >= maxEvents {
		p.settle()
	}
	if e := p.current(rec.caller); e != nil && !e.done {
		e.broken = true
	}
	p.group = append(p.group, p.newEvent(hit, rec, at))
}

// single makes a report of one line, and hands it out unless one that began earlier is still open.
func (p *Parser) single(hit *rule, rec record, at place) {
	e := p.newEvent(hit, rec, at)
	r := p.report(e)
	p.recycle(e)
	if len(p.group) == 0 {
		p.found(r)
		return
	}
	if p.held = append(p.held, r); len(p.held) >= maxEvents {
		p.settle()
	}
}

func (p *Parser) alarm(hit *rule, rec record, off int64) {
	if p.began == nil || hit.kind == 0 || hit.role == maybe {
		return
	}
	p.began(Alarm{Kind: hit.kind, Class: hit.class, Line: text(rec.text), Offset: off, Fatal: hit.role == final})
}

// expire hands the group out once the console has moved on.
func (p *Parser) expire(rec record, at place) {
	for _, e := range p.group {
		if !e.stale(at, rec.usec) {
			return
		}
	}
	if len(p.group) > 0 {
		p.settle()
	}
}
