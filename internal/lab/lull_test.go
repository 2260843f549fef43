package lab

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestLull(t *testing.T) {
	var l lull
	start := time.Now()
	at := func(ms int64) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	cpu := func(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }
	assert.False(t, l.over(at(100), start, cpu(1000)))
	assert.False(t, l.over(at(900), start, cpu(1200)), "the guest was held up in the middle of a report")
	assert.False(t, l.over(at(1200), start, cpu(1501)), "it had time to say more; had brink the time to hear it?")
	assert.True(t, l.over(at(1500), start, cpu(1800)))
	assert.False(t, l.over(at(1500), at(1300), cpu(2000)), "it said more")
	assert.False(t, l.over(at(1300+3001), at(1300), cpu(2000)))
	assert.True(t, l.over(at(1300+3301), at(1300), cpu(2000)), "an idle guest uses no time")
}
