package flood

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/trial"
)

func TestFrame(t *testing.T) {
	l, err := New(trial.Flood{ID: 7, Rate: 1000, Size: MinSize, Sources: 300})
	require.NoError(t, err)
	buffer := make([]byte, MaxSize)
	frame := l.Build(buffer, 1<<40+599)
	require.Len(t, frame, MinSize)
	from := Source(int((uint64(1)<<40 + 599) % 300))
	assert.Equal(t, from[:], frame[6:12])
	assert.Equal(t, []byte{0x88, 0xB5}, frame[12:14])
	id, seq, ok := Parse(frame)
	assert.True(t, ok)
	assert.Equal(t, 7, id)
	assert.Equal(t, uint64(1<<40+599), seq)
	assert.Equal(t, make([]byte, MinSize-header), frame[header:], "the rest is as it was")
}

func TestAddresses(t *testing.T) {
	seen := map[[6]byte]bool{Destination(): true}
	for _, i := range []int{0, 1, 255, 256, 65535, 65536, MaxSources - 1} {
		a := Source(i)
		assert.Equal(t, byte(0x02), a[0]&0x03, "locally administered, unicast: %x", a)
		assert.False(t, seen[a], "%x", a)
		seen[a] = true
	}
	to := Destination()
	assert.Equal(t, byte(0x02), to[0]&0x03)
}

func TestFloodThatCannotBe(t *testing.T) {
	good := trial.Flood{ID: 1, Rate: 1, Size: 60, Sources: 1}
	for name, change := range map[string]func(*trial.Flood){
		"32 bits":       func(f *trial.Flood) { f.ID = -1 },
		"60 to 1514":    func(f *trial.Flood) { f.Size = 59 },
		"not 1515":      func(f *trial.Flood) { f.Size = 1515 },
		"1 to 16777216": func(f *trial.Flood) { f.Sources = 0 },
		"not 16777217":  func(f *trial.Flood) { f.Sources = MaxSources + 1 },
		"not -1":        func(f *trial.Flood) { f.Rate = -1 },
		"not NaN":       func(f *trial.Flood) { f.Rate = math.NaN() },
		"not +Inf":      func(f *trial.Flood) { f.Rate = math.Inf(1) },
	} {
		f := good
		change(&f)
		_, err := New(f)
		assert.ErrorContains(t, err, name)
	}
}

func TestBuildAllocatesNothing(t *testing.T) {
	l, err := New(trial.Flood{ID: 7, Rate: 1000, Size: MaxSize, Sources: 300})
	require.NoError(t, err)
	buffer := make([]byte, MaxSize)
	seq := uint64(0)
	assert.Zero(t, testing.AllocsPerRun(1000, func() { l.Build(buffer, seq); seq++ }))
}

func FuzzParse(f *testing.F) {
	l, err := New(trial.Flood{ID: 7, Rate: 1, Size: MinSize, Sources: 1})
	require.NoError(f, err)
	f.Add(l.Build(make([]byte, MaxSize), 5))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, frame []byte) {
		id, _, ok := Parse(frame)
		assert.True(t, ok || id == 0)
	})
}

// drive asks a pacer at the moments that tick makes, until the end, and returns the frames sent and the most in any call.
func drive(p *Pacer, end time.Duration, tick func(time.Duration) time.Duration) (sent, most int64) {
	for now := time.Duration(0); now < end; now = tick(now) {
		n := p.Due(now)
		sent, most = sent+n, max(most, n)
	}
	return sent, most
}

func TestPacerIsExactOnAverage(t *testing.T) {
	for _, rate := range []float64{0.5, 3, 999, 76_543.21, 1e6} {
		p := NewPacer(rate, 5*time.Millisecond)
		sent, most := drive(p, 20*time.Second, func(now time.Duration) time.Duration { return now + max(p.Wait(), time.Millisecond) })
		assert.InDelta(t, rate*20, sent, 1+rate*0.003, "%g frames a second", rate)
		assert.LessOrEqual(t, float64(most), max(1, rate*0.005), "%g frames a second", rate)
	}
}

func TestPacerAfterAHoldUp(t *testing.T) {
	p := NewPacer(100_000, 5*time.Millisecond)
	held := time.Second
	perWindow := map[time.Duration]int64{} // frames in each 5 ms
	sent := int64(0)
	for now := time.Duration(0); now < 4*time.Second; now += 100 * time.Microsecond {
		if now > held && now < held+500*time.Millisecond {
			continue
		}
		n := p.Due(now)
		sent += n
		perWindow[now/(5*time.Millisecond)] += n
	}
	for window, n := range perWindow {
		assert.LessOrEqual(t, n, int64(3*500), "window %d: what a burst holds and twice the rate", window)
	}
	assert.InDelta(t, 400_000, sent, 20, "the gap was made up for")
}

func TestPacerSaysWhenToComeAgain(t *testing.T) {
	p := NewPacer(1000, 5*time.Millisecond)
	assert.Equal(t, int64(1), p.Due(0))
	assert.InDelta(t, time.Millisecond, p.Wait(), 1000)
	assert.Zero(t, p.Due(500*time.Microsecond))
	assert.InDelta(t, 500*time.Microsecond, p.Wait(), 1000)
	assert.Equal(t, int64(1), p.Due(500*time.Microsecond+p.Wait()))
	assert.Equal(t, int64(5), p.Due(100*time.Millisecond), "one burst")
	assert.InDelta(t, 500*time.Microsecond, p.Wait(), 1000, "then twice the rate")
}
