//go:build linux

package guest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"brink/scenarios/cgroup-oom/guest/groups"
)

// job is what a bout is to do.
type job struct {
	files    []*file
	group    *groups.Group // in which the process is; nil: in none
	threads  int
	actions  int           // of each thread
	clones   bool          // files may share blocks
	patience time.Duration // an action that takes longer is stuck
	seed     [2]uint64     // of all that is random
}

// bout is some work that all threads do at once, each in a thread of the kernel of its own.
type bout struct {
	job
	team  []*thread
	ended chan error
	stop  atomic.Bool
	looks int64 // how often somebody has looked for threads without progress
}

// thread is one of them.
type thread struct {
	n     int
	bout  *bout
	rand  *rand.Rand
	data  []byte // what is read and written
	lows  []version
	tid   atomic.Int64
	since atomic.Int64 // when the action that runs began, CLOCK_MONOTONIC in ns; 0: none does
	doing atomic.Int64 // its class
	done  atomic.Int64 // actions
	took  [classes]took
	seen  seen
}

// seen is what was seen of a thread first: an action by its beginning, and at which look.
type seen struct{ since, looks int64 }

// took is how long the actions of one class took together.
type took struct{ count, ns int64 }

// maxSpan is the longest run of blocks that is read or written at once.
const maxSpan = 64

// newBout makes the threads' memory, so that none of it is charged to the cgroup.
func newBout(j job) (*bout, error) {
	b := &bout{job: j, ended: make(chan error, j.threads)}
	for n := range b.threads {
		data, err := unix.Mmap(-1, 0, maxSpan*blockSize, unix.PROT_READ|unix.PROT_WRITE,
			unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_POPULATE)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("get memory of a thread: %w", err), b.free())
		}
		b.team = append(b.team, &thread{n: n, bout: b, data: data, lows: make([]version, 0, maxSpan),
			rand: rand.New(rand.NewPCG(b.seed[0], b.seed[1]<<16|uint64(n)))})
	}
	return b, nil
}

// free gives the threads' memory back; none may be at work.
func (b *bout) free() (err error) {
	for _, t := range b.team {
		err = errors.Join(err, unix.Munmap(t.data))
	}
	return err
}

// start makes the threads and lets them work when go ahead is closed. A page fault holds one of the Go runtime's processors until it is
// served, and one that never is would hold up a collection for ever: there are as many processors as threads, and no collection
// until settle is called.
func (b *bout) start(ahead <-chan struct{}, work func(*thread) error) (settle func()) {
	processors, percent := runtime.GOMAXPROCS(b.threads+4), debug.SetGCPercent(-1)
	ready := make(chan struct{})
	for _, t := range b.team {
		go func() {
			runtime.LockOSThread() // and it ends with the goroutine
			debug.SetPanicOnFault(true)
			t.tid.Store(int64(unix.Gettid()))
			ready <- struct{}{}
			<-ahead
			err := work(t)
			if err != nil {
				b.stop.Store(true)
			}
			b.ended <- err
		}()
		<-ready
	}
	return func() {
		runtime.GOMAXPROCS(processors)
		debug.SetGCPercent(percent)
	}
}

// stopped reports whether a thread has failed, so that the others need not go on.
func (b *bout) stopped() bool { return b.stop.Load() }

// do does one action, and times it. One that takes longer than the bout's patience ends the bout.
func (t *thread) do(c class, action func() error) error {
	start := now()
	t.doing.Store(int64(c))
	t.since.Store(start)
	err := action()
	t.since.Store(0)
	t.took[c].count++
	t.took[c].ns += now() - start
	return err
}

// repeat does actions until the thread has done its share.
func (t *thread) repeat(action func() error) error {
	for range t.bout.actions {
		if t.bout.stopped() {
			return nil
		}
		if err := action(); err != nil {
			return err
		}
		t.done.Add(1)
	}
	return nil
}
