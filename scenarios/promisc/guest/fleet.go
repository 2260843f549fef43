//go:build linux

package guest

import (
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
)

// goneLimit is how long a container may take to go, in guest time; the op's deadline comes first.
const goneLimit = time.Hour

// settle is how long the kernel gets to put away what it still holds of a namespace that is gone.
const settle = 50 * time.Millisecond

// fleet is all containers. Its counts are asked for by the flood's sampler, from another goroutine.
type fleet struct {
	bridge *bridge
	counts counters
	all    []*container
	taken  int // how many were ever counted out

	mu    sync.Mutex
	names map[string]bool // of those that are ports
	past  uint64          // frames that were delivered to containers which are gone
}

func newFleet(b *bridge) (*fleet, error) {
	counts, err := openCounters()
	return &fleet{bridge: b, counts: counts, names: map[string]bool{}}, err
}

// grow creates containers until there are n.
func (f *fleet) grow(n int, m *guest.Meter) error {
	for len(f.all) < n {
		c := f.next()
		if err := c.create(f.bridge); err != nil {
			return fmt.Errorf("container %d: %w", c.number, err)
		}
		f.add(c)
		m.Progress(int64(len(f.all)), int64(n))
	}
	return nil
}

// settled waits until the bridge forwards frames to every container. The kernel notices a carrier in its own time.
func (f *fleet) settled() error {
	for _, c := range f.all {
		if err := f.bridge.forwardsTo(c.name); err != nil {
			return err
		}
	}
	return nil
}

// next is the container that would be created next.
func (f *fleet) next() *container {
	number := len(f.all) + 1
	return &container{number: number, name: outerName(number)}
}

// add counts a container in.
func (f *fleet) add(c *container) {
	f.all = append(f.all, c)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.names[c.name] = true
}

// take counts the last n containers out, so that they can be destroyed. What was delivered to them stays in the sum.
func (f *fleet) take(n int) ([]*container, error) {
	if n > len(f.all) {
		return nil, fmt.Errorf("%w: take %d of %d containers", guest.ErrScenario, n, len(f.all))
	}
	kept := len(f.all) - n
	going, names := f.all[kept:], map[string]bool{}
	f.all = f.all[:kept:kept]
	f.taken += n
	for _, c := range going {
		names[c.name] = true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delivered, err := f.counts.sentTo(func(name string) bool { return names[name] })
	f.past += delivered
	for name := range names {
		delete(f.names, name)
	}
	return going, err
}

// copies is how many containers a frame is copied to that belongs to nobody.
func (f *fleet) copies() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.names)
}

// delivered is how many frames have reached the containers.
func (f *fleet) delivered() (uint64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.counts.sentTo(func(name string) bool { return f.names[name] })
	return f.past + n, err
}

// dismiss destroys one container and waits until its port is gone.
func (f *fleet) dismiss(c *container) error {
	n, err := listen(unix.RTNLGRP_LINK)
	if err != nil {
		return err
	}
	defer n.close()
	return f.dismissHeard(c, n)
}

func (f *fleet) dismissHeard(c *container, n *notices) error {
	c.destroy()
	return n.until(goneLimit, func(kind uint16, body []byte) bool { return deleted(kind, body) == c.index })
}
