package symbols

import (
	"regexp"
	"strconv"
	"strings"
)

// trace is a line of a trace, cut up.
type trace struct {
	before, text, after string // around and of function+0xOFFSET/0xSIZE [module]
	function            string
	offset, size        uint64
	module              string
	exact               bool // the address of an instruction, not one that a call returns to
}

// traceLine is how the kernel prints an address (%pS and its kin, Documentation/core-api/printk-formats.rst). A module may
// have its build ID behind its name.
var traceLine = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_.$]*)\+0x([0-9a-f]{1,16})/0x([0-9a-f]{1,16})(?: \[([A-Za-z0-9_-]+)(?: [0-9a-f]+)?\])?`)

func parseTrace(line string) (trace, bool) {
	m := traceLine.FindStringSubmatchIndex(line)
	if m == nil {
		return trace{}, false
	}
	part := func(n int) string {
		if m[2*n] < 0 {
			return ""
		}
		return line[m[2*n]:m[2*n+1]]
	}
	t := trace{before: line[:m[0]], text: part(0), after: line[m[1]:], function: part(1), module: moduleName(part(4))}
	var err, err2 error
	t.offset, err = strconv.ParseUint(part(2), 16, 64)
	t.size, err2 = strconv.ParseUint(part(3), 16, 64)
	// A register holds the instruction itself, and so does a WARNING; the stack holds what calls return to.
	t.exact = strings.Contains(t.before, "RIP: ") || strings.Contains(t.before, "WARNING: ") || t.offset == 0
	padding := strings.HasPrefix(t.function, "__pfx_")           // what is on the stack is a pointer to the function behind it
	behind := t.offset > t.size || t.exact && t.offset == t.size // only a return address may be where a function ends
	return t, err == nil && err2 == nil && !behind && !padding
}

// address is that of the instruction that a line means, from the function's start. A return address may lie behind the
// end of its function, or on the next source line: what called is the byte before.
func (t trace) address() uint64 {
	if t.exact {
		return t.offset
	}
	return t.offset - 1
}
