//go:build linux

package guest

import (
	"fmt"
	"slices"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"brink/internal/guest"
	"brink/internal/trial"
	"brink/scenarios/promisc"
)

// load leads from nothing to the size. What the other axes hold is there as well afterwards, and the flood runs if one is
// held. Only what belongs to the axis is timed.
func (h *host) load(size int64, m *guest.Meter) error {
	switch h.axis {
	case promisc.Containers:
		if err := m.Time(size, func() error { return h.fleet.grow(int(size), m) }); err != nil {
			return err
		}
	case promisc.MACs:
		if err := h.hold(m, promisc.MACs); err != nil {
			return err
		}
		return m.Time(size, func() error { return h.fillFDB(size, m) })
	case promisc.PPS:
		if err := h.hold(m, promisc.PPS); err != nil {
			return err
		}
		return h.flood.start(m, float64(size))
	}
	return h.hold(m, h.axis)
}

// hold builds what stands still while an axis is ramped, as far as it is not there.
func (h *host) hold(m *guest.Meter, axis string) error {
	s := h.settings
	if axis != promisc.Containers {
		if err := h.fleet.grow(int(s.containers), m); err != nil {
			return err
		}
	}
	if err := h.fleet.settled(); err != nil {
		return err
	}
	if axis != promisc.VLANs {
		if err := h.giveVLANs(s.vlans); err != nil {
			return err
		}
	}
	if axis != promisc.MACs {
		if err := h.fillFDB(s.macs, m); err != nil {
			return err
		}
	}
	if axis != promisc.PPS && s.pps > 0 && !h.flood.running {
		return h.flood.start(m, float64(s.pps))
	}
	return nil
}

// restore gives the ports and the card anew what is held on them: a container that was made anew has no VLANs, a card that was
// no port has neither VLANs nor addresses behind it. What is there already stays.
func (h *host) restore(m *guest.Meter) error {
	if err := h.giveVLANs(h.vlans); err != nil {
		return err
	}
	macs := h.macs
	h.macs = 0
	return h.fillFDB(macs, m)
}

// goneSignal is how long it took until all containers were gone, ns.
const goneSignal = "gone"

// destroyAll destroys all containers at once. Its sample is the longest time that a request of somebody else's, which needs
// the RTNL lock, waits meanwhile; how long it took until the last container was gone is a signal.
func (h *host) destroyAll(size int64, m *guest.Meter) error {
	going, err := h.fleet.take(int(size))
	if err != nil {
		return err
	}
	n, err := listen(unix.RTNLGRP_LINK)
	if err != nil {
		return err
	}
	defer n.close()
	w, err := startWaiter()
	if err != nil {
		return err
	}
	begin := time.Now()
	for _, c := range going {
		c.destroy()
	}
	if err := n.allGone(going); err != nil {
		return err
	}
	total := time.Since(begin)
	longest, err := w.stop()
	if err != nil {
		return err
	}
	m.Note(trial.Sample{Count: size, WallNS: int64(longest)})
	nap(settle)
	if err := m.Signal(trial.Signals{goneSignal: float64(total)}); err != nil {
		return err
	}
	return h.flood.done(m)
}

// allGone waits until the kernel has told the end of every container's port.
func (n *notices) allGone(going []*container) error {
	left := map[int]bool{}
	for _, c := range going {
		left[c.index] = true
	}
	return n.until(goneLimit, func(kind uint16, body []byte) bool {
		delete(left, deleted(kind, body))
		return len(left) == 0
	})
}

// waiter is somebody who has nothing to do with the containers and asks for the RTNL lock again and again.
type waiter struct {
	quit  chan struct{}
	ended chan error
	waits []time.Duration
}

// requestEvery is how often the waiter asks.
const requestEvery = time.Millisecond

// startWaiter gives it a socket of its own: on another one it would wait for that one's requests, too.
func startWaiter() (*waiter, error) {
	nl, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("open netlink: %w", err)
	}
	w := &waiter{quit: make(chan struct{}), ended: make(chan error, 1)}
	go func() {
		defer nl.Close()
		for {
			begin := time.Now()
			if err := takeRTNL(nl); err != nil {
				w.ended <- fmt.Errorf("ask for the RTNL lock: %w", err)
				return
			}
			w.waits = append(w.waits, time.Since(begin))
			select {
			case <-w.quit:
				w.ended <- nil
				return
			default:
				nap(requestEvery)
			}
		}
	}()
	return w, nil
}

// stop returns the longest wait.
func (w *waiter) stop() (time.Duration, error) {
	close(w.quit)
	if err := <-w.ended; err != nil {
		return 0, err
	}
	return slices.Max(w.waits), nil
}
