//go:build linux

package traffic

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	idleRequests = 5                      // requests before a flood
	controlEvery = 200 * time.Millisecond // between two requests while it runs
)

// idleControl returns the median latency of a request while nothing else goes on.
func idleControl(request func() error) (time.Duration, error) {
	var took []time.Duration
	for range idleRequests {
		begin := clock()
		if err := request(); err != nil {
			return 0, fmt.Errorf("ask the control plane before the flood: %w", err)
		}
		took = append(took, clock()-begin)
	}
	return median(took), nil
}

// median returns the middle one, the upper of two.
func median(took []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[len(sorted)/2]
}

// control asks the control plane for something again and again while a flood runs.
type control struct {
	request func() error
	quit    chan struct{}
	ended   chan error

	mu    sync.Mutex
	took  []time.Duration // since take was called last
	begin time.Duration   // of the request that waits, 0 if none does
	last  time.Duration   // what take returned last
}

func startControl(request func() error, idle time.Duration) *control {
	c := &control{request: request, quit: make(chan struct{}), ended: make(chan error, 1), last: idle}
	go func() { c.ended <- c.loop() }()
	return c
}

func (c *control) loop() error {
	for {
		select {
		case <-c.quit:
			return nil
		default:
		}
		c.note(true)
		if err := c.request(); err != nil {
			return fmt.Errorf("ask the control plane during the flood: %w", err)
		}
		c.note(false)
		sleep(controlEvery)
	}
}

// note writes down that a request begins, or that it has ended.
func (c *control) note(begins bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if begins {
		c.begin = clock()
		return
	}
	c.took = append(c.took, clock()-c.begin)
	c.begin = 0
}

// take returns the median latency since it was asked last. If no request has ended since then, it is how long the one that
// waits has waited, and without any the same as before.
func (c *control) take() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case len(c.took) > 0:
		c.last = median(c.took)
	case c.begin > 0:
		c.last = max(clock()-c.begin, c.last)
	}
	c.took = c.took[:0]
	return c.last
}

// stop waits for the request that waits.
func (c *control) stop() error {
	close(c.quit)
	return <-c.ended
}
