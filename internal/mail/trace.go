package mail

import (
	"regexp"
	"slices"
	"strings"

	"brink/internal/judge"
	"brink/internal/summary"
	"brink/internal/trial"
)

// traceLines bounds a trace; the whole is in the console's log.
const traceLines = 60

// traced returns the finding whose console text says most of this one: its own, or for an op that is slow that of the same
// op where it hangs.
func (l *letter) traced() (f summary.Finding, own bool) {
	if len(l.finding.Console) > 0 {
		return l.finding, true
	}
	for _, f := range l.Findings {
		late := f.Kind == trial.Deadline && f.Op == l.finding.Op && f.Op != "" && l.finding.Kind == judge.Budget
		if late && len(f.Console) > 0 {
			return f, false
		}
	}
	// What the kernel says at the same size, of the same op, belongs to an operation that is refused.
	for _, f := range l.Findings {
		if f.Broken == l.finding.Broken && l.finding.Kind == trial.OpRefused && len(f.Console) > 0 && f.Trial == l.finding.Trial {
			return f, false
		}
	}
	return summary.Finding{}, false
}

// trace prints what the kernel printed, with source lines where they can be had. Nothing is wrapped or left out but the end.
func (l *letter) trace() {
	f, own := l.traced()
	if len(f.Console) == 0 {
		return
	}
	switch {
	case f.Kind == trial.Deadline:
		l.title("Stack of the task that waits, at " + l.count(f.Broken))
	case own:
		l.title("What the kernel printed")
	default:
		l.title("What the kernel printed at the same size")
	}
	for i, line := range f.Console {
		if i == traceLines {
			l.printf("[%d more lines]\n", len(f.Console)-i)
			break
		}
		l.printf("%s\n", l.decoded(raw(line.Text)))
	}
	l.printf("\n")
}

// decoded adds the source to a line, if that can be had. A decoder reads only files of the kernel's, but what it prints is
// cleaned like the rest.
func (l *letter) decoded(line string) string {
	if l.Decoder == nil {
		return line
	}
	text, ok := l.Decoder.Decode(line)
	if !ok {
		return line
	}
	lines := strings.Split(text, "\n")
	if strings.Contains(line, " ? ") || strings.HasPrefix(line, "? ") { // an address that was left on the stack
		lines = lines[len(lines)-1:]
	}
	for i := range lines {
		lines[i] = strings.TrimRight(raw(lines[i]), " ")
	}
	return strings.Join(lines, "\n")
}

// address is how a kernel prints a place in its code.
var address = regexp.MustCompile(`\w\+0x[0-9a-f]+/0x[0-9a-f]+`)

// traces reports whether there is something to decode.
func (l *letter) traces() bool {
	f, _ := l.traced()
	return slices.ContainsFunc(f.Console, func(line summary.Line) bool { return address.MatchString(line.Text) })
}

// located reports whether at least one line of the trace got its source line.
func (l *letter) located() bool {
	f, _ := l.traced()
	for _, line := range f.Console {
		if l.Decoder != nil {
			if _, ok := l.Decoder.Decode(raw(line.Text)); ok {
				return true
			}
		}
	}
	return false
}
