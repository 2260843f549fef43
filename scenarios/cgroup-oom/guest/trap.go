//go:build linux

package guest

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
	cgroupoom "brink/scenarios/cgroup-oom"
	"brink/scenarios/cgroup-oom/guest/groups"
)

// trap is what a variant does to keep a service from ending.
type trap struct {
	name    string
	release func() error // takes it away
}

// hangTime is how long a task may take to get to where it hangs.
const hangTime = 50 * time.Millisecond

// releaseTime is how long what holds the service up may itself take to end.
const releaseTime = 10 * time.Second

// hangPath is what the service opens in the variants in which something never answers.
func hangPath(variant string) string {
	switch variant {
	case cgroupoom.HungFS, cgroupoom.VFork:
		return fuseDir + "/hang"
	case cgroupoom.HungDevice:
		return nbdDevice
	}
	return ""
}

// hasTrap reports whether a variant does something to the service that can be taken away.
func hasTrap(variant string) bool {
	return !slices.Contains([]string{cgroupoom.None, cgroupoom.SharedMM, cgroupoom.LowerLimit}, variant)
}

// spring sets the variant's trap for a service that runs; nil where the variant has none that could be taken away.
func (l *life) spring() (*trap, error) {
	switch variant := l.shape.Variant; variant {
	case cgroupoom.HungFS, cgroupoom.VFork:
		return l.hold("the file system's server", "fuse", fuseDir)
	case cgroupoom.HungDevice:
		return l.hold("the block device's server", "nbd", nbdDevice)
	case cgroupoom.Tracer:
		return l.hold("the tracer", "tracer", strconv.Itoa(l.pid))
	case cgroupoom.OOMDisable:
		return l.disable()
	}
	return nil, nil
}

// hold starts the process that holds the service up.
func (l *life) hold(name, kind, arg string) (*trap, error) {
	s, err := guest.StartService(HoldName, kind, arg)
	if err != nil {
		return nil, err
	}
	if kind != "tracer" {
		if err := l.command(hang); err != nil {
			return nil, err
		}
		sleep(hangTime)
	}
	return &trap{name, func() error {
		err := s.Kill(releaseTime)
		if kind == "fuse" {
			_ = unix.Unmount(fuseDir, unix.MNT_DETACH)
		}
		return err
	}}, nil
}

// disable is a handler of user space that has taken the OOM killer's place, and never acts.
func (l *life) disable() (*trap, error) {
	parent := l.at.parent
	var listener *groups.OOMListener
	listener, err := parent.ListenOOM()
	if err != nil {
		return nil, err
	}
	if err := parent.SetOOMKill(false); err != nil {
		listener.Close()
		return nil, err
	}
	return &trap{"the handler of user space", func() error {
		listener.Close()
		if err := parent.SetOOMKill(true); err != nil {
			return fmt.Errorf("enable the OOM killer: %w", err)
		}
		return nil
	}}, nil
}
