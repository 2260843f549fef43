package inject

import (
	"fmt"
	"sync/atomic"
	"time"

	"brink/internal/flood"
	"brink/internal/trial"
)

// Bounds of a stream.
const (
	burst    = 5 * time.Millisecond   // of frames that go out at once after a hold-up
	grain    = 200 * time.Microsecond // between two looks at the clock: what is due meanwhile goes out in one call
	together = 64                     // frames of one call
	patience = 3 * time.Second        // with a VM that takes none while another one waits for the next frame
)

// Stream is a flood under way.
type Stream struct {
	flood     trial.Flood
	layout    flood.Layout
	pacer     *flood.Pacer
	footprint int // of a frame in a socket, in bytes
	patience  time.Duration
	start     time.Time
	lanes     []*lane
	vms       int
	offered   atomic.Int64
	stop      chan struct{}
	done      chan struct{}
}

// Start begins to send the frames of a flood to all cards of all given VMs, in lock-step: no card gets a frame before every
// other has the one before it. The rate must be above 0. The caller must Stop the stream.
func Start(f trial.Flood, vms ...[]*Card) (*Stream, error) { return start(f, patience, vms) }

func start(f trial.Flood, patience time.Duration, vms [][]*Card) (*Stream, error) {
	layout, err := flood.New(f)
	if err != nil {
		return nil, err
	}
	if f.Rate == 0 {
		return nil, fmt.Errorf("start flood %d: it has no frames", f.ID)
	}
	s := &Stream{flood: f, layout: layout, pacer: flood.NewPacer(f.Rate, burst), patience: patience, vms: len(vms),
		stop: make(chan struct{}), done: make(chan struct{})}
	if s.footprint, err = footprint(layout); err != nil {
		return nil, err
	}
	for vm, cards := range vms {
		for i, c := range cards {
			l := &lane{vm: vm, card: i}
			if l.fd, err = c.connect(); err != nil { // a dead VM must not keep the frames from the others
				l.over, l.why = true, err.Error()
			}
			s.lanes = append(s.lanes, l)
		}
	}
	s.start = time.Now()
	go s.run()
	return s, nil
}

// Offered is how many frames have gone to every card that still takes some.
func (s *Stream) Offered() int64 { return s.offered.Load() }

// Leave takes a VM out, by its place in the arguments of Start, and returns for each of its cards what has become of the
// frames. The others go on.
func (s *Stream) Leave(vm int) (offered []trial.Offered) {
	took := time.Since(s.start)
	for _, l := range s.lanes {
		if l.vm == vm {
			l.leave.Store(true)
			offered = append(offered, l.count(s, took, false))
		}
	}
	return offered
}

// Stop ends the stream and returns, for each VM and each of its cards, what became of the frames. It waits a moment for what
// is still on its way. It may be called once.
func (s *Stream) Stop() [][]trial.Offered {
	close(s.stop)
	<-s.done
	offered := make([][]trial.Offered, s.vms)
	for _, l := range s.lanes {
		offered[l.vm] = append(offered[l.vm], l.finish(s))
	}
	return offered
}

// run sends what is due until the stream is stopped or nobody takes frames any more.
func (s *Stream) run() {
	defer close(s.done)
	b := newBatch(together, s.layout.Size())
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-timer.C:
		}
		now := time.Since(s.start)
		for due := s.pacer.Due(now); due > 0; {
			n := min(due, s.step())
			if n == 0 || !s.send(b, int(n)) {
				return
			}
			due -= n
		}
		timer.Reset(now + max(grain, s.pacer.Wait()) - time.Since(s.start)) // at once if sending took longer
	}
}

// step is how many frames go to one card before the next one gets its own: one where there are others. 0: nobody is left.
func (s *Stream) step() int64 {
	switch n := s.open(); n {
	case 0, 1:
		return int64(n) * together
	}
	return 1
}

func (s *Stream) open() (n int) {
	for _, l := range s.lanes {
		if !l.over {
			n++
		}
	}
	return n
}

// others reports whether another VM waits for frames.
func (s *Stream) others(vm int) bool {
	for _, l := range s.lanes {
		if l.vm != vm && !l.over && !l.leave.Load() {
			return true
		}
	}
	return false
}

func (s *Stream) stopping() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

// send sends the next n frames to every card; false when the stream was stopped meanwhile.
func (s *Stream) send(b *batch, n int) bool {
	b.build(s.layout, s.offered.Load(), n)
	for _, l := range s.lanes {
		l.push(b, n, s)
	}
	all := int64(-1)
	for _, l := range s.lanes {
		if sent := l.sent.Load(); !l.over && (all < 0 || sent < all) {
			all = sent
		}
	}
	if all >= 0 {
		s.offered.Store(all)
	}
	return !s.stopping()
}
