package picture

import (
	"strings"
	"unicode"
)

// longest is where a text is cut, in runes, before anything else looks at it.
const longest = 400

// clean returns a text that is safe to draw: one line, one column a rune, no control characters, nothing that turns the direction
// of writing. What neither the fonts nor every terminal can show in one column becomes a question mark.
func clean(text string) string {
	var b strings.Builder
	runes := 0
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			continue
		case !drawable(r):
			r = '?'
		}
		b.WriteRune(r)
		if runes++; runes > longest {
			break
		}
	}
	return cut(strings.Join(strings.Fields(b.String()), " "), longest)
}

// drawable tells whether a printable rune is one column wide: Latin, Greek, Cyrillic, punctuation, super- and subscripts, arrows,
// mathematics.
func drawable(r rune) bool {
	switch {
	case !unicode.IsPrint(r):
		return false
	case r < 0x300, r >= 0x370 && r < 0x483, r >= 0x48A && r < 0x530:
		return true
	case r >= 0x2010 && r < 0x2060, r >= 0x2070 && r < 0x20A0, r >= 0x2190 && r < 0x2300:
		return true
	}
	return false
}

// cut shortens a text to at most n runes.
func cut(text string, n int) string {
	runes := []rune(text)
	switch {
	case len(runes) <= n:
		return text
	case n < 2:
		return string(runes[:max(0, n)])
	}
	return strings.TrimRight(string(runes[:n-1]), " ") + "…"
}

// plain spells a cleaned text in ASCII.
func plain(text string) string {
	text = strings.NewReplacer("·", "*", "×", "x", "µ", "u", "μ", "u", "…", "...", "²", "^2", "³", "^3", "≤", "<=", "≥", ">=",
		"–", "-", "—", "-", "→", "->", "±", "+-", "“", `"`, "”", `"`, "‘", "'", "’", "'", "√", "sqrt").Replace(text)
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return '?'
		}
		return r
	}, text)
}
