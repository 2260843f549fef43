//go:build linux

package guest

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// TestAppendEntry compares with what the netlink library reads.
func TestAppendEntry(t *testing.T) {
	for _, vlan := range []uint16{0, 7} {
		b := appendEntry([]byte("before"), unix.NLM_F_ACK, 42, entry(70_000), vlan)[len("before"):]
		seen := 0
		assert.True(t, messages(b, func(kind uint16, body []byte) bool {
			seen++
			assert.Equal(t, uint16(unix.RTM_NEWNEIGH), kind)
			n, err := netlink.NeighDeserialize(body)
			require.NoError(t, err)
			assert.Equal(t, entry(70_000), n.HardwareAddr)
			assert.Equal(t, 42, n.LinkIndex)
			assert.Equal(t, unix.AF_BRIDGE, n.Family)
			assert.Equal(t, unix.NUD_REACHABLE, n.State)
			assert.Equal(t, unix.NTF_MASTER, n.Flags)
			assert.Equal(t, int(vlan), n.Vlan)
			assert.True(t, isEntry(body))
			return true
		}))
		assert.Equal(t, 1, seen)
		assert.Len(t, b, int(binary.NativeEndian.Uint32(b)), "the message is as long as it says")
	}
}

func TestMessagesWalksOverAll(t *testing.T) {
	b := appendEntry(nil, 0, 1, entry(0), 0)
	b = appendEntry(b, 0, 2, entry(1), 3)
	count := 0
	assert.False(t, messages(b, func(uint16, []byte) bool { count++; return false }))
	assert.Equal(t, 2, count)
	for cut := range b { // a piece of a message is none
		messages(b[:cut], func(_ uint16, body []byte) bool {
			assert.GreaterOrEqual(t, len(body), unix.SizeofNdMsg)
			return false
		})
	}
}

func TestEntriesAreAddressesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, i := range []int64{0, 1, 255, 256, 65535, 65536, 1<<20 - 1} {
		mac := entry(i)
		assert.False(t, seen[mac.String()])
		seen[mac.String()] = true
		assert.Zero(t, mac[0]&1, "no multicast address")
		assert.NotZero(t, mac[0]&2, "locally administered")
		assert.NotEqual(t, byte(0x02), mac[0], "a container's begins with it")
	}
}

func TestVLANOf(t *testing.T) {
	assert.Equal(t, uint16(0), vlanOf(5, 0), "a bridge without VLANs")
	used := map[uint16]int{}
	for i := range int64(12) {
		used[vlanOf(i, 4)]++
	}
	assert.Equal(t, map[uint16]int{1: 3, 2: 3, 3: 3, 4: 3}, used)
}

func TestFirstError(t *testing.T) {
	answer := func(code int32) []byte {
		b := binary.NativeEndian.AppendUint32(nil, unix.SizeofNlMsghdr+4)
		b = binary.NativeEndian.AppendUint16(b, unix.NLMSG_ERROR)
		b = append(b, make([]byte, 10)...)
		return binary.NativeEndian.AppendUint32(b, uint32(code))
	}
	assert.NoError(t, firstError(answer(0)))
	assert.Equal(t, unix.ENOSPC, firstError(append(answer(0), answer(-int32(unix.ENOSPC))...)))
}

func TestDeleted(t *testing.T) {
	body := func(family int) []byte {
		m := nl.NewIfInfomsg(family)
		m.Index = 9
		return m.Serialize()
	}
	assert.Equal(t, 9, deleted(unix.RTM_DELLINK, body(unix.AF_UNSPEC)))
	assert.Zero(t, deleted(unix.RTM_DELLINK, body(unix.AF_BRIDGE)), "only the bridge lets go of its port")
	assert.Zero(t, deleted(unix.RTM_NEWLINK, body(unix.AF_UNSPEC)))
	assert.Zero(t, deleted(unix.RTM_DELLINK, nil))
}

// TestOnlyNotice runs the filter on messages that are laid out as the kernel's notices are.
func TestOnlyNotice(t *testing.T) {
	var raw []bpf.RawInstruction
	for _, f := range onlyNotice(entry(3)) {
		raw = append(raw, bpf.RawInstruction{Op: f.Code, Jt: f.Jt, Jf: f.Jf, K: f.K})
	}
	program, ok := bpf.Disassemble(raw)
	require.True(t, ok)
	vm, err := bpf.NewVM(program)
	require.NoError(t, err)
	for i, pass := range map[int64]bool{3: true, 2: false, 3 + 1<<16: false} {
		n, err := vm.Run(appendEntry(nil, 0, 1, entry(i), 0))
		require.NoError(t, err)
		assert.Equal(t, pass, n > 0, "address %d", i)
	}
}
