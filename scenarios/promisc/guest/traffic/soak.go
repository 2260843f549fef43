//go:build linux

package traffic

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// A turn of a soak that took more than so many times the shortest one was interrupted: it takes 100 instructions or so, and
// the shortest interrupt some thousand.
const longTurn = 6

// firstTurns is how many turns the shortest one is taken from.
const firstTurns = 1000

// soak takes all the time of the CPUs that nobody else wants, and counts it: what is missing was spent on something else,
// in whatever context. The kernel's own account of idle time comes in steps of 10 ms, and softirqs are in no account at all
// (CONFIG_IRQ_TIME_ACCOUNTING is not set in Debian's kernels).
//
// Under the instruction clock it costs real time, six times as long as it runs: it is for short measurements only.
type soak struct {
	idle   []atomic.Int64 // of each CPU
	ending atomic.Bool
	ended  chan error
}

func startSoak() *soak {
	s := &soak{idle: make([]atomic.Int64, runtime.NumCPU()), ended: make(chan error, runtime.NumCPU())}
	for cpu := range s.idle {
		go func() { s.ended <- s.loop(cpu) }()
	}
	return s
}

func (s *soak) loop(cpu int) error {
	runtime.LockOSThread() // and never unlocked: the thread ends with its policy
	var set unix.CPUSet
	set.Set(cpu)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("bind a thread to CPU %d: %w", cpu, err)
	}
	if err := unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE}, 0); err != nil {
		return fmt.Errorf("make a thread idle: %w", err)
	}
	limit, last := shortestTurn()*longTurn, clock()
	for !s.ending.Load() {
		now := clock()
		if d := now - last; d < limit {
			s.idle[cpu].Add(int64(d))
		}
		last = now
	}
	return nil
}

// shortestTurn returns how long a turn takes.
func shortestTurn() time.Duration {
	shortest, last := time.Second, clock()
	for range firstTurns {
		now := clock()
		shortest, last = min(shortest, now-last), now
	}
	return max(shortest, 1)
}

// total returns the time that was idle until now, of all CPUs.
func (s *soak) total() (sum time.Duration) {
	for i := range s.idle {
		sum += time.Duration(s.idle[i].Load())
	}
	return sum
}

func (s *soak) stop() (err error) {
	s.ending.Store(true)
	for range s.idle {
		if e := <-s.ended; e != nil {
			err = e
		}
	}
	return err
}

// busy returns the CPU time that was not idle since the machine started, of all CPUs. Only differences mean something.
func (s *soak) busy() time.Duration { return clock()*time.Duration(len(s.idle)) - s.total() }
