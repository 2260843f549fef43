//go:build linux

package groups

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
)

// What follows is to be timed: each function is one kernel operation and as little else as possible.

// CreateOne makes one cgroup below the cgroup.
func (c *Group) CreateOne() (*Group, error) { return c.child("one") }

// RemoveOne removes what CreateOne made.
func (c *Group) RemoveOne() error { return (&Group{c.g, filepath.Join(c.path, "one")}).Remove() }

// ReadStat reads memory.stat.
func (c *Group) ReadStat() error { return drain(filepath.Join(c.Dir(), "memory.stat")) }

// ReadCurrent reads memory.current, or memory.usage_in_bytes.
func (c *Group) ReadCurrent() error { return drain(filepath.Join(c.Dir(), usageFile[c.g.Version])) }

// ReadProcs reads the list of the cgroup's processes.
func (c *Group) ReadProcs() error { return drain(filepath.Join(c.Dir(), "cgroup.procs")) }

// ReadProcCgroups reads /proc/cgroups.
func ReadProcCgroups() error { return drain("/proc/cgroups") }

// List reads the names of all there is below the cgroup, as a monitoring agent does.
func (c *Group) List() error {
	_, err := c.siblings()
	return err
}

// drain reads a whole file and forgets it.
func drain(path string) error {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer unix.Close(fd)
	buffer := make([]byte, 64<<10)
	for {
		n, err := unix.Read(fd, buffer)
		if err != nil && err != unix.EINTR {
			return fmt.Errorf("read %s: %w", path, err)
		}
		if n == 0 {
			return nil
		}
	}
}

// Reclaim asks the kernel to take bytes away from the cgroup and those below it, and returns how much less is charged
// then, which may be more or less than that; 0 for the root of version 2, which has no count. It never kills. Version
// 2 has memory.reclaim from 5.19 on; before that memory.high is lowered and put back, and in version 1 the limit.
func (c *Group) Reclaim(bytes int64) (int64, error) {
	before, err := c.Usage()
	uncounted := c.path == "/" && errors.Is(err, unix.ENOENT)
	if err != nil && !uncounted {
		return 0, err
	}
	if err := c.reclaim(before, bytes); err != nil && !slices.ContainsFunc(foundLess, func(e error) bool { return errors.Is(err, e) }) {
		return 0, err
	}
	if uncounted {
		return 0, nil
	}
	after, err := c.Usage()
	return before - after, err
}

// foundLess are the errors of a kernel that took less than it was asked for.
var foundLess = []error{unix.EAGAIN, unix.EBUSY, unix.EINTR}

// interruptions is how often a request is made again that a signal has cut short: the Go runtime sends them to its own threads.
const interruptions = 100

// reclaim returns one of foundLess where the kernel took less than it was asked for.
func (c *Group) reclaim(usage, bytes int64) error {
	target := fmt.Sprint(max(usage-bytes, 0))
	if c.g.Version == V1 {
		return c.lowered("memory.limit_in_bytes", target)
	}
	err := c.write("memory.reclaim", fmt.Sprint(bytes))
	for range interruptions {
		if !errors.Is(err, unix.EINTR) {
			break
		}
		err = c.write("memory.reclaim", fmt.Sprint(bytes))
	}
	if errors.Is(err, unix.ENOENT) {
		return c.lowered("memory.high", target)
	}
	return err
}

// lowered writes a value and puts the old one back.
func (c *Group) lowered(name, value string) error {
	old, err := c.read(name)
	if err != nil {
		return err
	}
	lowered := c.write(name, value)
	if err := c.write(name, old); err != nil {
		return err
	}
	return lowered
}

// DropCaches drops all clean page cache, dentries and inodes of the machine (Documentation/admin-guide/sysctl/vm.rst).
// Call QuietDrops before the first one.
func DropCaches() error { return guest.WriteFile("/proc/sys/vm/drop_caches", "3") }

// QuietDrops keeps DropCaches from printing a line on the console each time.
func QuietDrops() error { return guest.WriteFile("/proc/sys/vm/drop_caches", "4") }

// Forks is how many forks one sample of ForkIn holds.
const Forks = 64

// ForkIn lets one process in the cgroup fork Forks times, each time waiting for the child's exit. Install the program
// with InstallForker before.
func (c *Group) ForkIn(path string) error { return c.runIn(path, os.Stdin.Fd()) }

// InstallForker writes the program that ForkIn runs and returns its path.
func (g *Groups) InstallForker() (string, error) {
	return forker(Forks).install(g.scratch, "brink-fork")
}

// Chain makes depth cgroups, each in the one before, below the cgroup and returns the last one. A path of the kernel is
// shorter than 4096 bytes, which ends it at about 2000.
func (c *Group) Chain(depth int) (*Group, error) {
	at := c
	for range depth {
		if err := at.enable(); err != nil {
			return nil, err
		}
		next, err := at.child("d")
		if err != nil && !errors.Is(err, unix.EEXIST) {
			return nil, err
		}
		at = next
	}
	return at, nil
}

// RemoveAll removes the cgroup and all below it, which must have no processes.
func (c *Group) RemoveAll() error {
	dir, err := os.Open(c.Dir())
	if err != nil {
		return err
	}
	entries, err := dir.ReadDir(-1)
	dir.Close()
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("list cgroup %s: %w", c.path, err)
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := (&Group{c.g, filepath.Join(c.path, e.Name())}).RemoveAll(); err != nil {
				return err
			}
		}
	}
	return c.Remove()
}
