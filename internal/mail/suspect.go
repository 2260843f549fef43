package mail

import (
	"regexp"
	"strings"

	"brink/internal/maintainers"
	"brink/internal/summary"
)

// source is a source line at the end of a decoded one.
var source = regexp.MustCompile(`\s([A-Za-z0-9_./+-]+\.(?:c|h|S|rs)):[0-9]+( \[inline\])?$`)

// Suspect returns the file or folder of the kernel tree that a finding points to, for maintainers.File.For: the source of
// the guilty function where the decoder has it, else where the finding's subsystem lies, else the scenario's. False if
// nothing tells. Findings are numbered as in Options.
func Suspect(s summary.Summary, finding int, d Decoder) (path string, ok bool) {
	if finding < 0 || finding > len(s.Findings) || len(s.Findings) == 0 {
		return "", false
	}
	l := newLetter(s, Options{Finding: finding, Decoder: d})
	f, _ := l.traced()
	for _, line := range f.Console {
		if !line.Guilty || d == nil {
			continue
		}
		if text, ok := d.Decode(raw(line.Text)); ok {
			// The last line is the function itself, what was inlined into it stands before.
			if m := source.FindStringSubmatch(text[strings.LastIndexByte(text, '\n')+1:]); m != nil && m[2] == "" {
				return m[1], true
			}
		}
	}
	if path, ok := maintainers.Guess(l.finding.Subsystem); ok {
		return path, true
	}
	return maintainers.Guess(s.Scenario.Name)
}
