package formats

import (
	"regexp"
	"strings"
	"unicode"
)

// terminal matches the sequences that colour a terminal (ECMA-48, section 5.4).
var terminal = regexp.MustCompile("\x1b\\[[0-?]*[ -/]*[@-~]")

// block cleans a text of several lines: no control characters but tab and newline, nothing that turns the direction of
// writing or is no character. What is left is legal in XML 1.0 and JSON; invalid UTF-8 becomes U+FFFD.
func block(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r&0xfffe == 0xfffe: // U+xxFFFE and U+xxFFFF are no characters
			return -1
		case unicode.IsSpace(r): // U+2028 is a line end to some readers
			return ' '
		}
		return r
	}, terminal.ReplaceAllString(text, ""))
}

// line cleans a text and makes one line of it, with single spaces.
func line(text string) string { return strings.Join(strings.Fields(block(text)), " ") }

// word makes a name of a text that every format takes: letters, digits, - and _, everything else becomes _.
func word(text string) string {
	name := strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, text)
	if name == "" {
		return "_"
	}
	return name
}

// first cuts a text to its first n runes.
func first(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
