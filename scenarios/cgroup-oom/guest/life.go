//go:build linux

package guest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
	cgroupoom "brink/scenarios/cgroup-oom"
	"brink/scenarios/cgroup-oom/guest/groups"
)

// life is one service, from its start until nothing is left of it.
type life struct {
	at      *place
	shape   shape
	limit   time.Duration // after which what should have happened counts as stuck
	page    *page
	cache   *groups.Cache
	service *guest.Service
	pid     int
	pidfd   int
	fifo    int
	log     *kernelLog
	base    int64 // bytes charged before the service was furnished
	trap    *trap
	seen    death
	left    []int // tasks that outlived the service
}

// settleTime is how long the service may take to do what it is told.
const settleTime = 2 * time.Minute

// The worker looks four times a millisecond at first and once a millisecond when it has waited for hasty: a look costs a
// tenth of that.
const (
	period     = 250 * time.Microsecond
	longPeriod = time.Millisecond
	hasty      = 500 * time.Millisecond
)

// paceKills keeps two services apart: the kernel describes at most 10 kills in 5 s.
const paceKills = 600 * time.Millisecond

// begin starts a service with its tasks, in its cgroup.
func (l *life) begin() error {
	l.page.reset()
	o := order{Procs: filepath.Join(l.at.service.Dir(), "cgroup.procs"), Shape: l.shape, Hang: hangPath(l.shape.Variant)}
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if l.service, err = guest.StartService(ServiceName, string(text)); err != nil {
		return err
	}
	l.pid = l.service.PID()
	if l.pidfd, err = unix.PidfdOpen(l.pid, 0); err != nil {
		return fmt.Errorf("open pidfd: %w", err)
	}
	return nil
}

// confine sets the limit: what is charged once all tasks run, and what the service may use beside.
func (l *life) confine() (err error) {
	if l.base, err = l.at.parent.Usage(); err != nil {
		return err
	}
	limit := l.base + l.shape.Limit
	if l.shape.Variant == cgroupoom.LowerLimit {
		limit += 2 * l.shape.wanted() // it is lowered when all is there
	}
	return l.at.parent.SetLimit(limit)
}

// furnish lets the service fill all but its heap.
func (l *life) furnish() error {
	if err := l.command(furnish); err != nil {
		return err
	}
	for start := now(); l.page.furnished.Load() == 0; sleep(time.Millisecond) {
		if l.gone() || now()-start > int64(settleTime) {
			return fmt.Errorf("%w: the service did not get its page cache, tmpfs and locked memory", guest.ErrScenario)
		}
	}
	return nil
}

// command tells the service to do something.
func (l *life) command(c byte) error {
	if _, err := unix.Write(l.fifo, []byte{c}); err != nil {
		return fmt.Errorf("%w: command service: %w", guest.ErrScenario, err)
	}
	return nil
}

// gone reports whether all threads of the service have ended (pidfd_open(2)).
func (l *life) gone() bool {
	fds := []unix.PollFd{{Fd: int32(l.pidfd), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, 0)
	return err == nil && n == 1
}

// reap takes the exit status and reports whether it was there.
func (l *life) reap() bool {
	got, err := unix.Wait4(l.pid, nil, unix.WNOHANG, nil)
	return got == l.pid || errors.Is(err, unix.ECHILD)
}

// end leaves nothing of the service: it is killed if it still lives, and so are the tasks that outlived it.
func (l *life) end() error {
	if l.seen.reaped == 0 {
		if err := l.service.Kill(l.limit); err != nil {
			return err
		}
		l.seen.reaped = now()
	} else {
		_ = l.service.Kill(0) // it is gone already: this gives its pipe back
	}
	if err := l.others(); err != nil {
		return err
	}
	return guest.WaitPort(cgroupoom.Port, l.limit)
}

// clean gives back what the service had, when it has ended. Its limit goes with it: the kernel charges the cgroups that
// are made for the next size to the parent.
func (l *life) clean() error {
	if err := l.orphans(); err != nil {
		return err
	}
	if err := l.at.parent.SetLimit(groups.Unlimited); err != nil {
		return err
	}
	l.log.close()
	unix.Close(l.pidfd)
	if err := os.Remove(tmpfsFile); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if l.cache != nil {
		return l.cache.Drop(l.shape.Cache + l.shape.Dirty)
	}
	return nil
}

// others ends the tasks that outlived the service.
func (l *life) others() error {
	pids, err := l.at.service.Procs()
	if err != nil || len(pids) == 0 {
		return err
	}
	if _, err := l.at.service.Kill(); err != nil {
		return err
	}
	for start := now(); ; sleep(5 * time.Millisecond) {
		left, err := l.at.service.Procs()
		if err != nil {
			return err
		}
		if len(left) == 0 {
			l.left = pids
			return nil
		}
		if now()-start > int64(l.limit) {
			return l.stuckError(l.limit, fmt.Sprintf("SIGKILL to the %d tasks that are left", len(left)))
		}
	}
}

// orphans waits until pid 1 has taken the exit status of the tasks that outlived the service, which it does about once a
// second: what it does then shall not fall into the next measurement.
func (l *life) orphans() error {
	for start := now(); ; sleep(20 * time.Millisecond) {
		l.left = slices.DeleteFunc(l.left, func(pid int) bool { return unix.Kill(pid, 0) == unix.ESRCH })
		if len(l.left) == 0 {
			return nil
		}
		if now()-start > int64(l.limit) {
			return fmt.Errorf("%w: pid 1 has not reaped process %d", guest.ErrScenario, l.left[0])
		}
	}
}
