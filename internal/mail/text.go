package mail

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// columns is where text is wrapped, as kernel developers expect.
const columns = 72

// ascii writes in ASCII what has a plain form there; letters of people's names stay.
var ascii = strings.NewReplacer("µ", "u", "μ", "u", "…", "...", "–", "-", "—", "-", "→", "->", "²", "^2", "³", "^3", "×", "x",
	"≤", "<=", "≥", ">=", "±", "+-", "“", `"`, "”", `"`, "‘", "'", "’", "'", "\u00a0", " ")

// terminal matches the sequences that colour a terminal (ECMA-48, section 5.4).
var terminal = regexp.MustCompile("\x1b\\[[0-?]*[ -/]*[@-~]")

// raw cleans a line of the guest's: no control characters, nothing that turns the direction of writing, no broken UTF-8.
// Its spaces stay.
func raw(text string) string {
	text = terminal.ReplaceAllString(strings.ToValidUTF8(text, "?"), "")
	return ascii.Replace(strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
			return -1
		}
		return r
	}, text))
}

// clean makes one line of a text, with single spaces.
func clean(text string) string {
	return strings.Join(strings.Fields(raw(strings.ReplaceAll(text, "\n", " "))), " ")
}

// wrap breaks a text at spaces. The first line begins with head, the others with hang, as long as head. A word that is
// longer than a line is not cut.
func wrap(text, head, hang string) string {
	var out strings.Builder
	line, empty := head, true
	for _, word := range words(text) {
		switch {
		case empty:
			line += word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > columns:
			out.WriteString(line + "\n")
			line = hang + word
		default:
			line += " " + word
		}
		empty = false
	}
	return out.String() + strings.TrimRight(line, " ")
}

// words cuts a text at spaces, but keeps a number and its unit together.
func words(text string) (all []string) {
	for _, word := range strings.Fields(text) {
		last := len(all) - 1
		if last >= 0 && isUnit(word) && strings.Trim(all[last], "0123456789.,(") == "" {
			all[last] += " " + word
		} else {
			all = append(all, word)
		}
	}
	return all
}

func isUnit(word string) bool {
	switch strings.TrimRight(word, ".,;:)") {
	case "ns", "us", "ms", "s", "MiB", "MB", "kB":
		return true
	}
	return false
}

// header makes a value of a mail's header: a text with line ends could begin another header.
func header(text string) string { return clean(text) }
