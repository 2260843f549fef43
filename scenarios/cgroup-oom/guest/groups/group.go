//go:build linux

package groups

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
)

// Group is one cgroup.
type Group struct {
	g    *Groups
	path string // inside the hierarchy: "/" or "/brink/service", as the kernel's OOM report names it
}

// Root returns the root cgroup.
func (g *Groups) Root() *Group { return &Group{g, "/"} }

// Make makes the cgroup of that path, with those above it that are not there yet. In version 2 each one above it hands
// the memory controller down, which the kernel refuses (EBUSY) where it has processes of its own.
func (g *Groups) Make(name string) (*Group, error) {
	at := g.Root()
	for part := range strings.SplitSeq(strings.Trim(name, "/"), "/") {
		if err := at.enable(); err != nil {
			return nil, err
		}
		next, err := at.child(part)
		if err != nil && !errors.Is(err, unix.EEXIST) {
			return nil, err
		}
		at = next
	}
	return at, nil
}

// child makes one cgroup below this one, which must hand its controllers down already.
func (c *Group) child(name string) (*Group, error) {
	next := &Group{c.g, path.Join(c.path, name)}
	err := unix.Mkdir(next.Dir(), 0o755)
	if err != nil {
		return next, fmt.Errorf("make cgroup %s: %w", next.path, err)
	}
	c.g.live.Add(1)
	return next, nil
}

// enable hands the memory controller to the children. Version 1 always does.
func (c *Group) enable() error {
	if c.g.Version == V1 {
		return nil
	}
	return c.write("cgroup.subtree_control", "+memory")
}

// Remove removes the cgroup, which must have no processes and no children (EBUSY). Its memory may outlive it.
func (c *Group) Remove() error {
	if err := unix.Rmdir(c.Dir()); err != nil {
		return fmt.Errorf("remove cgroup %s: %w", c.path, err)
	}
	c.g.live.Add(-1)
	return nil
}

// Dir is the cgroup's folder.
func (c *Group) Dir() string { return filepath.Join(c.g.dir, c.path) }

// AddProc moves a process, with all its threads, into the cgroup. Its memory stays charged to where it came from.
func (c *Group) AddProc(pid int) error { return c.write("cgroup.procs", strconv.Itoa(pid)) }

// Procs returns the processes in the cgroup, those left out of which no thread lives any more: in both versions a zombie
// is listed only while other threads of its process do (kernel/cgroup/cgroup.c: css_task_iter_advance; seen on 6.18).
func (c *Group) Procs() ([]int, error) {
	text, err := c.read("cgroup.procs")
	if err != nil {
		return nil, err
	}
	return parsePIDs(text)
}

// Kill sends SIGKILL to every process in the cgroup, below it too where the kernel can (version 2 from 5.14 on), and
// returns how many there were in it. It does not wait.
func (c *Group) Kill() (int, error) {
	pids, err := c.Procs()
	if err != nil {
		return 0, err
	}
	if c.g.Version == V2 {
		if err := c.write("cgroup.kill", "1"); !errors.Is(err, unix.ENOENT) {
			return len(pids), err
		}
	}
	for _, pid := range pids {
		if err := unix.Kill(pid, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
			return len(pids), fmt.Errorf("kill process %d: %w", pid, err)
		}
	}
	return len(pids), nil
}

// read returns the text of one of the cgroup's files.
func (c *Group) read(name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(c.Dir(), name))
	if err != nil {
		return "", fmt.Errorf("read %s of cgroup %s: %w", name, c.path, err)
	}
	return string(text), nil
}

func (c *Group) write(name, value string) error {
	return guest.WriteFile(filepath.Join(c.Dir(), name), value)
}

// parsePIDs reads one number a line.
func parsePIDs(text string) ([]int, error) {
	var pids []int
	for field := range strings.FieldsSeq(text) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			return nil, fmt.Errorf("read process list: %w", err)
		}
		pids = append(pids, pid)
	}
	return pids, nil
}
