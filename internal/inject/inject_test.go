package inject

import (
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/flood"
	"brink/internal/trial"
)

// guest is QEMU's end of a link: what it reads, and in which order.
type guest struct {
	t    *testing.T
	conn *net.UnixConn
	card *Card

	mu   sync.Mutex
	seqs []int64
}

// newGuest makes a link in a folder of its own: socket paths are short.
func newGuest(t *testing.T) *guest {
	t.Helper()
	dir, err := os.MkdirTemp("", "inject-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "guest")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	require.NoError(t, err)
	card, err := Open(filepath.Join(dir, "host"), path)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close(); assert.NoError(t, card.Close()) })
	return &guest{t: t, conn: conn, card: card}
}

// take reads the next frame and returns its number; -1 when none comes.
func (g *guest) take(wait time.Duration) int64 {
	buffer := make([]byte, flood.MaxSize)
	_ = g.conn.SetReadDeadline(time.Now().Add(wait))
	n, err := g.conn.Read(buffer)
	if err != nil {
		return -1
	}
	id, seq, ok := flood.Parse(buffer[:n])
	assert.True(g.t, ok)
	assert.Equal(g.t, 7, id)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seqs = append(g.seqs, int64(seq))
	return int64(seq)
}

func (g *guest) taken() int64 { g.mu.Lock(); defer g.mu.Unlock(); return int64(len(g.seqs)) }

// follow reads until nothing comes any more; the returned function waits for that.
func (g *guest) follow() (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for g.take(500*time.Millisecond) >= 0 {
		}
	}()
	return func() { <-done }
}

// inOrder asserts that no frame is missing and none came twice.
func (g *guest) inOrder() {
	for i, seq := range g.seqs {
		require.Equal(g.t, int64(i), seq)
	}
}

func asked(rate float64) trial.Flood { return trial.Flood{ID: 7, Rate: rate, Size: 60, Sources: 10} }

func TestEveryFrameArrivesAtTheRate(t *testing.T) {
	g := newGuest(t)
	wait := g.follow()
	s, err := Start(asked(5000), []*Card{g.card})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return s.Offered() >= 5000 }, 20*time.Second, time.Millisecond)
	all := s.Stop()
	wait()
	require.Len(t, all, 1)
	require.Len(t, all[0], 1)
	o := all[0][0]
	g.inOrder()
	assert.Equal(t, g.taken(), o.Offered)
	assert.Equal(t, o.Offered, o.Accepted)
	assert.Equal(t, s.Offered(), o.Offered)
	assert.LessOrEqual(t, float64(o.Offered), 1+5000*float64(o.NS)/1e9, "never ahead of the rate")
	assert.InEpsilon(t, float64(o.Offered)/(float64(o.NS)/1e9), o.Rate, 1e-6)
	assert.Equal(t, 7, o.ID)
}

func TestVMsGetFramesInLockStep(t *testing.T) {
	a, b := newGuest(t), newGuest(t)
	s, err := Start(asked(20_000), []*Card{a.card}, []*Card{b.card})
	require.NoError(t, err)
	for a.take(200*time.Millisecond) >= 0 {
	}
	held := s.Offered()
	assert.Positive(t, held)
	assert.LessOrEqual(t, a.taken()-held, int64(1), "b took nothing: a is one frame ahead of what b's socket holds")
	waitA, waitB := a.follow(), b.follow()
	require.Eventually(t, func() bool { return s.Offered() > held+1000 }, 20*time.Second, time.Millisecond)
	all := s.Stop()
	waitA()
	waitB()
	a.inOrder()
	b.inOrder()
	assert.InDelta(t, a.taken(), b.taken(), 1, "frame by frame")
	assert.Equal(t, a.taken(), all[0][0].Accepted)
	assert.Equal(t, b.taken(), all[1][0].Accepted)
	assert.Positive(t, all[1][0].Late, "those that b kept waiting")
}

func TestEveryCardOfAVMGetsEveryFrame(t *testing.T) {
	a, b := newGuest(t), newGuest(t)
	waitA, waitB := a.follow(), b.follow()
	s, err := Start(asked(2000), []*Card{a.card, b.card})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return s.Offered() > 200 }, 20*time.Second, time.Millisecond)
	all := s.Stop()
	waitA()
	waitB()
	require.Len(t, all[0], 2)
	assert.Equal(t, []int{0, 1}, []int{all[0][0].Card, all[0][1].Card})
	assert.Positive(t, a.taken())
	assert.InDelta(t, a.taken(), b.taken(), 1)
}

// TestDeadVMIsLeftBehind: it does not keep the frames from the other one for ever, and its counts say how far it came.
func TestDeadVMIsLeftBehind(t *testing.T) {
	a, b := newGuest(t), newGuest(t)
	wait := a.follow()
	s, err := start(asked(20_000), 100*time.Millisecond, [][]*Card{{a.card}, {b.card}})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return s.Offered() > 3000 }, 20*time.Second, time.Millisecond)
	all := s.Stop()
	wait()
	a.inOrder()
	assert.Equal(t, a.taken(), all[0][0].Accepted)
	assert.Equal(t, "took no frame for 100ms and was left behind", all[1][0].Err)
	assert.Positive(t, all[1][0].Offered)
	assert.Zero(t, all[1][0].Accepted, "nobody has read what its socket holds")
	assert.Less(t, all[1][0].NS, all[0][0].NS)
}

// TestQEMUThatIsGone: the other VM goes on at once.
func TestQEMUThatIsGone(t *testing.T) {
	a, b, never := newGuest(t), newGuest(t), newGuest(t)
	never.conn.Close()
	waitA, waitB := a.follow(), b.follow()
	s, err := Start(asked(5000), []*Card{a.card}, []*Card{b.card}, []*Card{never.card})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return s.Offered() > 100 }, 20*time.Second, time.Millisecond)
	b.conn.Close()
	waitB()
	require.Eventually(t, func() bool { return s.Offered() > 1000 }, 20*time.Second, time.Millisecond)
	all := s.Stop()
	waitA()
	a.inOrder()
	assert.Equal(t, a.taken(), all[0][0].Accepted)
	assert.Greater(t, all[0][0].Offered, all[1][0].Offered)
	assert.Contains(t, all[1][0].Err, "QEMU is gone")
	assert.Contains(t, all[2][0].Err, "connect to network card")
	assert.Zero(t, all[2][0].Offered)
}

func TestVMThatLeaves(t *testing.T) {
	a, b := newGuest(t), newGuest(t)
	waitA, waitB := a.follow(), b.follow()
	s, err := Start(asked(5000), []*Card{a.card}, []*Card{b.card})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return s.Offered() > 500 }, 20*time.Second, time.Millisecond)
	left := s.Leave(1)
	require.Eventually(t, func() bool { return s.Offered() > 1500 }, 20*time.Second, time.Millisecond)
	all := s.Stop()
	waitA()
	waitB()
	assert.Empty(t, left[0].Err, "it was told to")
	assert.Less(t, all[1][0].Offered, all[0][0].Offered)
	assert.Equal(t, b.taken(), all[1][0].Offered)
	require.Len(t, left, 1)
	assert.InDelta(t, b.taken(), left[0].Offered, 1)
}

// TestStopWhileNobodyTakesFrames: a VM that hangs does not hold its trial's end up.
func TestStopWhileNobodyTakesFrames(t *testing.T) {
	g := newGuest(t)
	s, err := Start(asked(50_000), []*Card{g.card})
	require.NoError(t, err)
	last := int64(0)
	require.Eventually(t, func() bool { // its socket is full when no more goes into it
		before := last
		last = s.lanes[0].sent.Load()
		return last > 0 && last == before
	}, 20*time.Second, 100*time.Millisecond)
	begun := time.Now()
	o := s.Stop()[0][0]
	assert.Less(t, time.Since(begun), 5*time.Second)
	assert.Positive(t, o.Offered)
	assert.Zero(t, o.Accepted)
	assert.Regexp(t, `^50000 frames/s could not be offered, QEMU took \d+$`, o.Err)
}

func TestFloodThatCannotStart(t *testing.T) {
	g := newGuest(t)
	_, err := Start(trial.Flood{ID: 7, Rate: 10, Size: 20, Sources: 1}, []*Card{g.card})
	require.ErrorContains(t, err, "60 to 1514 bytes, not 20")
	_, err = Start(trial.Flood{ID: 7, Size: 60, Sources: 1}, []*Card{g.card})
	require.ErrorContains(t, err, "has no frames")
}

func TestFramesOfTheGuestAreTakenIn(t *testing.T) {
	g := newGuest(t)
	host := g.card.in.LocalAddr().(*net.UnixAddr)
	for range 1000 { // far more than a socket holds
		_, err := g.conn.WriteToUnix(make([]byte, 86), host)
		require.NoError(t, err)
	}
	assert.Eventually(t, func() bool { return g.card.Received() == 1000 }, 5*time.Second, time.Millisecond)
}
