package mail

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"brink/internal/judge"
	"brink/internal/summary"
	"brink/internal/trial"
)

// Options is what a summary does not know.
type Options struct {
	// Finding is the number of the one that the mail is about, counted from 1 in the summary's order; 0 means Pick's.
	Finding int
	// To and Cc are addresses as a header has them, as from maintainers.File.For. Without them the mail has no such lines.
	To, Cc []string
	// Decoder adds file:line to lines of traces; nil where there are no debug files.
	Decoder Decoder
	// Range is where the failure began, the zero value if that is not known.
	Range Range
	// Plain is the text of a script that was seen to reproduce the finding without brink, "" for none. A long one is not
	// put into the mail.
	Plain string
	// Bundle is the archive that reproduces it with nothing but QEMU, the zero value for none.
	Bundle Bundle
}

// Decoder adds a source line to a line of a trace, and puts lines before it for functions that were inlined; false if it
// cannot. symbols.Decoder is one.
type Decoder interface {
	Decode(line string) (string, bool)
}

// Range is between which versions a failure began: Good does not have it, Bad has it. Good may be empty where Bad is the
// commit that brought it.
type Range struct {
	Good, Bad string
	// Upstream says that both are kernel.org's tags or commits, without patches of a distribution.
	Upstream bool
}

// Bundle names a reproducer archive.
type Bundle struct {
	File  string
	Bytes int64
}

// NothingError says that a run has no finding to write of.
type NothingError struct {
	// Text is the run's verdict: "no failure up to 8,192 peers (2 of 2 trials)".
	Text string
}

// Error implements error.
func (e *NothingError) Error() string { return "nothing to report: " + e.Text }

// Write writes the mail. The error is a *NothingError if the run has no finding. The mail of a seeded run has no
// recipients and says that it must not be sent.
func Write(w io.Writer, s summary.Summary, o Options) error {
	if len(s.Findings) == 0 {
		return &NothingError{s.Verdict.Text}
	}
	if o.Finding < 0 || o.Finding > len(s.Findings) {
		return fmt.Errorf("write mail: there is no finding %d; the run has %d, counted from 1", o.Finding, len(s.Findings))
	}
	if err := o.Range.check(); err != nil {
		return err
	}
	l := newLetter(s, o)
	l.head()
	l.lead()
	l.sizes()
	l.versions()
	l.trace()
	l.reproduce()
	l.compared()
	l.unknown()
	l.machine()
	_, err := io.WriteString(w, l.text.String())
	return err
}

// Pick returns the index of the finding that comes first: one that loses the guest before one that does not, then the
// smallest size, then what is no prediction. The summary must have a finding.
func Pick(s summary.Summary) int {
	best := 0
	for i, f := range s.Findings {
		if less(f, s.Findings[best]) {
			best = i
		}
	}
	return best
}

func less(a, b summary.Finding) bool {
	if x, y := a.Kind.Kills(), b.Kind.Kills(); x != y {
		return x
	}
	if x, y := a.Kind == judge.Growth, b.Kind == judge.Growth; x != y {
		return y
	}
	return a.Broken < b.Broken
}

// revision is what git takes for a version: a tag, a commit, with a parent's mark.
var revision = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._/+~^-]*$`)

func (r Range) check() error {
	for _, v := range []string{r.Good, r.Bad} {
		if v != "" && !revision.MatchString(v) {
			return fmt.Errorf("write mail: %q is no version; give a tag or a commit", v)
		}
	}
	if r.Bad == "" && (r.Good != "" || r.Upstream) {
		return fmt.Errorf("write mail: a range needs the version that has the failure")
	}
	return nil
}

// letter is a mail that is being written.
type letter struct {
	summary.Summary
	Options
	at      int // index of the finding
	finding summary.Finding
	text    strings.Builder
}

func newLetter(s summary.Summary, o Options) *letter {
	at := o.Finding - 1
	if o.Finding == 0 {
		at = Pick(s)
	}
	return &letter{Summary: s, Options: o, at: at, finding: s.Findings[at]}
}

func (l *letter) printf(format string, args ...any) { fmt.Fprintf(&l.text, format, args...) }

// paragraph writes a wrapped text and an empty line.
func (l *letter) paragraph(format string, args ...any) {
	l.text.WriteString(wrap(clean(fmt.Sprintf(format, args...)), "", "") + "\n\n")
}

// title begins a part.
func (l *letter) title(text string) { l.printf("%s\n\n", clean(text)) }

// fact writes a name and its text, hung in behind it.
func (l *letter) fact(name, format string, args ...any) {
	head := fmt.Sprintf("  %-*s", factWidth, name)
	l.text.WriteString(wrap(clean(fmt.Sprintf(format, args...)), head, strings.Repeat(" ", len(head))) + "\n")
}

const factWidth = 10

// op returns the op that the finding is about.
func (l *letter) op() (summary.Op, bool) {
	for _, op := range l.Ops {
		if op.Name == l.finding.Op && l.finding.Op != "" {
			return op, true
		}
	}
	return summary.Op{}, false
}

// canary returns the name of the check beside the scenario that the finding is about.
func (l *letter) canary() (string, bool) { return strings.CutPrefix(l.finding.What, "canary ") }

// count writes a number of units: 1,024 peers.
func (l *letter) count(n int64) string {
	if n == 1 {
		return "1 " + l.Scenario.Unit
	}
	return judge.Count(n) + " " + l.Scenario.Axis
}

// icount reports whether times are counts of instructions.
func (l *letter) icount() bool { return l.Machine.Clock == trial.ClockICount }
