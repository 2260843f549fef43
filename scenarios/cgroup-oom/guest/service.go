//go:build linux

package guest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
	cgroupoom "brink/scenarios/cgroup-oom"
	"brink/scenarios/cgroup-oom/guest/groups"
)

// ServiceName is the name of the service that is killed.
const ServiceName = "cgroup-oom"

// order is what the service is told at its start.
type order struct {
	Procs string // cgroup.procs of its cgroup
	Shape shape
	Hang  string // a file or device that never answers; empty: none
}

// oomScoreAdj makes the service the first to go even where memory runs out for the whole machine: the worker has 0.
const oomScoreAdj = "500"

// Service is the process that is killed. It joins its cgroup, makes its tasks, listens, and does what it is told.
func Service(args []string, ready func()) error {
	var o order
	if len(args) != 1 {
		return fmt.Errorf("want one argument")
	}
	if err := json.Unmarshal([]byte(args[0]), &o); err != nil {
		return fmt.Errorf("read order: %w", err)
	}
	// Nothing of the runtime's may stop the world: a thread of it sleeps inside clone(2) in the variant vfork.
	debug.SetGCPercent(-1)
	runtime.GOMAXPROCS(4)
	p, err := mapPage()
	if err != nil {
		return err
	}
	commands, err := unix.Open(commandFile, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open fifo: %w", err)
	}
	if err := o.settle(); err != nil {
		return err
	}
	ready()
	return o.obey(commands, p)
}

// settle is what the service does before anybody asks: a server that starts.
func (o order) settle() error {
	if err := os.WriteFile("/proc/self/oom_score_adj", []byte(oomScoreAdj), 0); err != nil {
		return err
	}
	comms, err := filepath.Glob("/proc/self/task/*/comm")
	if err != nil {
		return err
	}
	for _, comm := range comms { // tasks made from now on inherit it
		if err := guest.WriteFile(comm, cgroupoom.Comm); err != nil {
			return fmt.Errorf("set name: %w", err)
		}
	}
	if err := guest.WriteFile(o.Procs, "0"); err != nil {
		return fmt.Errorf("join cgroup: %w", err)
	}
	sharing := o.Shape.Variant == cgroupoom.SharedMM
	if !sharing { // before it listens: they do not hold the port
		if err := spawn(o.Shape.Processes, asProcess); err != nil {
			return err
		}
	}
	if err := spawn(o.Shape.Threads, asThread); err != nil {
		return err
	}
	if err := listen(); err != nil {
		return err
	}
	if sharing { // each holds the memory and the port
		return spawn(o.Shape.Processes, sharingMM)
	}
	return nil
}

// obey does what the worker commands, until it is killed.
func (o order) obey(commands int, p *page) error {
	for {
		var b [1]byte
		if n, err := unix.Read(commands, b[:]); err == unix.EINTR {
			continue
		} else if err != nil || n != 1 {
			return fmt.Errorf("read command: %w", err)
		}
		switch b[0] {
		case furnish:
			if err := o.furnish(); err != nil {
				return err
			}
			p.furnished.Store(1)
		case hang:
			if err := o.hang(); err != nil {
				return err
			}
		case push:
			if err := grow(p, o.Shape.Heap); err != nil {
				return err
			}
		}
	}
}

// listen listens on the service's port for as long as a task with its files lives.
func listen() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: cgroupoom.Port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return os.NewSyscallError("bind", err)
	}
	return os.NewSyscallError("listen", unix.Listen(fd, 8))
}

// furnish brings in what is neither heap nor tasks.
func (o order) furnish() error {
	s := o.Shape
	if s.Cache+s.Dirty > 0 {
		c, err := groups.OpenCache(groups.CacheStart)
		if err != nil {
			return err
		}
		if err := c.Read(s.Cache); err != nil {
			return err
		}
		dirty, err := groups.OpenCache(groups.CacheStart + s.Cache)
		if err != nil {
			return err
		}
		if err := dirty.Write(s.Dirty); err != nil {
			return err
		}
	}
	if err := fillTmpfs(s.Tmpfs); err != nil {
		return err
	}
	return lock(s.Mlock)
}
