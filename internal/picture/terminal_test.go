package picture

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func terminal(t *testing.T, r Ramp, width, height int, colour bool) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Terminal(&b, r, width, height, colour))
	return b.String()
}

func ascii(t *testing.T, r Ramp, width, height int) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, ASCII(&b, r, width, height))
	return b.String()
}

func TestTerminalGolden(t *testing.T) {
	for name, got := range map[string]string{
		"delete.txt":       terminal(t, deleteRamp(), 0, 0, false),
		"quadratic.txt":    terminal(t, quadraticRamp(), 0, 0, false),
		"panic.txt":        terminal(t, panicRamp(), 60, 10, false),
		"panic-colour.txt": terminal(t, panicRamp(), 60, 6, true),
		"delete-ascii.txt": ascii(t, deleteRamp(), 0, 0),
		"lookup.txt":       terminal(t, lookupRamp(), 100, 12, false),
	} {
		path := filepath.Join("testdata", name)
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(want), got, name)
	}
}

func TestTerminalKeepsItsWidth(t *testing.T) {
	each(t, func(t *testing.T, name string, r Ramp) {
		for _, width := range []int{-1, 1, 40, 72, 133, 1 << 30} {
			for _, height := range []int{0, 1, 7, 30, 1 << 30} {
				text := terminal(t, r, width, height, false)
				for line := range strings.Lines(text) {
					line = strings.TrimSuffix(line, "\n")
					assert.LessOrEqual(t, utf8.RuneCountInString(line), limit(width, DefaultWidth, leastWidth, mostWidth))
					assert.Equal(t, strings.TrimRight(line, " "), line, "no blanks at the end")
					assert.Equal(t, -1, strings.IndexFunc(line, unicode.IsControl))
				}
			}
		}
	})
}

func TestASCII(t *testing.T) {
	each(t, func(t *testing.T, name string, r Ramp) {
		for _, c := range ascii(t, r, 72, 16) {
			assert.True(t, c == '\n' || c >= ' ' && c <= '~', "%q", c)
		}
	})
}

func TestColourIsAllThatColourAdds(t *testing.T) {
	each(t, func(t *testing.T, name string, r Ramp) {
		text := terminal(t, r, 72, 16, true)
		for _, code := range codes {
			text = strings.ReplaceAll(text, "\x1b["+code+"m", "")
		}
		text = strings.ReplaceAll(text, "\x1b[0m", "")
		assert.Equal(t, terminal(t, r, 72, 16, false), text)
	})
}

func TestTerminalSaysWhatIsKnown(t *testing.T) {
	text := terminal(t, quadraticRamp(), 0, 0, false)
	for _, want := range []string{"SEEDED", "broken at 32,000 entries", "its budget is\n330 ms", "safe up to 16,000 entries",
		"knee at 8,200 [6,500, 10,100]", "from the knee on c·n^1.98 [1.91, 2.06]"} {
		assert.Contains(t, text, want)
	}
	assert.NotContains(t, terminal(t, loadRamp(), 0, 0, false), "SEEDED")
}

func TestNotes(t *testing.T) {
	ms := time.Millisecond
	r := Ramp{Axis: "peers", Unit: "peer", Points: []Point{{Size: 8, Samples: []time.Duration{0, ms}}, {Size: 0, Samples: []time.Duration{ms}},
		{Size: 8, Samples: []time.Duration{3 * ms, -1, 2 * ms}}}, Safe: 1}
	text := terminal(t, r, 0, 0, false)
	assert.Contains(t, text, "2 samples of zero or less left out")
	assert.Contains(t, text, "1 size below 1 left out")
	assert.Contains(t, text, "3 samples a size", "points of the same size are one")
	assert.Contains(t, text, "safe up to 1 peer\n")
	assert.Contains(t, terminal(t, Ramp{}, 0, 0, false), "no samples")
}
