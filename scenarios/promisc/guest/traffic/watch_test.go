//go:build linux

package traffic

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/bpf"

	"brink/internal/flood"
	"brink/internal/guest"
	"brink/internal/trial"
)

func TestMedian(t *testing.T) {
	assert.Equal(t, 3*time.Second, median([]time.Duration{9 * time.Second, time.Second, 3 * time.Second}))
	assert.Equal(t, 2*time.Second, median([]time.Duration{2 * time.Second, time.Second}))
}

func TestLowest(t *testing.T) {
	assert.Equal(t, 5*time.Second, lowest([]time.Duration{5 * time.Second}))
	took := make([]time.Duration, 200)
	for i := range took {
		took[i] = time.Duration(200 - i)
	}
	assert.Equal(t, time.Duration(21), lowest(took))
	assert.Equal(t, time.Duration(200), took[0], "they stay in their order")
}

func TestCostIsThatOfFramesThatTookOneTurn(t *testing.T) {
	var s samples
	for range 20 {
		s.add(time.Microsecond, 2)
	}
	s.add(time.Millisecond, 1)
	assert.Equal(t, time.Microsecond, s.cost(), "one is too few")
	s.add(time.Millisecond, 1)
	s.add(time.Millisecond, 1)
	assert.Equal(t, time.Millisecond, s.cost())
}

func TestHeartbeatGap(t *testing.T) {
	h := &heartbeat{}
	now := int64(clock())
	h.note(now-100, now-90)
	h.note(now-int64(time.Hour), now-int64(time.Minute))
	h.last.Store(int64(clock()))
	assert.Equal(t, time.Hour-time.Minute, h.take(), "the longest")
	assert.Less(t, h.take(), time.Minute, "since it was asked last")
	h.last.Store(int64(clock()) - int64(time.Hour))
	assert.GreaterOrEqual(t, h.take(), time.Hour, "one that has not ended")
}

func TestHeartbeatBeats(t *testing.T) {
	h := startHeartbeat()
	begin := h.last.Load()
	sleep(20 * beat)
	h.stop()
	assert.Greater(t, h.last.Load(), begin)
	assert.GreaterOrEqual(t, h.take(), beat)
}

func TestControlLatency(t *testing.T) {
	c := &control{last: 7}
	assert.Equal(t, time.Duration(7), c.take(), "nothing yet: as before the flood")
	c.took = []time.Duration{5, 9, 6}
	assert.Equal(t, time.Duration(6), c.take())
	assert.Equal(t, time.Duration(6), c.take(), "nothing new")
	c.begin = clock() - time.Hour
	assert.GreaterOrEqual(t, c.take(), time.Hour, "one that waits")
	c.note(false)
	assert.GreaterOrEqual(t, c.take(), time.Hour, "it has ended")
}

func TestControlThatFails(t *testing.T) {
	refused := errors.New("refused")
	_, err := idleControl(func() error { return refused })
	assert.ErrorIs(t, err, refused)
	c := startControl(func() error { return refused }, 0)
	assert.ErrorIs(t, <-c.ended, refused)
}

func TestMaskSeesAboutAHundredFramesASecond(t *testing.T) {
	for _, rate := range []float64{1, 100, 101, 5000, 131_000, flood.MaxRate} {
		m := mask(rate)
		assert.Zero(t, m&(m+1), "%g: all ones from the lowest bit", rate)
		perSecond := rate / float64(m+1)
		assert.LessOrEqual(t, perSecond, float64(seen), "%g", rate)
		assert.GreaterOrEqual(t, perSecond, min(rate, seen/2), "%g", rate)
	}
}

func TestFilterSeesFramesOfTheFlood(t *testing.T) {
	layout, err := flood.New(trial.Flood{ID: 3, Size: flood.MinSize, Sources: 4})
	require.NoError(t, err)
	frame := func(number uint64) []byte { return layout.Build(make([]byte, flood.MinSize), number) }
	vm, err := bpf.NewVM(program(0xff))
	require.NoError(t, err)
	for number, want := range map[uint64]bool{0: true, 1: false, 256: true, 1 << 32: true, 1<<32 + 512: true, 255: false} {
		n, err := vm.Run(frame(number))
		require.NoError(t, err)
		assert.Equal(t, want, n > 0, "frame %d", number)
	}
	other := frame(0)
	other[etherTypeAt] = 0x08
	n, err := vm.Run(other)
	require.NoError(t, err)
	assert.Zero(t, n, "another protocol")
	all, err := bpf.NewVM(program(0))
	require.NoError(t, err)
	n, err = all.Run(frame(255))
	require.NoError(t, err)
	assert.NotZero(t, n, "every frame")
}

func TestConfig(t *testing.T) {
	good := Config{Port: "eth0", Sender: "eth1", Source: Hub, Delivered: func() (uint64, error) { return 0, nil },
		Copies: func() int { return 1 }, Control: func() error { return nil }}
	require.NoError(t, good.check())
	for name, change := range map[string]func(*Config){
		"source":  func(c *Config) { c.Source = "carrier pigeon" },
		"port":    func(c *Config) { c.Port = "" },
		"sender":  func(c *Config) { c.Sender = "" },
		"Control": func(c *Config) { c.Control = nil },
	} {
		c := good
		change(&c)
		err := c.check()
		assert.ErrorIs(t, err, guest.ErrScenario)
		assert.ErrorContains(t, err, name)
	}
	good.Source, good.Sender = Host, ""
	assert.NoError(t, good.check(), "the host sends")
}

func TestOutOfTurn(t *testing.T) {
	idle := &Traffic{}
	_, err := idle.Stop()
	assert.ErrorContains(t, err, "none runs")
	busy := &Traffic{run: &run{}}
	assert.ErrorContains(t, busy.Start(nil, 1), "while one runs")
	_, _, err = busy.Burst(1)
	assert.ErrorContains(t, err, "while a flood runs")
	assert.ErrorContains(t, idle.Start(nil, 0), "0 frames a second")
	_, _, err = (&Traffic{c: Config{Source: Host}}).Burst(1)
	assert.ErrorIs(t, err, guest.ErrUnsupported)
	assert.ErrorContains(t, err, "--set source=hub")
}
