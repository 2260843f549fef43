package console

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStyleDoesNotMatter: how a console was carried, and what talks in between, changes nothing about what it says.
func TestStyleDoesNotMatter(t *testing.T) {
	all := func(old, now string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(old), []byte(now)) }
	}
	for style, change := range map[string]func([]byte) []byte{
		"serial line ends": all("\n", "\r\n"),
		"NULs":             all("] ", "] \x00"),
		"levels":           func(b []byte) []byte { return all("\n[", "\n<4>[")(append([]byte("\n"), b...)) },
		"escape codes":     all("] ", "]\x1b[0m \x1b[33m"),
		"user space":       func(b []byte) []byte { return between(b, 3, "  worker: op 3 took 12 ms, at: step 4 (x=1)\n") },
		"shell":            func(b []byte) []byte { return between(b, 5, "# cat /proc/1/stack: INFO: Allocated in 3 steps\n") },
		"after a boot":     func(b []byte) []byte { return append(healthy(20_000), b...) },
		"before more":      func(b []byte) []byte { return append(bytes.Clone(b), healthy(20_000)...) },
	} {
		for name, data := range fixtures(t) {
			want, err := Parse(bytes.NewReader(data))
			require.NoError(t, err)
			got, err := Parse(bytes.NewReader(change(data)))
			require.NoError(t, err)
			assert.Equal(t, signatures(want), signatures(got), "%s: %s", name, style)
		}
	}
}

// between puts line after every n lines of a console.
func between(b []byte, n int, line string) []byte {
	var out bytes.Buffer
	for i, l := range bytes.SplitAfter(b, []byte("\n")) {
		out.Write(l)
		if i%n == n-1 && bytes.HasSuffix(l, []byte("\n")) {
			out.WriteString(line)
		}
	}
	return out.Bytes()
}

func signatures(reports []Report) string {
	var s strings.Builder
	for _, r := range reports {
		s.WriteString(r.Signature() + "\n")
		for _, sec := range r.Secondary {
			s.WriteString("  " + sec.Signature() + "\n")
		}
	}
	return s.String()
}
