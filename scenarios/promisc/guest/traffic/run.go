//go:build linux

package traffic

import (
	"errors"
	"fmt"
	"time"

	"brink/internal/guest"
	"brink/internal/trial"
)

const (
	second = time.Second
	// least is the shortest piece of a second that is worth a record, at the end of a flood.
	least = second / 2
	// look is how often the receiving side is looked at until it is quiet.
	look = 10 * time.Millisecond
	// calm is how long nothing must arrive: if all frames that were sent have arrived, and if some are missing.
	calm, calmMissing = 30 * time.Millisecond, time.Second
	// quietLimit is when it is given up.
	quietLimit = 30 * time.Second
)

// run is one flood with all that watches it.
type run struct {
	t       *Traffic
	source  source
	rate    float64
	idle    time.Duration // latency of the control plane before
	begin   time.Duration // when the source had begun
	atBegin int64         // frames offered then
	books   *tally
	beat    *heartbeat
	control *control
	quit    chan struct{}
	sampled chan error

	offered, accepted int64 // at the latest sample
}

func startRun(t *Traffic, s source, rate float64, idle time.Duration) (*run, error) {
	first, err := t.read.all()
	if err != nil {
		return nil, err
	}
	r := &run{t: t, source: s, rate: rate, idle: idle, books: newTally(first, t.c.Copies()),
		quit: make(chan struct{}), sampled: make(chan error, 1)}
	if err := s.start(); err != nil {
		return nil, err
	}
	// What was sent while the source began is in the books, but no second begins before it sends at its rate.
	now, err := t.read.all()
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	r.books.add(now, t.c.Copies())
	r.begin = now.at
	r.atBegin, r.accepted = s.sent()
	r.offered = r.atBegin
	r.beat, r.control = startHeartbeat(), startControl(t.c.Control, idle)
	go func() { r.sampled <- r.sample() }()
	return r, nil
}

// sample records the signals each second.
func (r *run) sample() error {
	ticker := time.NewTicker(second)
	defer ticker.Stop()
	for {
		select {
		case <-r.quit:
			if clock()-r.books.last.at < least {
				return nil
			}
			return r.record()
		case <-ticker.C:
			if err := r.record(); err != nil {
				return err
			}
		}
	}
}

// record takes one sample.
func (r *run) record() error {
	then := r.books.last
	offered, accepted := r.source.sent()
	now, err := r.t.read.all()
	if err != nil {
		return err
	}
	expected := r.books.add(now, r.t.c.Copies())
	s := rates(then, now, expected)
	seconds := (now.at - then.at).Seconds()
	s[SignalOffered], s[SignalAccepted] = float64(offered-r.offered)/seconds, float64(accepted-r.accepted)/seconds
	s[SignalLost] = s[SignalAccepted] - s[SignalReceived]
	s[SignalControl], s[SignalControlIdle] = float64(r.control.take()), float64(r.idle)
	s[SignalHeartbeat] = float64(r.beat.take())
	r.offered, r.accepted = offered, accepted
	return r.t.meter.Load().Signal(s)
}

// rates returns the signals that come from the kernel's counters.
func rates(then, now counters, expected int64) trial.Signals {
	seconds := (now.at - then.at).Seconds()
	net := now.softnet.minus(then.softnet)
	delivered := now.delivered - then.delivered
	return trial.Signals{
		SignalReceived:    float64(now.received-then.received) / seconds,
		SignalDelivered:   float64(delivered) / seconds,
		SignalProcessed:   float64(net.processed) / seconds,
		SignalDrops:       float64(net.dropped) / seconds,
		SignalSqueezed:    float64(net.squeezed) / seconds,
		SignalSoftirqs:    float64(wrapped(now.netRX-then.netRX)) / seconds,
		SignalKsoftirqd:   100 * (now.ksoftirqd - then.ksoftirqd).Seconds() / seconds,
		SignalNICDrops:    float64(now.nicDrops-then.nicDrops) / seconds,
		SignalUnaccounted: float64(expected-delivered-net.dropped) / seconds,
	}
}

// finish ends the flood and closes the books.
func (r *run) finish() (Flow, error) {
	close(r.quit)
	sampled := <-r.sampled // before the source ends, which may take some time at a lower rate
	offered, _ := r.source.sent()
	rate := checkRate(r.rate, offered-r.atBegin, clock()-r.begin)
	stopped := r.source.stop()
	r.beat.stop()
	asked := r.control.stop()
	offered, accepted := r.source.sent()
	quiet := r.t.waitQuiet(r.books.first.received + accepted)
	last, err := r.t.read.all()
	if err := errors.Join(stopped, sampled, asked, quiet, err); err != nil {
		return Flow{}, err
	}
	r.books.add(last, r.t.c.Copies())
	flow := r.books.flow(offered, accepted)
	if rate != nil {
		return flow, rate
	}
	return flow, checkAccounts(flow, r.books.most-r.books.fewest)
}

// waitQuiet waits until no frame arrives any more. The port should have counted so many frames then.
func (t *Traffic) waitQuiet(want int64) error {
	begin := clock()
	then, changed := counters{}, begin
	for {
		now, err := t.read.all()
		if err != nil {
			return err
		}
		if now.received != then.received || now.delivered != then.delivered {
			then, changed = now, clock()
		}
		limit := calm
		if now.received < want {
			limit = calmMissing
		}
		switch at := clock(); {
		case at-changed >= limit:
			return nil
		case at-begin > quietLimit:
			return fmt.Errorf("%w: %w", guest.ErrScenario, errNotQuiet)
		}
		sleep(look)
	}
}
