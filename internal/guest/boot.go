//go:build linux

package guest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"brink/internal/wire"
)

// Module lists inside the initramfs, one absolute path a line, in load order.
const (
	bootModules     = "/etc/brink/modules.boot"     // needed to talk to the host
	scenarioModules = "/etc/brink/modules.scenario" // loaded after the hello
)

// mounts are the file systems of the guest.
var mounts = []struct{ kind, dir string }{
	{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/run"},
}

// EnsureGuest refuses to work outside a brink guest: the agent would mount and power off the machine it runs on.
func EnsureGuest() error {
	if os.Getpid() != 1 {
		return fmt.Errorf("brink-agent is the /init of a brink guest and does not run anywhere else; start a VM with `brink run`")
	}
	// Outside a guest /proc is there already, and nothing else must be touched.
	if _, err := os.Stat("/proc/cmdline"); errors.Is(err, fs.ErrNotExist) {
		if err := mountAll(); err != nil {
			return err
		}
	}
	return marked()
}

// marked checks that the kernel was booted as a brink guest.
func marked() error {
	cmdline, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return err
	}
	if !slices.Contains(strings.Fields(string(cmdline)), wire.Argument) {
		return fmt.Errorf("kernel command line lacks %s: this is not a brink guest", wire.Argument)
	}
	return nil
}

func mountAll() error {
	for _, m := range mounts {
		if err := os.MkdirAll(m.dir, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m.kind, m.dir, m.kind, 0, ""); err != nil && err != unix.EBUSY {
			return fmt.Errorf("mount %s: %w", m.dir, err)
		}
	}
	return nil
}

// loadModules loads every module of a list; one that is there already is fine.
func loadModules(list string) error {
	text, err := os.ReadFile(list)
	if os.IsNotExist(err) {
		return nil
	} else if err != nil {
		return err
	}
	for _, path := range strings.Fields(string(text)) {
		if err := loadModule(path); err != nil {
			return fmt.Errorf("load module %s: %w", filepath.Base(path), err)
		}
	}
	return nil
}

func loadModule(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.FinitModule(int(f.Fd()), "", 0); err != nil && err != unix.EEXIST {
		return err
	}
	return nil
}

// openPort finds the agent channel among the virtio ports. The file is in blocking mode: a write returns when the host
// has taken the data, so that a begin event is out before its step starts.
func openPort() (*os.File, error) {
	for range 2000 {
		names, _ := filepath.Glob("/sys/class/virtio-ports/*/name")
		for _, name := range names {
			text, _ := os.ReadFile(name)
			if strings.TrimSpace(string(text)) != wire.PortName {
				continue
			}
			path := "/dev/" + filepath.Base(filepath.Dir(name))
			fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC, 0)
			if err != nil {
				return nil, fmt.Errorf("open %s: %w", path, err)
			}
			return os.NewFile(uintptr(fd), path), nil
		}
		time.Sleep(time.Millisecond)
	}
	return nil, fmt.Errorf("find virtio port %s: the device did not appear", wire.PortName)
}

// sysctls are what a distribution's init sets and the kernel's default is not. Without pid_max a guest would run out of
// pids at 32768, which no systemd host does (systemd: sysctl.d/50-pid-max.conf).
var sysctls = map[string]string{"kernel/pid_max": "4194304"}

func prepareSystem() error {
	for name, value := range sysctls {
		if err := os.WriteFile("/proc/sys/"+name, []byte(value), 0); err != nil {
			return fmt.Errorf("set sysctl %s: %w", name, err)
		}
	}
	if err := loopbackUp(); err != nil {
		return err
	}
	limit := unix.Rlimit{Cur: 1 << 20, Max: 1 << 20}
	return unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
}

func loopbackUp() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("find lo: %w", err)
	}
	return netlink.LinkSetUp(lo)
}
