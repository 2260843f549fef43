//go:build linux

package groups

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// SetOOMKill says whether the kernel's OOM killer may act in the cgroup. Version 1 only (memory.oom_control). Without
// it tasks over the limit wait, in D state or killable sleep, until there is memory, or a handler of user space has
// acted.
func (c *Group) SetOOMKill(on bool) error {
	if c.g.Version != V1 {
		return fmt.Errorf("disable the OOM killer of cgroup %s: version 2 cannot; take version 1", c.path)
	}
	return c.write("memory.oom_control", map[bool]string{true: "0", false: "1"}[on])
}

// OOMListener is a registration to be told when a cgroup of version 1 is out of memory. Nobody waits for that: it stands
// for a handler that never acts.
type OOMListener struct{ event, control *os.File }

// ListenOOM registers a listener (cgroup.event_control, Documentation/admin-guide/cgroup-v1/memory.rst section 10).
// While one is registered and the OOM killer is disabled, the cgroup's fate is in its hands.
func (c *Group) ListenOOM() (*OOMListener, error) {
	if c.g.Version != V1 {
		return nil, fmt.Errorf("listen to OOM of cgroup %s: version 2 has no event_control; read its events", c.path)
	}
	control, err := os.Open(filepath.Join(c.Dir(), "memory.oom_control"))
	if err != nil {
		return nil, err
	}
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		control.Close()
		return nil, os.NewSyscallError("eventfd", err)
	}
	l := &OOMListener{os.NewFile(uintptr(fd), "oom"), control}
	if err := c.write("cgroup.event_control", fmt.Sprintf("%d %d", fd, control.Fd())); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Close ends the registration.
func (l *OOMListener) Close() error {
	l.control.Close()
	return l.event.Close()
}
