//go:build linux

package guest

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/safchain/ethtool"
	"golang.org/x/sys/unix"

	"brink/internal/guest"
)

// bindLimit is how long a driver may take until its card is there again, in guest time.
const bindLimit = 30 * time.Second

// promisc takes the card out of the bridge, which ends its promiscuous mode, and puts it back.
func (h *host) promisc(_ int64, m *guest.Meter) error {
	b := h.bridge
	return h.onCard(m, func() error {
		if err := b.nl.LinkSetNoMaster(device(b.card)); err != nil {
			return fmt.Errorf("take %s out of the bridge: %w", b.port, err)
		}
		return b.join()
	})
}

// link takes the card down and up.
func (h *host) link(_ int64, m *guest.Meter) error {
	return h.onCard(m, h.bridge.bounce)
}

func (b *bridge) bounce() error {
	if err := b.nl.LinkSetDown(device(b.card)); err != nil {
		return fmt.Errorf("take %s down: %w", b.port, err)
	}
	if err := b.nl.LinkSetUp(device(b.card)); err != nil {
		return fmt.Errorf("bring %s up: %w", b.port, err)
	}
	return b.forwards()
}

// mtu changes the MTU and puts it back. The bridge follows the smallest of its ports.
func (h *host) mtu(_ int64, m *guest.Meter) error {
	b := h.bridge
	return h.onCard(m, func() error {
		for _, mtu := range []int{1400, 1500} {
			if err := b.nl.LinkSetMTU(device(b.card), mtu); err != nil {
				return fmt.Errorf("set the MTU of %s to %d: %w", b.port, mtu, err)
			}
		}
		return b.forwards()
	})
}

// rings halves the receive ring, or doubles it where it cannot be halved, and puts it back.
func (h *host) rings(_ int64, m *guest.Meter) error {
	tool, err := ethtool.NewEthtool()
	if err != nil {
		return err
	}
	defer tool.Close()
	port := h.bridge.port
	old, err := tool.GetRing(port)
	if err != nil || old.RxPending == 0 {
		return unsupported("rings", err)
	}
	other := old
	if other.RxPending = old.RxPending / 2; old.RxPending < old.RxMaxPending {
		other.RxPending = min(old.RxPending*2, old.RxMaxPending)
	}
	if _, err := tool.SetRing(port, other); err != nil {
		return unsupported("rings", err)
	}
	if _, err := tool.SetRing(port, old); err != nil {
		return fmt.Errorf("set the rings of %s back: %w", port, err)
	}
	return h.onCard(m, func() error {
		for _, r := range []ethtool.Ring{other, old} {
			if _, err := tool.SetRing(port, r); err != nil {
				return fmt.Errorf("set the receive ring of %s to %d: %w", port, r.RxPending, err)
			}
		}
		return h.bridge.forwards()
	})
}

// unsupported turns a driver's refusal of what it has not into a skipped step.
func unsupported(what string, err error) error {
	if err == nil || errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EPERM) {
		return fmt.Errorf("the card's driver has no %s that can be changed (%v): %w", what, err, guest.ErrUnsupported)
	}
	return fmt.Errorf("change the %s: %w", what, err)
}

// rebind takes the driver from the card and gives it back: the device goes, another one comes, and is made a port.
func (h *host) rebind(_ int64, m *guest.Meter) error {
	resume, err := h.flood.blind(m)
	if err != nil {
		return err
	}
	b := h.bridge
	err = h.onCard(m, func() error {
		if err := guest.WriteFile(filepath.Join(b.driver, "unbind"), b.device); err != nil {
			return fmt.Errorf("unbind %s: %w", b.device, err)
		}
		if err := guest.WriteFile(filepath.Join(b.driver, "bind"), b.device); err != nil {
			return fmt.Errorf("bind %s: %w", b.device, err)
		}
		if err := wait("the card's return", bindLimit, b.present); err != nil {
			return err
		}
		return b.plugIn()
	})
	if err != nil {
		return err
	}
	return resume()
}

// onCard takes the samples of an op on the card that puts the card back. The bridge forgets what lies behind a port that goes
// or is down: between two samples it is given again.
func (h *host) onCard(m *guest.Meter, f func() error) error {
	for range m.Reps {
		if err := m.Time(1, f); err != nil {
			return err
		}
		if err := h.restore(m); err != nil {
			return err
		}
		nap(settle)
	}
	return nil
}
