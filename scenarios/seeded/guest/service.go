//go:build linux

package guest

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"brink/scenarios/seeded"
)

// holdTime is how long the module may take to hold on to something; in zombie mode it never returns.
const holdTime = 100 * time.Millisecond

// Service is the process that a service op kills: it listens on a port, and lets the module hold on to it, or to a second
// thread.
func Service(_ []string, ready func()) error {
	port, err := listen()
	if err != nil {
		return err
	}
	dev, err := unix.Open(device, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", device, err)
	}
	held := make(chan error, 1)
	go func() {
		_, err := unix.Write(dev, fmt.Appendf(nil, "hold %d\n", port))
		held <- err
	}()
	select {
	case err = <-held:
	case <-time.After(holdTime):
	}
	if err != nil {
		return fmt.Errorf("hold: %w", err)
	}
	ready()
	for { // to be killed
		_ = unix.Pause()
	}
}

func listen() (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, os.NewSyscallError("socket", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return 0, os.NewSyscallError("setsockopt", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: seeded.ServicePort, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, os.NewSyscallError("bind", err)
	}
	return fd, os.NewSyscallError("listen", unix.Listen(fd, 8))
}
