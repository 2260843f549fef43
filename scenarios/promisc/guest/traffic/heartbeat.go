//go:build linux

package traffic

import (
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// beat is how often the heartbeat's thread wants to run.
const beat = time.Millisecond

// heartbeat is a thread that wakes up each millisecond and notes how late it was: what any task of the guest feels.
type heartbeat struct {
	last, worst atomic.Int64
	ending      atomic.Bool
	ended       chan struct{}
}

func startHeartbeat() *heartbeat {
	h := &heartbeat{ended: make(chan struct{})}
	h.last.Store(int64(clock()))
	go h.loop()
	return h
}

func (h *heartbeat) loop() {
	defer close(h.ended)
	runtime.LockOSThread() // a thread of its own: what it waits for is the kernel, never the Go scheduler
	defer runtime.UnlockOSThread()
	for !h.ending.Load() {
		last := h.last.Load()
		next := unix.NsecToTimespec(last + int64(beat))
		_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &next, nil)
		h.note(last, int64(clock()))
	}
}

func (h *heartbeat) note(last, now int64) {
	gap := now - last
	h.last.Store(now)
	for worst := h.worst.Load(); gap > worst && !h.worst.CompareAndSwap(worst, gap); worst = h.worst.Load() {
	}
}

// take returns the longest gap since it was asked last; a gap that has not ended counts until now.
func (h *heartbeat) take() time.Duration {
	return time.Duration(max(h.worst.Swap(0), int64(clock())-h.last.Load()))
}

func (h *heartbeat) stop() {
	h.ending.Store(true)
	<-h.ended
}
