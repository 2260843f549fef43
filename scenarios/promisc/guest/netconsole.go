//go:build linux

package guest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
)

// Where configfs is mounted, and the target's folder there (Documentation/networking/netconsole.rst).
const (
	configfs = "/run/config"
	target   = configfs + "/netconsole/brink"
)

// netconsole lets the kernel log go out over the bridge, to an address that nobody has, and ends that. A network card that is
// a port cannot be used: the bridge is, and passes it on to the drivers of all its ports.
func (h *host) netconsole(size int64, m *guest.Meter) error {
	if err := mountConfigfs(); err != nil {
		return err
	}
	if err := os.Mkdir(target, 0o755); errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.EPERM) {
		return fmt.Errorf("the kernel has no CONFIG_NETCONSOLE_DYNAMIC: %w", guest.ErrUnsupported)
	} else if err != nil {
		return err
	}
	defer os.Remove(target)
	for _, set := range [][2]string{{"dev_name", bridgeName}, {"local_ip", "192.0.2.1"}, {"remote_ip", "192.0.2.2"},
		{"remote_mac", "06:00:00:00:00:fe"}} {
		if err := write(filepath.Join(target, set[0]), set[1]); err != nil {
			return err
		}
	}
	return h.times(m, size, func() error {
		if err := write(filepath.Join(target, "enabled"), "1"); err != nil {
			return err
		}
		if err := write("/dev/kmsg", "<5>brink: one line over netconsole\n"); err != nil {
			return err
		}
		return write(filepath.Join(target, "enabled"), "0")
	})
}

func mountConfigfs() error {
	if _, err := os.Stat(filepath.Dir(target)); err == nil {
		return nil
	}
	if err := os.MkdirAll(configfs, 0o755); err != nil {
		return err
	}
	if err := unix.Mount("configfs", configfs, "configfs", 0, ""); err != nil && err != unix.EBUSY {
		return fmt.Errorf("mount configfs: %w", err)
	}
	return nil
}
