//go:build linux

package traffic

import (
	"runtime"
	"sync/atomic"
	"time"

	"brink/internal/flood"
)

const (
	// tick is the shortest sleep of the sender: a wake-up costs about as much as ten frames.
	tick = 250 * time.Microsecond
	// patience is its longest sleep: it must notice the end.
	patience = 50 * time.Millisecond
	// burst is how much of a gap the sender makes up for at once. A softirq keeps the only CPU for 10 ms and more, and the
	// frames of that time would wait in the card if they came from outside.
	burst = 50 * time.Millisecond
)

// paced sends frames at a rate by the guest's clock. It sleeps between them: under the instruction clock a thread that waits
// by spinning costs real time for nothing.
//
// Note: a thread that runs before all others (SCHED_FIFO) offers no more in a livelock. Since 6.5 each frame sent runs the
// receive softirq in the sender's context (d15121be7485), and with that priority it stopped the whole guest for a second.
type paced struct {
	send              *sender
	rate              float64
	offered, accepted atomic.Int64
	ending            atomic.Bool
	ended             chan error
}

func (s *sender) paced(rate float64) *paced {
	return &paced{send: s, rate: rate, ended: make(chan error, 1)}
}

func (p *paced) start() error {
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		p.ended <- p.loop()
	}()
	return nil
}

func (p *paced) loop() error {
	pacer, begin := flood.NewPacer(p.rate, burst), clock()
	for !p.ending.Load() {
		due := pacer.Due(clock() - begin)
		if err := p.offer(due); err != nil {
			return err
		}
		sleep(min(max(pacer.Wait(), tick), patience))
	}
	return nil
}

// offer sends what is due. When the card's queue is full, all the rest is refused: a frame does not wait.
func (p *paced) offer(due int64) error {
	p.offered.Add(due)
	for due > 0 {
		n := min(due, batch)
		taken, err := p.send.take(int(n), nobody)
		if err != nil {
			return err
		}
		p.accepted.Add(int64(taken))
		if int64(taken) < n {
			return nil
		}
		due -= n
	}
	return nil
}

func (p *paced) sent() (offered, accepted int64) { return p.offered.Load(), p.accepted.Load() }

func (p *paced) stop() error {
	p.ending.Store(true)
	return <-p.ended
}
