//go:build linux

package guest

import (
	"encoding/binary"
	"fmt"
	"net"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// fdbBatch is how many addresses go into one write: what fits into the socket's buffer. The kernel takes each as a request
// of its own, and answers the last one.
const fdbBatch = 1000

// entry is the address of an FDB entry: locally administered, and never one of a container's or a sender's.
func entry(i int64) net.HardwareAddr {
	return net.HardwareAddr{0x06, 0xb0, byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}
}

// isEntry reports whether a message is about such an address, which is its first attribute.
func isEntry(body []byte) bool {
	const at = unix.SizeofNdMsg + unix.SizeofRtAttr
	return len(body) >= at+6 && body[at] == 0x06 && body[at+1] == 0xb0
}

// adder adds addresses to a bridge's FDB behind one port.
type adder struct {
	fd    int
	port  int
	vlans int64 // that the addresses are spread over; 0: the bridge does not know VLANs
	buf   []byte
}

func newAdder(port int, vlans int64) (*adder, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("open netlink: %w", err)
	}
	a := &adder{fd: fd, port: port, vlans: vlans}
	for option, n := range map[int]int{unix.SO_SNDBUFFORCE: 1 << 20, unix.SO_RCVBUFFORCE: 1 << 20} {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, option, n); err != nil {
			a.close()
			return nil, fmt.Errorf("widen netlink: %w", err)
		}
	}
	return a, nil
}

func (a *adder) close() { unix.Close(a.fd) }

// add adds the addresses from and up to, without to.
func (a *adder) add(from, to int64) error {
	a.buf = a.buf[:0]
	for i := from; i < to; i++ {
		flags := uint16(unix.NLM_F_REQUEST | unix.NLM_F_CREATE | unix.NLM_F_REPLACE)
		if i == to-1 {
			flags |= unix.NLM_F_ACK
		}
		a.buf = appendEntry(a.buf, flags, a.port, entry(i), vlanOf(i, a.vlans))
	}
	if err := unix.Sendto(a.fd, a.buf, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	answer := make([]byte, 64<<10)
	n, _, err := unix.Recvfrom(a.fd, answer, 0)
	if err != nil {
		return err
	}
	return firstError(answer[:n])
}

// vlanOf spreads addresses over VLANs. With filtering on, an address without one would be added to all.
func vlanOf(i, vlans int64) uint16 {
	if vlans == 0 {
		return 0
	}
	return uint16(1 + i%vlans)
}

// appendEntry appends a request for a dynamic entry, one that expires as a learned one does: `bridge fdb add ADDRESS dev PORT
// master dynamic [vlan N]`.
func appendEntry(b []byte, flags uint16, port int, mac net.HardwareAddr, vlan uint16) []byte {
	const plain, tagged = unix.SizeofNlMsghdr + unix.SizeofNdMsg + 12, unix.SizeofNlMsghdr + unix.SizeofNdMsg + 12 + 8
	size, e := uint32(plain), binary.NativeEndian
	if vlan > 0 {
		size = tagged
	}
	b = e.AppendUint32(b, size)
	b = e.AppendUint16(b, unix.RTM_NEWNEIGH)
	b = e.AppendUint16(b, flags)
	b = append(b, make([]byte, 8)...) // sequence number and sender: none
	b = append(b, unix.AF_BRIDGE, 0, 0, 0)
	b = e.AppendUint32(b, uint32(port))
	b = e.AppendUint16(b, unix.NUD_REACHABLE)
	b = append(b, unix.NTF_MASTER, 0)
	b = e.AppendUint16(b, 4+6)
	b = e.AppendUint16(b, unix.NDA_LLADDR)
	b = append(append(b, mac...), 0, 0)
	if vlan > 0 {
		b = e.AppendUint16(b, 4+2)
		b = e.AppendUint16(b, unix.NDA_VLAN)
		b = append(e.AppendUint16(b, vlan), 0, 0)
	}
	return b
}

// firstError returns the first refusal among the kernel's answers.
func firstError(answers []byte) (err error) {
	messages(answers, func(kind uint16, body []byte) bool {
		if kind != unix.NLMSG_ERROR || len(body) < 4 {
			return false
		}
		if code := int32(binary.NativeEndian.Uint32(body)); code != 0 {
			err = unix.Errno(-code)
		}
		return err != nil
	})
	return err
}

// dumpFDB reads the whole FDB of a bridge, and counts the addresses that were added to it. There are others: those of the
// ports, and what the flood has taught the bridge.
func dumpFDB(bridge int) (count int64, err error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return 0, fmt.Errorf("open netlink: %w", err)
	}
	defer unix.Close(fd)
	request := nl.NewNetlinkRequest(unix.RTM_GETNEIGH, unix.NLM_F_DUMP)
	request.AddData(nl.NewIfInfomsg(unix.AF_BRIDGE))
	request.AddData(nl.NewRtAttr(unix.IFLA_MASTER, nl.Uint32Attr(uint32(bridge))))
	if err := unix.Sendto(fd, request.Serialize(), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return 0, fmt.Errorf("dump the FDB: %w", err)
	}
	buf := make([]byte, 64<<10)
	for done := false; !done; {
		n, _, err := unix.Recvfrom(fd, buf, 0)
		if err != nil {
			return 0, fmt.Errorf("dump the FDB: %w", err)
		}
		if err := firstError(buf[:n]); err != nil {
			return 0, fmt.Errorf("dump the FDB: %w", err)
		}
		done = messages(buf[:n], func(kind uint16, body []byte) bool {
			if kind == unix.RTM_NEWNEIGH && isEntry(body) {
				count++
			}
			return kind == unix.NLMSG_DONE
		})
	}
	return count, nil
}

// onlyNotice is a filter that lets notices about one address pass. The kernel puts the address first into them
// (fdb_fill_info in net/bridge/br_fdb.c).
func onlyNotice(mac net.HardwareAddr) []unix.SockFilter {
	const at = unix.SizeofNlMsghdr + unix.SizeofNdMsg + unix.SizeofRtAttr
	return []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 3, K: binary.BigEndian.Uint32(mac)},
		{Code: unix.BPF_LD | unix.BPF_H | unix.BPF_ABS, K: at + 4},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: uint32(binary.BigEndian.Uint16(mac[4:]))},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0xffff},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
	}
}
