package console

// settle turns the open group into reports and hands them out.
func (p *Parser) settle() {
	var out []Report
	var last *event
	for _, e := range p.group {
		if e.rule.role == hint {
			continue
		}
		r := p.report(e)
		if n := len(out); n > 0 && follows(&out[n-1], last, &r, e) {
			out[n-1].attach(r)
		} else {
			out = append(out, r)
			last = e
		}
	}
	clear(p.group)
	p.group = p.group[:0]
	for _, r := range out {
		p.found(r)
	}
}

// follows reports whether the second event of a group comes from the same failure as the first: it began before the first
// was over, is the same task's, or is the same hang seen by another detector.
func follows(a *Report, first *event, b *Report, second *event) bool {
	switch {
	case !a.Crash() && b.Crash():
		return false
	case first.broken || !first.done && second.start < first.end:
		return true
	case a.Kind.Hang() && b.Kind.Hang():
		return true
	case second.rule.role == final:
		return true
	case a.Fatal:
		return true
	}
	return a.PID >= 0 && a.PID == b.PID
}

// attach makes b a consequence of r.
func (r *Report) attach(b Report) {
	r.Fatal = r.Fatal || b.Fatal
	b.Text, b.Trace = "", nil // it is told in full by the input, from Start to End
	if len(r.Secondary) < maxEvents {
		r.Secondary = append(r.Secondary, b)
	}
	r.End = max(r.End, b.End)
}
