//go:build linux

package zfsctl

import (
	"encoding/hex"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// everything has a pair of each kind.
func everything() List {
	return List{
		Uint64("guid", 1<<63|5), Int32("type", -2), String("path", "/dev/vda"), String("empty", ""), Flag("tank@s"),
		Bool("force", true), Bool("no", false), Bytes("wkeydata", []byte{1, 2, 3}),
		Nested("props", List{Uint64("recordsize", 4096), Nested("deeper", List{})}),
		Array("children", List{String("type", "disk")}, List{String("type", "disk"), Uint64("id", 1)}),
		{Name: "numbers", Type: 16, Count: 2, Value: make([]byte, 16)}, // of a type that is only kept
	}
}

func TestPackedBytes(t *testing.T) {
	want := strings.Join([]string{
		"00010000" + "00000000" + "01000000",                   // native, little endian; version; unique names
		"20000000" + "0300" + "0000" + "01000000" + "08000000", // 32 bytes, a name of 3, one element, uint64
		"6964000000000000",                                     // "id", filled up
		"0700000000000000",
		"30000000" + "0200" + "0000" + "01000000" + "13000000",                      // 48 bytes, a name of 2, one element, a list
		"7000000000000000",                                                          // "p"
		"00000000" + "01000000" + "0000000000000000" + "0000000000000000",           // version, unique names, nothing
		"18000000" + "0200" + "0000" + "00000000" + "01000000" + "6600000000000000", // in it: flag "f", without a value
		"00000000", // end of the inner list
		"00000000",
	}, "")
	assert.Equal(t, want, hex.EncodeToString(Pack(List{Uint64("id", 7), Nested("p", List{Flag("f")})})))
}

func TestPackedListComesBack(t *testing.T) {
	for name, l := range map[string]List{"empty": {}, "everything": everything()} {
		got, err := Unpack(Pack(l))
		require.NoError(t, err, name)
		assert.Equal(t, Pack(l), Pack(got), name)
		assert.Len(t, got, len(l), name)
	}
	got, err := Unpack(Pack(everything()))
	require.NoError(t, err)
	assert.Equal(t, everything(), got)
}

func TestLookup(t *testing.T) {
	l := everything()
	n, ok := l.Uint64("guid")
	assert.True(t, ok)
	assert.Equal(t, uint64(1<<63|5), n)
	_, ok = l.Uint64("path")
	assert.False(t, ok, "it is a text")
	_, ok = l.Uint64("nothing")
	assert.False(t, ok)
	assert.Equal(t, "/dev/vda", l.String("path"))
	assert.Empty(t, l.String("empty"))
	assert.Empty(t, l.String("guid"), "it is a number")
	n, _ = l.List("props").Uint64("recordsize")
	assert.Equal(t, uint64(4096), n)
	assert.Empty(t, l.List("children"), "they are several")
}

// TestUnpackRefuses: what is cut off anywhere is an error, and so is what makes no sense.
func TestUnpackRefuses(t *testing.T) {
	whole := Pack(everything())
	for n := range whole {
		_, err := Unpack(whole[:n])
		assert.Error(t, err, "%d of %d bytes", n, len(whole))
	}
	spoilt := func(at int, value byte) []byte {
		packed := Pack(List{String("path", "x")})
		packed[at] = value
		return packed
	}
	for name, packed := range map[string][]byte{
		"XDR": spoilt(0, 1), "big endian": spoilt(1, 0), "size below the head": spoilt(packedHeader, 8), "size negative": spoilt(packedHeader+3, 0xff),
		"no name": spoilt(packedHeader+4, 0), "name negative": spoilt(packedHeader+5, 0xff), "name without end": spoilt(packedHeader+4, 3),
		"text without end": spoilt(packedHeader+pairHeader+8+1, 'x'),
	} {
		if name == "text without end" { // fill it up to its last byte
			for i := packedHeader + pairHeader + 8; i < len(packed)-4; i++ {
				packed[i] = 'x'
			}
		}
		_, err := Unpack(packed)
		assert.ErrorContains(t, err, "unpack list", name)
	}
	deep := List{}
	for range deepest + 2 {
		deep = List{Nested("l", deep)}
	}
	_, err := Unpack(Pack(deep))
	assert.ErrorContains(t, err, "deeper")
}

func FuzzUnpack(f *testing.F) {
	f.Add(Pack(everything()))
	f.Add(Pack(List{}))
	f.Fuzz(func(t *testing.T, packed []byte) {
		l, err := Unpack(packed)
		if err != nil {
			return
		}
		again, err := Unpack(Pack(l))
		require.NoError(t, err)
		require.Equal(t, Pack(l), Pack(again))
	})
}

// TestCommandLayout holds the fields where zfs_cmd_t has them in 2.0 to 2.4.
func TestCommandLayout(t *testing.T) {
	var c command
	assert.EqualValues(t, 4096, unsafe.Offsetof(c.Src))
	assert.EqualValues(t, 4112, unsafe.Offsetof(c.Dst))
	assert.EqualValues(t, 4128, unsafe.Offsetof(c.Filled))
	assert.EqualValues(t, 12592, unsafe.Offsetof(c.GUID), "after 8 bytes of history, 8192 of value, 256 of string")
	assert.EqualValues(t, 12600, unsafe.Offsetof(c.Conf))
	assert.EqualValues(t, 12616, unsafe.Offsetof(c.Cookie))
	assert.EqualValues(t, 12656, unsafe.Offsetof(c.Obj))
	assert.EqualValues(t, 13668, unsafe.Offsetof(c.Simple))
	assert.GreaterOrEqual(t, unsafe.Sizeof(c), uintptr(13744))
	copy(c.Name[:], "tank/a@b\x00rest")
	assert.Equal(t, "tank/a@b", c.name())
}

func TestRaidz(t *testing.T) {
	tree := raidz([]Vdev{{"/dev/vda", 12}, {"/dev/vdb", 9}})
	assert.Equal(t, "root", tree.String("type"))
	group, _ := tree.Find("children")
	require.Len(t, group.Lists, 1)
	assert.Equal(t, "raidz", group.Lists[0].String("type"))
	parity, _ := group.Lists[0].Uint64("nparity")
	assert.EqualValues(t, 1, parity)
	leaves, _ := group.Lists[0].Find("children")
	require.Len(t, leaves.Lists, 2)
	assert.Equal(t, "/dev/vdb", leaves.Lists[1].String("path"))
	shift, _ := leaves.Lists[1].Uint64("ashift")
	assert.EqualValues(t, 9, shift)
}
