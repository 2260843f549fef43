package lab

import (
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/flood"
	"brink/internal/qemu"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// fedGuest is QEMU's end of the links of a VM: it takes every frame.
type fedGuest struct {
	frames atomic.Int64
	last   atomic.Int64 // number of the latest frame
}

var hostCards = []scenario.NIC{{Model: "e1000", Link: scenario.Hub}, {Model: "virtio-net-pci", Link: scenario.Host}}

// plugged is a feed with VMs that take frames at their second card.
func plugged(t *testing.T, vms int) (*feed, []*fedGuest) {
	t.Helper()
	d := newFeed(vms)
	guests := make([]*fedGuest, vms)
	for i := range vms {
		guests[i] = &fedGuest{}
		dir, err := os.MkdirTemp("", "feed-") // socket paths are short
		require.NoError(t, err)
		t.Cleanup(func() { os.RemoveAll(dir) })
		s := qemu.Sockets{Dir: dir}
		conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: s.NICGuest(1), Net: "unixgram"})
		require.NoError(t, err)
		t.Cleanup(func() { conn.Close() })
		require.NoError(t, d.plug(i, hostCards, s))
		go guests[i].take(conn)
	}
	t.Cleanup(func() { assert.NoError(t, d.close()) })
	return d, guests
}

func (g *fedGuest) take(conn *net.UnixConn) {
	buffer := make([]byte, flood.MaxSize)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		if _, seq, ok := flood.Parse(buffer[:n]); ok {
			g.last.Store(int64(seq))
			g.frames.Add(1)
		}
	}
}

func (g *fedGuest) gets(t *testing.T, more int64) {
	t.Helper()
	before := g.frames.Load()
	require.Eventually(t, func() bool { return g.frames.Load() >= before+more }, 5*time.Second, time.Millisecond)
}

// has asserts how many frames the guest got, one more or less: the last one may have been on its way when they were counted.
func (g *fedGuest) has(t *testing.T, want int64) {
	t.Helper()
	assert.Eventually(t, func() bool { n := g.frames.Load(); return n >= want-1 && n <= want+1 }, 5*time.Second, time.Millisecond,
		"%d", want)
}

func frames(id int) trial.Flood { return trial.Flood{ID: id, Rate: 5000, Size: 64, Sources: 4} }

var stop = trial.Flood{}

func TestFloodOfOneVM(t *testing.T) {
	d, guests := plugged(t, 1)
	require.NoError(t, d.ask(0, frames(1)))
	guests[0].gets(t, 100)
	assert.Empty(t, d.take(0), "it is not over")
	require.NoError(t, d.ask(0, frames(2)), "the next one ends it")
	guests[0].gets(t, 100)
	require.NoError(t, d.ask(0, stop))
	done := d.take(0)
	require.Len(t, done, 2)
	assert.Equal(t, []int{1, 2}, []int{done[0].ID, done[1].ID})
	guests[0].has(t, done[0].Accepted+done[1].Accepted)
	assert.Equal(t, done[0].Offered+done[1].Offered, d.frames())
	assert.Empty(t, d.take(0), "once")
	require.NoError(t, d.ask(0, stop), "nothing to stop")
}

func TestFloodThatCannotBe(t *testing.T) {
	d, _ := plugged(t, 1)
	bad := frames(1)
	bad.Size = 20
	require.ErrorContains(t, d.ask(0, bad), "not 20")
	require.ErrorContains(t, newFeed(1).ask(0, frames(1)), "no network card that the host feeds")
}

func TestTwinsAreFedTogether(t *testing.T) {
	d, guests := plugged(t, 2)
	require.NoError(t, d.ask(1, frames(1)))
	assert.Never(t, func() bool { return guests[1].frames.Load() > 0 }, 50*time.Millisecond, time.Millisecond, "the other one has not asked yet")
	require.NoError(t, d.ask(0, frames(1)))
	guests[0].gets(t, 100)
	guests[1].gets(t, 100)
	require.NoError(t, d.ask(1, stop))
	guests[1].gets(t, 10)
	require.NoError(t, d.ask(0, stop), "the first one's word counts")
	a, b := d.take(0), d.take(1)
	require.Len(t, a, 1)
	require.Len(t, b, 1)
	assert.InDelta(t, a[0].Offered, b[0].Offered, 1)
	require.Eventually(t, func() bool { return guests[0].last.Load() == guests[1].last.Load() }, time.Second, time.Millisecond)
}

// TestNobodyWaitsForEver: the other VM is late, or another flood is what it wants.
func TestNobodyWaitsForEver(t *testing.T) {
	d, guests := plugged(t, 2)
	d.patience = 100 * time.Millisecond
	require.NoError(t, d.ask(1, frames(1)))
	guests[1].gets(t, 100)
	assert.Zero(t, guests[0].frames.Load())
	require.NoError(t, d.ask(0, frames(2)))
	assert.Never(t, func() bool { return guests[0].frames.Load() > 0 }, d.patience+50*time.Millisecond, time.Millisecond, "one flood at a time")
	require.NoError(t, d.ask(1, stop))
	guests[0].gets(t, 100)
	d.leave(0)
	require.Len(t, d.take(0), 1)
	require.Len(t, d.take(1), 1)
}

// TestVMThatFailedIsNotWaitedFor: the other one goes on with the same flood, and with the next.
func TestVMThatFailedIsNotWaitedFor(t *testing.T) {
	d, guests := plugged(t, 2)
	require.NoError(t, d.ask(0, frames(1)))
	require.NoError(t, d.ask(1, frames(1)))
	guests[1].gets(t, 100)
	d.leave(0)
	left := d.take(0)
	require.Len(t, left, 1)
	assert.Empty(t, left[0].Err)
	guests[1].gets(t, 200)
	guests[0].has(t, left[0].Offered)
	require.NoError(t, d.ask(0, frames(9)), "a last word of the dead changes nothing")
	require.NoError(t, d.ask(1, frames(2)))
	guests[1].gets(t, 100)
	d.leave(1)
	assert.Len(t, d.take(1), 2)
	assert.Empty(t, d.take(0))
}

// TestVMThatIsStoppedAloneEndsItsFlood: it had asked for the end before the first one failed.
func TestVMThatIsStoppedAloneEndsItsFlood(t *testing.T) {
	d, guests := plugged(t, 2)
	require.NoError(t, d.ask(0, frames(1)))
	require.NoError(t, d.ask(1, frames(1)))
	guests[1].gets(t, 10)
	require.NoError(t, d.ask(1, stop))
	d.leave(0)
	assert.Len(t, d.take(1), 1)
}

// fedWatch is a watch whose guest gets frames.
func fedWatch(t *testing.T, d *feed) (*watch, *[]trial.Event) {
	t.Helper()
	var events []trial.Event
	w, err := newWatch(&fakeVM{}, t.TempDir(), limits, "", func(e trial.Event) error { events = append(events, e); return nil })
	require.NoError(t, err)
	t.Cleanup(w.close)
	w.seat, w.hello, w.heard = newSeat(d, 0), true, time.Now()
	return w, &events
}

func TestFloodIsRecorded(t *testing.T) {
	d, guests := plugged(t, 1)
	w, events := fedWatch(t, d)
	w.event(begin)
	f := frames(1)
	require.Nil(t, w.event(trial.Event{Type: trial.EventFlood, Flood: &f}))
	guests[0].gets(t, 50)
	require.Nil(t, w.event(trial.Event{Type: trial.EventFlood, Flood: &stop}))
	require.Len(t, *events, 1)
	e := (*events)[0]
	assert.Equal(t, trial.EventOffered, e.Type)
	assert.Equal(t, begin.Size, e.Size)
	assert.Equal(t, begin.Op, e.Op)
	guests[0].has(t, e.Offered.Accepted)
}

// TestTrialsEndIsTheFloodsEnd, whatever the end is.
func TestTrialsEndIsTheFloodsEnd(t *testing.T) {
	d, guests := plugged(t, 1)
	w, events := fedWatch(t, d)
	f := frames(1)
	require.Nil(t, w.event(trial.Event{Type: trial.EventFlood, Flood: &f}))
	guests[0].gets(t, 50)
	agent := make(chan message, 1)
	agent <- message{err: assert.AnError}
	w.agent = agent
	outcome, err := w.run(t.Context(), 1)
	require.NoError(t, err)
	assert.Equal(t, trial.Harness, outcome.Kind)
	require.Len(t, *events, 1)
	assert.Positive(t, (*events)[0].Offered.Accepted)
	assert.Nil(t, d.stream)
}

func TestFloodWithoutACardIsOurFault(t *testing.T) {
	w, _ := fedWatch(t, newFeed(1))
	f := frames(1)
	o := w.event(trial.Event{Type: trial.EventFlood, Flood: &f})
	require.NotNil(t, o)
	assert.Equal(t, trial.Harness, o.Kind)
}
