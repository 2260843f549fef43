// Package inject feeds test frames to the network cards of VMs, over QEMU's datagram links (qemu(1), "-netdev dgram"): one
// frame a datagram, at the rate that was asked for. A unix socket blocks where others lose, so a frame that was offered is
// in the guest's card or counted. Nothing of it leaves the machine. It does not know why a guest wants frames, or how it
// fares with them.
package inject

import (
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/flood"
)

// retry is how long a send waits for room before it looks whether it should go on, in microseconds.
const retry = 20_000

// Card is the host's end of one network card's link.
type Card struct {
	guest    string // QEMU's socket
	in       *net.UnixConn
	received atomic.Int64
	drained  chan struct{}
}

// Open binds the host's path of a link and takes in whatever the guest sends. QEMU need not run yet.
func Open(host, guest string) (*Card, error) {
	in, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: host, Net: "unixgram"})
	if err != nil {
		return nil, fmt.Errorf("open link of network card: %w", err)
	}
	c := &Card{guest: guest, in: in, drained: make(chan struct{})}
	go c.drain()
	return c, nil
}

// drain counts the frames of the guest's own: its neighbour discovery, its multicast reports.
func (c *Card) drain() {
	defer close(c.drained)
	buffer := make([]byte, 64<<10)
	for {
		_, err := c.in.Read(buffer)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // nobody sends for now
			time.Sleep(time.Millisecond)
		default:
			c.received.Add(1)
		}
	}
}

// Received is how many frames the guest has sent.
func (c *Card) Received() int64 { return c.received.Load() }

// Close ends the link. No Stream may use it any more.
func (c *Card) Close() error {
	err := c.in.Close()
	<-c.drained
	return err
}

// connect returns a socket that sends to QEMU and blocks, for a moment, while QEMU takes nothing.
func (c *Card) connect() (int, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("open link of network card: %w", err)
	}
	if err = unix.Connect(fd, &unix.SockaddrUnix{Name: c.guest}); err == nil {
		err = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &unix.Timeval{Usec: retry})
	}
	if err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("connect to network card: %w", err)
	}
	return fd, nil
}

// queued returns the memory of the frames that were sent and that QEMU has not read yet, in bytes (unix_ioctl, SIOCOUTQ).
func queued(fd int) (int, error) { return unix.IoctlGetInt(fd, unix.TIOCOUTQ) }

// footprint is what one frame adds to that.
func footprint(l flood.Layout) (int, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("measure frame: %w", err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	b := newBatch(1, l.Size())
	if _, err := b.send(pair[0], 0, 1); err != nil {
		return 0, fmt.Errorf("measure frame: %w", err)
	}
	n, err := queued(pair[0])
	if err == nil && n <= 0 {
		err = errors.New("the kernel does not say what it holds")
	}
	if err != nil {
		return 0, fmt.Errorf("measure frame: %w", err)
	}
	return n, nil
}
