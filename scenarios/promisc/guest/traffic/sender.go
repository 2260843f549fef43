//go:build linux

package traffic

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"brink/internal/flood"
	"brink/internal/guest"
	"brink/internal/trial"
)

// batch is how many frames go into one system call.
const batch = 64

// sender sends frames on a network card by a packet socket. It passes by the queueing discipline: a card whose queue is full
// then refuses a frame at once (packet(7), PACKET_QDISC_BYPASS), as a wire would not wait either.
type sender struct {
	socket  *os.File
	layout  flood.Layout
	next    uint64 // number of the next frame
	buffers [batch][]byte
	vectors [batch]unix.Iovec
	headers [batch]mmsghdr
}

// mmsghdr is struct mmsghdr of sendmmsg(2).
type mmsghdr struct {
	header unix.Msghdr
	sent   uint32
	_      [4]byte
}

// newSender brings a network card up and opens it.
func newSender(name string, f trial.Flood, seed uint64) (*sender, error) {
	layout, err := flood.New(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", guest.ErrScenario, err)
	}
	link, err := bringUp(name)
	if err != nil {
		return nil, err
	}
	s := &sender{layout: layout, next: seed % uint64(f.Sources)}
	if s.socket, err = openCard(link.Attrs().Index); err != nil {
		return nil, fmt.Errorf("open %s to send: %w", name, err)
	}
	for i := range batch {
		s.buffers[i] = make([]byte, layout.Size())
		s.vectors[i] = unix.Iovec{Base: &s.buffers[i][0], Len: uint64(layout.Size())}
		s.headers[i].header.Iov = &s.vectors[i]
		s.headers[i].header.Iovlen = 1
	}
	return s, nil
}

// bringUp lets a card send nothing but what it is told to, and brings it up.
func bringUp(name string) (netlink.Link, error) {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return nil, fmt.Errorf("find the card %s that sends: %w", name, err)
	}
	// Its own neighbour discovery would be counted as frames of the flood. A kernel without IPv6 has no such file.
	_ = os.WriteFile("/proc/sys/net/ipv6/conf/"+name+"/disable_ipv6", []byte("1"), 0)
	if err := netlink.LinkSetUp(link); err != nil {
		return nil, fmt.Errorf("bring %s up: %w", name, err)
	}
	return link, nil
}

func openCard(index int) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0) // protocol 0: it receives nothing
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "packet socket")
	// The socket's own limit must not be what refuses a frame.
	return f, errors.Join(unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, 64<<20),
		unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: index}))
}

// to says to whom frames go.
type to uint8

const (
	nobody to = iota + 1 // the bridge floods them
	itself               // to their own source, which the bridge has just learned on that port: it throws them away
)

// take sends up to n frames, batch at most, and returns how many of them the card took. Those behind a frame that it
// refused are not tried.
func (s *sender) take(n int, whom to) (int, error) {
	n = min(n, batch)
	for i := range n {
		frame := s.layout.Build(s.buffers[i], s.next+uint64(i))
		if whom == itself {
			copy(frame[:6], frame[6:12])
		}
	}
	taken, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, s.socket.Fd(), uintptr(unsafe.Pointer(&s.headers[0])), uintptr(n),
		unix.MSG_DONTWAIT, 0, 0)
	switch {
	case errno == 0:
		s.next += uint64(taken)
		return int(taken), nil
	case errors.Is(errno, unix.ENOBUFS), errors.Is(errno, unix.EAGAIN), errors.Is(errno, unix.EINTR):
		return 0, nil
	}
	return 0, fmt.Errorf("send frames: %w", errno)
}
