package picture

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestUnits(t *testing.T) {
	for ns, want := range map[float64]string{0.5: "0.5 ns", 1: "1 ns", 500: "500 ns", 2e3: "2 µs", 2e5: "200 µs", 5e6: "5 ms", 1e9: "1 s",
		1e12: "1,000 s", 2e13: "20k s", 1e18: "1G s"} {
		assert.Equal(t, want, duration(ns))
	}
	for n, want := range map[float64]string{0.5: "", 1: "1", 1000: "1,000", 100000: "100,000", 1e6: "1M", 5e8: "500M", 1e12: "1T", 1e18: "1E"} {
		assert.Equal(t, want, size(n))
	}
}

func TestTicks(t *testing.T) {
	labels := func(s scale, most int) (out []string) {
		for _, tick := range s.ticks(most, size) {
			assert.InDelta(t, tick.value, s.value(tick.at), tick.value*1e-9)
			if tick.label != "" {
				out = append(out, tick.label)
			}
		}
		return out
	}
	assert.Equal(t, []string{"100", "200", "500", "1,000", "2,000", "5,000", "10,000"}, labels(scale{100, 10000}, 8))
	assert.Equal(t, []string{"100", "1,000", "10,000"}, labels(scale{100, 10000}, 4))
	assert.Equal(t, []string{"1,000", "1M", "1G"}, labels(scale{2, 1e10}, 4))
	assert.NotEmpty(t, labels(scale{1000, 4100}, 3))
}

func TestScaleNeverEmpty(t *testing.T) {
	for name, r := range cases() {
		v := look(r)
		for _, s := range []scale{v.x, v.y} {
			assert.True(t, good(s.lo) && good(s.hi) && s.hi > 1.5*s.lo, "%s %v", name, s)
		}
		assert.False(t, math.IsNaN(v.y.decades()))
	}
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                     "plain",
		" a\tb\r\nc ":               "a b c",
		"\x1b[1mbold\x1b[0m\a\x7f":  "[1mbold[0m",
		"a\u202eb\u200bc\u00add":    "abcd",
		"漢\ufffd\xffe\u0301":        "???e?",
		"a + b·n² µs ≤ 3 × π … “x”": "a + b·n² µs ≤ 3 × π … “x”",
	} {
		assert.Equal(t, want, clean(text))
	}
	assert.Len(t, []rune(clean(string(make([]byte, 1<<20))+"x")), 1)
	assert.Equal(t, "a + b*n^2 us <= 3 x ?", plain("a + b·n² µs ≤ 3 × π"))
	assert.Equal(t, []string{"aa bb", "cccc…"}, wrap("aa bb cccc dd", 5, 2))
	assert.Equal(t, []string{"long…", "b"}, wrap("longer b", 5, 2))
}
