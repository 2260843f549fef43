//go:build linux

package guest

import (
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
)

// hugeBlocks is how many blocks the folio holds that one entry of a page middle directory maps on x86-64: 2 MiB.
const hugeBlocks = 512

// nodeBlocks is how many blocks one node at the bottom of the page cache's tree has (XA_CHUNK_SIZE). A folio that got
// into a node above it answers for all of them.
const nodeBlocks = 64

// idle is how often a thread that waits for its turn looks whether the bout has ended.
const idle = 100 * time.Millisecond

// crew are the threads that work on one file in mode shadow. In each cycle its leader leaves a large shadow entry in
// the page cache, the others split it all at once, and the leader drops it meanwhile.
type crew struct {
	file  *file
	turns []chan span   // of each member but the leader: where the shadow is
	begun atomic.Bool   // a member is about to read
	left  chan struct{} // one for each member that is through with its turn
}

// newShadow returns what a thread does in mode shadow. It is the workload that showed the race that upstream commit
// 6758c1128ceb ("mm/filemap: optimize filemap folio adding") ends: who adds a small folio where a large shadow lies
// has to split that, and the nodes it gets for it must still fit when it has the lock. Threads go to the files in
// turn; each file needs two.
func newShadow(b *bout) func(*thread) error {
	crews := make([]*crew, max(1, min(len(b.files), b.threads/2)))
	for i := range crews {
		crews[i] = &crew{file: b.files[i]}
	}
	for n := len(crews); n < b.threads; n++ {
		c := crews[n%len(crews)]
		c.turns = append(c.turns, make(chan span, 1))
	}
	for _, c := range crews {
		c.left = make(chan struct{}, len(c.turns))
	}
	return func(t *thread) error {
		c := crews[t.n%len(crews)]
		if c.file.blocks < hugeBlocks {
			return fmt.Errorf("%w: mode shadow needs files of 2 MiB or more", guest.ErrUnsupported)
		}
		look := time.NewTicker(idle) // one for all cycles: what they allocate stays, as nothing is collected meanwhile
		defer look.Stop()
		if t.n < len(crews) {
			if err := c.allowLarge(); err != nil {
				return err
			}
			return t.repeat(func() error { return c.cycle(t, look.C) })
		}
		turn := c.turns[t.n/len(crews)-1]
		return t.repeat(func() error { return c.follow(t, turn, look.C) })
	}
}

// cycle is the leader's: it makes a large shadow entry, calls the members, and drops the range while the first of them
// splits it.
func (c *crew) cycle(t *thread, look <-chan time.Time) error {
	at := span{t.rand.IntN(c.file.blocks/hugeBlocks) * hugeBlocks, hugeBlocks}
	if err := c.cast(t, at); err != nil {
		return err
	}
	all := span{0, c.file.blocks} // with nothing left of the file's tree, a wrong node becomes its root, and shows
	c.begun.Store(false)
	for _, turn := range c.turns {
		turn <- at
	}
	for len(c.turns) > 0 && !c.begun.Load() && !t.bout.stopped() {
	}
	t.linger()
	if err := t.drop(c.file, all); err != nil {
		return err
	}
	for range c.turns {
		if _, ok := receive(t, c.left, look); !ok {
			return nil
		}
	}
	return t.drop(c.file, all)
}

// linger lets between 1 µs and 1 ms go by, each order of magnitude as likely as another: how long a read takes to the
// point that matters depends on what runs the guest. Sleeping would be too coarse.
func (t *thread) linger() {
	end := now() + int64(1e3*math.Exp(t.rand.Float64()*math.Log(1e3)))
	for now() < end {
	}
}

// allowLarge keeps the kernel reading large folios: later ones than 6.12 stop after a hundred page faults that found
// nothing in the page cache (mmap_miss in do_sync_mmap_readahead), unless the mapping is to be read in sequence.
func (c *crew) allowLarge() error {
	if err := unix.Madvise(c.file.mem, unix.MADV_SEQUENTIAL); err != nil {
		return fmt.Errorf("advise on the mapping of %s: %w", c.file.name, err)
	}
	return nil
}

// cast leaves a shadow entry of 2 MiB: a page fault in a mapping that asks for huge pages brings a large folio in, and
// MADV_PAGEOUT reclaims it as a whole, as a full cgroup would. Where the file system has no large folios the entries
// are small.
func (c *crew) cast(t *thread, at span) error {
	if err := t.fault(c.file, span{at.first + t.rand.IntN(at.n), 1}); err != nil {
		return err
	}
	mem := c.file.mem[at.offset():][:at.bytes()]
	err := t.do(reclaiming, func() error { return unix.Madvise(mem, unix.MADV_PAGEOUT) })
	if errors.Is(err, unix.EINVAL) {
		return fmt.Errorf("%w: mode shadow needs MADV_PAGEOUT, kernel 5.4 or later", guest.ErrUnsupported)
	}
	if err != nil {
		return fmt.Errorf("reclaim %s at block %d: %w", c.file.name, at.first, err)
	}
	return nil
}

// follow is a member's turn: reads of one block each, without reading ahead. The first is anywhere in the range and
// may have to split the shadow. In every other turn a second one is near it, to see whether the first has left its
// folio in the wrong place; in the rest that is left to the kernel's own checks.
func (c *crew) follow(t *thread, turn <-chan span, look <-chan time.Time) error {
	at, ok := receive(t, turn, look)
	if !ok {
		return nil
	}
	block := at.first + t.rand.IntN(at.n)
	c.begun.Store(true)
	err := t.read(reading, c.file, c.file.random, span{block, 1})
	if err == nil && t.rand.IntN(2) == 0 {
		near := block - block%nodeBlocks + t.rand.IntN(nodeBlocks)
		err = t.read(reading, c.file, c.file.random, span{near, 1})
	}
	c.left <- struct{}{}
	return err
}

// receive waits for the next value, or for the bout's end.
func receive[T any](t *thread, from <-chan T, look <-chan time.Time) (v T, ok bool) {
	for !t.bout.stopped() {
		select {
		case v = <-from:
			return v, true
		case <-look:
		}
	}
	return v, false
}
