//go:build linux

package guest

import (
	"fmt"
	"time"

	"brink/internal/guest"
	cgroupoom "brink/scenarios/cgroup-oom"
)

// death is what was seen of a service's end, CLOCK_MONOTONIC in ns; 0 where it did not come to that.
type death struct {
	pushed int64 // it was told to make its heap
	hit    int64 // the touch of the page began that met the limit
	killed int64 // the kernel had sent SIGKILL
	gone   int64 // the last thread had ended
	reaped int64 // the worker had the exit status
	free   int64 // the port could be bound
	full   int64 // the heap was complete

	released int64 // the trap was taken away
}

// over reports whether nothing is left of the service.
func (d death) over() bool { return d.killed > 0 && d.gone > 0 && d.reaped > 0 && d.free > 0 }

// fitted reports whether the heap is complete and nobody was killed.
func (d death) fitted() bool { return d.full > 0 && d.killed == 0 }

// push lets the service make its heap and watches what becomes of it. A *guest.StuckError says that it hangs.
func (l *life) push() error {
	var err error
	if l.trap, err = l.spring(); err != nil {
		return err
	}
	l.seen.pushed = now()
	if err := l.command(push); err != nil {
		return err
	}
	err = l.watch(func() bool { return l.page.full.Load() > 0 })
	if err != nil || l.seen.killed > 0 {
		return err
	}
	if l.shape.Variant == cgroupoom.LowerLimit {
		return l.lower()
	}
	l.seen.full = l.page.full.Load()
	return nil
}

// lower sets the limit below what is charged. The kernel kills in the name of the one who writes it.
func (l *life) lower() error {
	l.page.at.Store(now())
	written := make(chan error, 1)
	go func() { written <- l.at.parent.SetLimit(l.base + l.shape.Limit) }()
	var refused error
	err := l.watch(func() bool {
		select {
		case refused = <-written:
			return true
		default:
			return false
		}
	})
	if err == nil && refused != nil { // version 1, where reclaim is not enough
		return fmt.Errorf("%w: the kernel refuses a limit below the usage: %w", guest.ErrUnsupported, refused)
	}
	if err == nil && l.seen.killed == 0 {
		l.seen.full = now()
	}
	return err
}

// watch looks until nothing is left of the service, or nobody was killed and enough reports true.
func (l *life) watch(enough func() bool) error {
	for start := now(); ; sleep(l.pause(start)) {
		if err := l.look(); err != nil || l.seen.over() {
			return err
		}
		if l.seen.killed == 0 && enough() {
			return nil
		}
		if err := l.late(); err != nil {
			return err
		}
	}
}

// pause is how long to wait before the next look, when the first one was at start or the last thing happened later.
func (l *life) pause(start int64) time.Duration {
	d := l.seen
	if now()-max(start, d.killed, d.gone, d.reaped, d.free, l.page.at.Load()) > int64(hasty) {
		return longPeriod
	}
	return period
}

// late is the error when the next step has been waited for too long.
func (l *life) late() error {
	at := now()
	switch d := &l.seen; {
	case d.released > 0 && at-d.released > int64(l.limit):
		return l.stuckError(l.limit, l.trap.name+" was taken away")
	case d.released > 0:
	case d.killed > 0 && at-d.killed > int64(l.limit):
		what := fmt.Sprintf("the OOM kill of its owner, process %d (%s), whose parent is waiting", l.pid, cgroupoom.Comm)
		return l.stuckError(l.limit, what)
	case d.killed == 0 && at-max(d.pushed, l.page.at.Load()) > int64(l.limit):
		return l.stuckError(l.limit, "its cgroup met its limit, and nobody was killed")
	}
	return nil
}

// look takes in what can be seen now.
func (l *life) look() error {
	d := &l.seen
	ended := l.gone() // before the log is read: who was killed by now is in it
	for _, r := range l.log.kills() {
		if fault := r.misdeed(l.shape); fault != nil {
			return &guest.FaultError{Failure: *fault}
		}
		if r.PID != l.pid && l.shape.Variant != cgroupoom.SharedMM { // who shares the memory dies with it
			continue
		}
		if d.killed == 0 {
			d.killed, d.hit = r.At, min(l.page.at.Load(), r.At)
		}
	}
	if d.killed == 0 {
		if ended {
			return fmt.Errorf("%w: the service has ended by itself", guest.ErrScenario)
		}
		return nil
	}
	if d.gone == 0 && l.gone() {
		d.gone = now()
	}
	if d.gone > 0 && d.reaped == 0 && l.reap() {
		d.reaped = now()
	}
	if d.free > 0 {
		return nil
	}
	free, err := portFree()
	if free {
		d.free = now()
	}
	return err
}

// release takes the trap away and waits until nothing is left of the service. It returns how long that took.
func (l *life) release() (time.Duration, error) {
	trap := l.trap
	l.seen.released = now()
	if err := trap.release(); err != nil {
		return 0, err
	}
	if err := l.watch(func() bool { return false }); err != nil {
		return 0, err
	}
	return time.Duration(now() - l.seen.released), nil
}
