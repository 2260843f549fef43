//go:build linux

package traffic

import (
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"

	"brink/internal/guest"
	"brink/internal/trial"
)

// The sources of frames.
const (
	Hub    = "hub"    // a second network card, by a packet socket
	Pktgen = "pktgen" // a second network card, by the kernel's packet generator
	Host   = "host"   // brink on the host
)

// threads is how many Go threads run at once beside one a CPU: sender, heartbeat, control, sampler, soak. None of them may
// wait for another one because the runtime has no processor to give: what they wait for must be the kernel.
const threads = 5

// Config says what is flooded and how it is watched.
type Config struct {
	Port    string // device that is the bridge port, whose receive counters count
	Sender  string // device that the frames are sent on; none with Host
	Source  string // Hub, Pktgen or Host
	Size    int    // of a frame, in bytes, without its FCS
	Sources int    // source addresses of the frames, in turn
	Seed    uint64 // where in the turn of source addresses the first frame is

	Delivered func() (uint64, error) // frames that reached the containers, the sum of all; called once a second and more
	Copies    func() int             // containers that such a frame is copied to; called from other goroutines
	Control   func() error           // one request to the control plane; called from a goroutine of its own
}

// Traffic floods one port.
type Traffic struct {
	c     Config
	meter atomic.Pointer[guest.Meter]
	ids   int // of the latest flood
	read  *reader
	send  *sender // nil with Host

	run *run // the flood that runs, nil if none does
}

// New prepares the flood: it brings the sender up, and lets the Go runtime use enough threads.
func New(c Config) (*Traffic, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), runtime.NumCPU()+threads))
	t := &Traffic{c: c}
	var err error
	if t.read, err = newReader(c.Port, c.Delivered); err != nil {
		return nil, err
	}
	if c.Source == Host {
		return t, nil
	}
	t.send, err = newSender(c.Sender, trial.Flood{Size: c.Size, Sources: c.Sources}, c.Seed)
	return t, err
}

func (c Config) check() error {
	switch {
	case !slices.Contains([]string{Hub, Pktgen, Host}, c.Source):
		return fmt.Errorf("%w: no source of frames %q", guest.ErrScenario, c.Source)
	case c.Port == "" || c.Source != Host && c.Sender == "":
		return fmt.Errorf("%w: traffic needs a port, and a sender unless the host sends", guest.ErrScenario)
	case c.Delivered == nil || c.Copies == nil || c.Control == nil:
		return fmt.Errorf("%w: traffic needs Delivered, Copies and Control", guest.ErrScenario)
	}
	return nil
}

// Use makes the meter of another step the one that signals go to. A flood that runs over several ops needs it for each.
func (t *Traffic) Use(m *guest.Meter) { t.meter.Store(m) }

// Start floods the port with so many frames a second, from now on until Stop, and records the signals once a second of the
// guest's time. Before, with no frame on its way, it measures what a request to the control plane takes (SignalControlIdle).
func (t *Traffic) Start(m *guest.Meter, rate float64) error {
	if t.run != nil {
		return fmt.Errorf("%w: start a flood while one runs", guest.ErrScenario)
	}
	if rate <= 0 {
		return fmt.Errorf("%w: start a flood of %g frames a second", guest.ErrScenario, rate)
	}
	t.Use(m)
	idle, err := idleControl(t.c.Control)
	if err != nil {
		return err
	}
	source, err := t.source(rate)
	if err != nil {
		return err
	}
	t.run, err = startRun(t, source, rate, idle)
	return err
}

// Stop ends the flood, waits until the receiving side is quiet, and returns the accounts. A rate that could not be offered
// is a *RateError, copies that nobody counts are an *AccountError; the flow is then valid as well.
func (t *Traffic) Stop() (Flow, error) {
	if t.run == nil {
		return Flow{}, fmt.Errorf("%w: stop a flood while none runs", guest.ErrScenario)
	}
	r := t.run
	t.run = nil
	return r.finish()
}

// source is who sends the frames of one flood.
type source interface {
	// start begins to send, in the background.
	start() error
	// sent returns how many frames were offered and how many were taken, until now.
	sent() (offered, accepted int64)
	// stop ends it and returns when no more frames will come from it.
	stop() error
}

func (t *Traffic) source(rate float64) (source, error) {
	t.ids++
	switch t.c.Source {
	case Pktgen:
		return newGenerator(t.c, rate)
	case Host:
		return newFeed(t, trial.Flood{ID: t.ids, Rate: rate, Size: t.c.Size, Sources: t.c.Sources})
	}
	return t.send.paced(rate), nil
}
