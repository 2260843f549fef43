package page

import (
	"fmt"
	"strings"
	"unicode"
)

// visible makes characters visible that are obeyed instead of shown: terminal escapes and other control characters are
// written as less(1) and cat -v do, ^[ for an escape, and what turns the direction of writing or cannot be seen becomes its
// number. Line ends and tabs stay.
//
// Note: Unicode has pictures of the control characters (U+2400 on), but common fonts do not.
func visible(text string) string {
	if strings.IndexFunc(text, hidden) < 0 {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + 64)
	for _, r := range text { // bytes that are no UTF-8 come as U+FFFD
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r < 0x20 || r == 0x7F:
			b.WriteRune('^')
			b.WriteRune(r ^ 0x40)
		default:
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
		}
	}
	return b.String()
}

func hidden(r rune) bool {
	if r == '\n' || r == '\t' {
		return false
	}
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) || r == unicode.ReplacementChar
}
