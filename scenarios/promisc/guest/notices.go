//go:build linux

package guest

import (
	"encoding/binary"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
)

// notices listens to what the kernel tells of its network devices or of its FDB. The messages are looked at, not parsed:
// there are a hundred thousand.
type notices struct {
	fd  int
	buf []byte
}

// noticeRoom is the socket's buffer in bytes, enough for the notices of a thousand containers. It is not taken in advance.
const noticeRoom = 64 << 20

// listen subscribes to an RTNLGRP_ group.
func listen(group int, filter ...unix.SockFilter) (*notices, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("open netlink: %w", err)
	}
	n := &notices{fd: fd, buf: make([]byte, 64<<10)}
	if err := n.prepare(group, filter); err != nil {
		n.close()
		return nil, fmt.Errorf("listen to the kernel's notices: %w", err)
	}
	return n, nil
}

func (n *notices) prepare(group int, filter []unix.SockFilter) error {
	if err := unix.SetsockoptInt(n.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, noticeRoom); err != nil {
		return err
	}
	if len(filter) > 0 {
		prog := &unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
		if err := unix.SetsockoptSockFprog(n.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, prog); err != nil {
			return err
		}
	}
	return unix.Bind(n.fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: 1 << (group - 1)})
}

func (n *notices) close() { unix.Close(n.fd) }

// until hands each message to seen, without its netlink header, until it says that this was the last one.
func (n *notices) until(limit time.Duration, seen func(kind uint16, body []byte) (last bool)) error {
	for end := time.Now().Add(limit); ; {
		left := time.Until(end)
		if left <= 0 {
			return fmt.Errorf("the kernel gave no notice within %v", limit)
		}
		tv := unix.NsecToTimeval(int64(left))
		if err := unix.SetsockoptTimeval(n.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv); err != nil {
			return err
		}
		count, _, err := unix.Recvfrom(n.fd, n.buf, 0)
		switch {
		case err == unix.EINTR || err == unix.EAGAIN:
			continue
		case err == unix.ENOBUFS:
			return fmt.Errorf("%w: the kernel's notices did not fit into %d MiB", guest.ErrScenario, noticeRoom>>20)
		case err != nil:
			return fmt.Errorf("read the kernel's notices: %w", err)
		}
		if messages(n.buf[:count], seen) {
			return nil
		}
	}
}

// messages walks over a datagram of netlink messages; true: seen asked for no more.
func messages(data []byte, seen func(kind uint16, body []byte) bool) bool {
	for len(data) >= unix.SizeofNlMsghdr {
		size := int(binary.NativeEndian.Uint32(data))
		if size < unix.SizeofNlMsghdr || size > len(data) {
			return false
		}
		if seen(binary.NativeEndian.Uint16(data[4:]), data[unix.SizeofNlMsghdr:size]) {
			return true
		}
		data = data[min(len(data), (size+3)&^3):]
	}
	return false
}

// deleted returns the index of the device that a message tells the end of, 0 if it tells something else. A bridge tells
// of its ports, too, in a family of its own; that is not the end.
func deleted(kind uint16, body []byte) int {
	if kind != unix.RTM_DELLINK || len(body) < unix.SizeofIfInfomsg || body[0] != unix.AF_UNSPEC {
		return 0
	}
	return int(int32(binary.NativeEndian.Uint32(body[4:])))
}
