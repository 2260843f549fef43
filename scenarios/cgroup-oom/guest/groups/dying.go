//go:build linux

package groups

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Dying leaves n more removed cgroups behind, that were below parent and each hold one page of tmpfs. Without swap that
// page stays until Forget, whatever happens, so that a measurement leaves as many dying cgroups as it found. Dying
// returns how many there are then, as the kernel counts: all of them on 5.10 to 6.12, none on 7.3, which hands the page
// to the parent when a cgroup is removed. The parent's limit must leave room. progress may be nil.
//
// Note: clean pages of a block device were tried. A limit that is hit above them frees them, as DropCaches does: on 6.1
// most of 4,096 such cgroups were gone after one OOM kill.
func (g *Groups) Dying(parent *Group, n int, progress func(done int)) (int64, error) {
	if err := g.openHeld(); err != nil {
		return 0, err
	}
	if err := parent.enable(); err != nil {
		return 0, err
	}
	path, err := toucher().install(g.scratch, "brink-touch")
	if err != nil {
		return 0, err
	}
	for i := range n {
		if err := parent.leave(path, g.held.Fd()); err != nil {
			return 0, fmt.Errorf("leave dying cgroup %d: %w", i, err)
		}
		tell(progress, i)
	}
	return g.Settle()
}

// openHeld opens the file whose pages dying cgroups hold. Each process moves its offset by the page it takes.
func (g *Groups) openHeld() error {
	if g.held != nil {
		return nil
	}
	fd, err := unix.MemfdCreate("brink-held", unix.MFD_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("memfd_create", err)
	}
	g.held = os.NewFile(uintptr(fd), "brink-held")
	return nil
}

// leave makes a cgroup, lets a process take a page in it, and removes it.
func (c *Group) leave(path string, held uintptr) error {
	group, err := c.child("dying")
	if err != nil {
		return err
	}
	return errors.Join(group.runIn(path, held), group.Remove())
}

// Forget drops what the dying cgroups hold, so that they end. Settle waits until they have.
func (g *Groups) Forget() error {
	if g.held == nil {
		return nil
	}
	err := g.held.Truncate(0)
	if err == nil {
		_, err = g.held.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("drop what dying cgroups hold: %w", err)
	}
	return nil
}

// settleTime is how long the number of dying cgroups must stay the same: a removed cgroup is freed by work that waits
// for grace periods.
const settleTime = 200 * time.Millisecond

// Settle waits until removed cgroups without memory are gone, and returns how many dying ones there are.
func (g *Groups) Settle() (int64, error) {
	for last := int64(-1); ; {
		n, err := g.DyingCount()
		if err != nil || n == last {
			return n, err
		}
		last = n
		pause(settleTime)
	}
}

// pause sleeps without the Go runtime's timers.
func pause(d time.Duration) {
	ts := unix.NsecToTimespec(int64(d))
	for unix.Nanosleep(&ts, &ts) == unix.EINTR {
	}
}

// DyingCount returns how many removed cgroups the kernel still keeps: nr_dying_descendants of the root's cgroup.stat
// (version 2), or the memory line of /proc/cgroups less those that were made and not removed (version 1).
func (g *Groups) DyingCount() (int64, error) {
	if g.Version == V2 {
		text, err := g.Root().read("cgroup.stat")
		if err != nil {
			return 0, err
		}
		values, err := parseFlat(text)
		return int64(values["nr_dying_descendants"]), err
	}
	f, err := os.Open("/proc/cgroups")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	all, err := parseProcCgroups(f, "memory")
	return all - 1 - g.live.Load(), err // 1: the root
}

// parseProcCgroups returns the number of cgroups of one controller: "name hierarchy num_cgroups enabled" a line.
func parseProcCgroups(r io.Reader, controller string) (int64, error) {
	s := bufio.NewScanner(r)
	for s.Scan() {
		fields := strings.Fields(s.Text())
		if len(fields) == 4 && fields[0] == controller {
			return strconv.ParseInt(fields[2], 10, 64)
		}
	}
	if err := s.Err(); err != nil {
		return 0, err
	}
	return 0, fmt.Errorf("/proc/cgroups has no line for %s", controller)
}
