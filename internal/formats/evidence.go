package formats

import (
	"fmt"
	"strings"

	"brink/internal/summary"
)

// told is the first of the findings, in a line.
func told(found []summary.Finding) string {
	text := line(found[0].Title)
	if n := len(found) - 1; n > 0 {
		text += fmt.Sprintf(" (and %d more)", n)
	}
	return text
}

// evidence is all that is known of a finding, in lines.
func evidence(f summary.Finding) string {
	var b strings.Builder
	say := func(what, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%s: %s\n", what, text)
		}
	}
	b.WriteString(line(f.Title) + "\n")
	say("signature", line(f.Signature))
	say("also seen", line(strings.Join(f.Also, ", ")))
	if f.Search != nil {
		say("threshold", line(fmt.Sprintf("%s, %s", f.Search.Verdict, f.Search.Why)))
	}
	say("console", line(f.Log))
	for _, c := range f.Captures {
		say("saved", line(c.File))
		if c.Err != "" {
			say("not to be had", line(c.What+" ("+c.Err+")"))
		}
	}
	for _, l := range f.Console {
		b.WriteString("  " + strings.ReplaceAll(strings.TrimRight(block(l.Text), "\n"), "\n", "\n  ") + "\n")
	}
	return b.String()
}
