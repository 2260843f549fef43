//go:build linux

package guest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
)

// Where configfs is mounted, and the target's folder there (Documentation/networking/netconsole.rst).
const (
	configfs = "/run/config"
	target   = configfs + "/netconsole/brink"
)

// notSupported is ENOTSUPP of include/linux/errno.h, which the kernel should not let out and does.
const notSupported = unix.Errno(524)

// netconsole lets the kernel log go out over the bridge, to an address that nobody has, and ends that: the bridge passes it
// on to the drivers of all its ports. Newer kernels refuse, for veth cannot be polled there any more.
func (h *host) netconsole(size int64, m *guest.Meter) error {
	return h.netconsoleOver(bridgeName, size, m)
}

// netconsoleCard does it with the card alone, which must not be a port then.
func (h *host) netconsoleCard(_ int64, m *guest.Meter) error {
	b := h.bridge
	if err := b.nl.LinkSetNoMaster(device(b.card)); err != nil {
		return fmt.Errorf("take %s out of the bridge: %w", b.port, err)
	}
	err := h.netconsoleOver(b.port, 1, m)
	if err := b.join(); err != nil {
		return err
	}
	return errors.Join(err, h.restore(m))
}

func (h *host) netconsoleOver(dev string, count int64, m *guest.Meter) (err error) {
	if err := mountConfigfs(); err != nil {
		return err
	}
	if err := os.Mkdir(target, 0o755); errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.EPERM) {
		return fmt.Errorf("the kernel has no CONFIG_NETCONSOLE_DYNAMIC: %w", guest.ErrUnsupported)
	} else if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(target)) }()
	for _, set := range [][2]string{{"dev_name", dev}, {"local_ip", "192.0.2.1"}, {"remote_ip", "192.0.2.2"},
		{"remote_mac", "06:00:00:00:00:fe"}} {
		if err := guest.WriteFile(filepath.Join(target, set[0]), set[1]); err != nil {
			return err
		}
	}
	before, err := number(ofLink(dev, "statistics/tx_packets"))
	if err != nil {
		return err
	}
	for range m.Reps {
		if err := m.Time(count, func() error { return sayOver(dev) }); errors.Is(err, notSupported) {
			return fmt.Errorf("%s, or one of its ports, cannot be polled: %w", dev, guest.ErrUnsupported)
		} else if err != nil {
			return err
		}
		nap(settle)
	}
	return allSaid(m, dev, before)
}

// printLimit is how long the kernel may take to print a line, in guest time.
const printLimit = 20 * time.Millisecond

// saidLimit is how long a card may take to count what it has sent, in guest time: e1000 looks every two seconds.
const saidLimit = 5 * time.Second

// allSaid makes sure that the lines have gone out: a kernel that prints none on its consoles, for whatever reason, would have
// turned netconsole on and off and nothing else. Where some are missing it is a remark.
func allSaid(m *guest.Meter, dev string, before int64) error {
	sent, lines := int64(0), int64(m.Reps)
	err := wait("a frame for each line", saidLimit, func() bool {
		now, err := number(ofLink(dev, "statistics/tx_packets"))
		sent = now - before
		return err == nil && sent >= lines
	})
	switch {
	case err != nil && sent <= 0:
		return fmt.Errorf("%s sent no frame for %d lines: %w", dev, lines, guest.ErrUnsupported)
	case err != nil:
		m.Remark(fmt.Sprintf("%s sent %d frames for %d lines within %v", dev, sent, lines, saidLimit))
	}
	return nil
}

// sayOver turns the target on, sends a line, and turns it off. Newer kernels print in a thread of the console's own (nbcon):
// the target must stay until that has run. A card that counts late keeps it for all of printLimit.
func sayOver(dev string) error {
	before, _ := number(ofLink(dev, "statistics/tx_packets"))
	if err := guest.WriteFile(filepath.Join(target, "enabled"), "1"); err != nil {
		return err
	}
	// A warning: below loglevel=5 of the kernel's command line (internal/qemu), which holds for each console.
	if err := guest.WriteFile("/dev/kmsg", "<4>brink: one line over netconsole on "+dev+"\n"); err != nil {
		return err
	}
	for end := time.Now().Add(printLimit); time.Now().Before(end); nap(time.Millisecond) {
		if now, err := number(ofLink(dev, "statistics/tx_packets")); err != nil || now > before {
			break
		}
	}
	return guest.WriteFile(filepath.Join(target, "enabled"), "0")
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
