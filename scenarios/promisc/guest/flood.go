//go:build linux

package guest

import (
	"errors"
	"fmt"
	"time"

	"brink/internal/guest"
	"brink/internal/trial"
	"brink/scenarios/promisc/guest/traffic"
)

const (
	// The cost of one frame is measured with so many copies of frames, and with a number of frames within these bounds.
	burstCopies           = 40_000
	fewFrames, manyFrames = 200, 2000
	// windowTime is how long a rate is looked at, in guest time: at least two seconds of signals.
	windowTime = 2200 * time.Millisecond
)

// flood is the traffic on the bridge. It is made with the first frame that is wanted, so that an idle run has no second
// thread.
type flood struct {
	h       *host
	traffic *traffic.Traffic
	running bool
	rate    float64 // frames a second
	taken   int     // containers that had been destroyed when it began
}

func newFlood(h *host) *flood { return &flood{h: h} }

// ready makes the traffic.
func (f *flood) ready() (err error) {
	if f.traffic == nil {
		f.traffic, err = f.on(f.h.bridge.port)
	}
	return err
}

// on makes traffic whose receive counts are those of a device.
func (f *flood) on(port string) (*traffic.Traffic, error) {
	h := f.h
	c := traffic.Config{Port: port, Source: h.settings.source, Size: h.settings.frame, Sources: h.settings.sources,
		Seed: h.seed, Delivered: h.fleet.delivered, Copies: h.fleet.copies,
		Control: func() error { return askVeth(h.asks, watchPair) }}
	if c.Source != traffic.Host {
		c.Sender = senderName
	}
	return traffic.New(c)
}

// use makes the meter of the op that begins the one that signals go to.
func (f *flood) use(m *guest.Meter) {
	if f.running {
		f.traffic.Use(m)
	}
}

func (f *flood) start(m *guest.Meter, rate float64) error {
	if err := f.ready(); err != nil {
		return err
	}
	f.rate, f.taken = rate, f.h.fleet.taken
	if err := f.traffic.Start(m, rate); err != nil {
		return fmt.Errorf("flood with %.0f frames/s: %w", rate, err)
	}
	f.running = true
	return nil
}

// stop ends a flood that runs, and remarks what became of its frames.
func (f *flood) stop(m *guest.Meter) error {
	if !f.running {
		return nil
	}
	f.running = false
	flow, err := f.traffic.Stop()
	if err != nil && !errors.Is(err, guest.ErrUnsupported) {
		return err
	}
	m.Remark(account(flow))
	var missing *traffic.AccountError
	if errors.As(err, &missing) && f.h.fleet.taken > f.taken && missing.Flow.Unaccounted <= missing.Flow.Received {
		m.Remark("a container went and came meanwhile, so that nobody knows how many copies there should be")
		return nil
	}
	return err
}

// done ends a flood at the end of an op that measures something else. A rate that could not be offered, or frames that do
// not add up, are then a remark.
func (f *flood) done(m *guest.Meter) error {
	err := f.stop(m)
	if errors.Is(err, guest.ErrUnsupported) {
		m.Remark(err.Error())
		return nil
	}
	return err
}

// account says what became of the frames of a flood.
func account(f traffic.Flow) string {
	text := fmt.Sprintf("offered %d, accepted %d, received %d, lost %d; copies expected %d, delivered %d, dropped %d, unaccounted %d",
		f.Offered, f.Accepted, f.Received, f.Lost, f.Expected, f.Delivered, f.Dropped, f.Unaccounted)
	if f.Why != "" {
		text += ": " + f.Why
	}
	return text
}

// blind lets a flood that runs go on without accounts, while the card goes and comes with its counts; resume makes it one that
// is watched again. Without a flood both do nothing but forget the card's counts.
func (f *flood) blind(m *guest.Meter) (resume func() error, err error) {
	running := f.running
	if running && f.h.settings.source == traffic.Host {
		return nil, fmt.Errorf("the driver cannot go while the host's frames are counted on its card: leave --set pps out: %w",
			guest.ErrUnsupported)
	}
	if err := f.done(m); err != nil {
		return nil, err
	}
	f.traffic = nil
	if !running {
		return func() error { return nil }, nil
	}
	unseen, err := f.on(bridgeName) // somebody's counts, that nobody looks at
	if err != nil {
		return nil, err
	}
	if err := unseen.Start(&guest.Meter{}, f.rate); err != nil {
		return nil, err
	}
	return func() error {
		if _, err := unseen.Stop(); err != nil && !errors.Is(err, guest.ErrUnsupported) {
			return err
		}
		return f.start(m, f.rate)
	}, nil
}

// stop ends the flood and waits until every frame is accounted for. A rate that could not be offered is no fault of the
// kernel's: the step is then skipped with the reason, and the signals have what was offered.
func (h *host) stop(_ int64, m *guest.Meter) error {
	return m.Time(1, func() error { return h.flood.stop(m) })
}

// burst measures what one frame costs. While a flood runs, the cost could not be told from that of the flood.
func (h *host) burst(_ int64, m *guest.Meter) error {
	if h.flood.running {
		return fmt.Errorf("the cost of one frame while others come: leave --set pps out: %w", guest.ErrUnsupported)
	}
	if err := h.flood.ready(); err != nil {
		return err
	}
	frames := min(max(burstCopies/max(h.fleet.copies(), 1), fewFrames), manyFrames)
	cost, flow, err := h.flood.traffic.Burst(frames)
	if err != nil {
		return fmt.Errorf("flood with %d frames: %w", frames, err)
	}
	m.Remark(account(flow))
	m.Note(trial.Sample{Count: 1, WallNS: int64(cost)})
	return nil
}

// window lets the flood run.
func (h *host) window(_ int64, m *guest.Meter) error {
	return m.Time(1, func() error { nap(windowTime); return nil })
}
