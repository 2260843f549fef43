package lab

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"brink/internal/trial"
)

func TestStepOfAConsoleText(t *testing.T) {
	b := begins{offset: 5_000_000} // the log is 5 ms ahead
	for i, ns := range []int64{1_000_000_000, 2_000_000_000, 2_000_100_000} {
		b.add(trial.Event{Step: i, GuestNS: ns})
	}
	for text, want := range map[string]int{
		"[    1.005001] x":           0,
		"[    2.004990] x\nsecond":   0, // 10 µs before the second begin
		"[    2.005000] x":           1,
		"[    2.005099] x":           2, // cut to the microsecond
		"[    9.000000] x":           2,
		"[    2.005050][  T12] text": 1,
	} {
		e, ok := b.at(text)
		assert.True(t, ok, text)
		assert.Equal(t, want, e.Step, text)
	}
	for _, text := range []string{"", "no stamp", "[    0.500000] before any step"} {
		_, ok := b.at(text)
		assert.False(t, ok, text)
	}
	_, ok := (&begins{events: b.events}).at("[    2.005000] x")
	assert.False(t, ok, "without an offset stamps say nothing")
}

func TestBeginsAreBounded(t *testing.T) {
	var b begins
	for range 3 * keptSteps {
		b.add(trial.Event{})
	}
	assert.Len(t, b.events, keptSteps)
}
