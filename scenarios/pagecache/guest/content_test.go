//go:build linux

package guest

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/guest"
	"brink/internal/trial"
)

func block(p place, v version) []byte {
	b := asBytes(make([]uint64, words))
	p.content(v).fill(b)
	return b
}

// asBytes keeps the alignment that asWords asks for.
func asBytes(w []uint64) []byte {
	b := make([]byte, 0, len(w)*8+8)
	for _, x := range w {
		b = binary.NativeEndian.AppendUint64(b, x)
	}
	return b
}

func TestVersions(t *testing.T) {
	for v := range version(40) {
		assert.Zero(t, nextHole(v)&isData, v)
		assert.Equal(t, isData, nextData(v)&isData, v)
		assert.Equal(t, v>>1+1, nextHole(v)>>1, "one change: %d", v)
		assert.Equal(t, v>>1+1, nextData(v)>>1, "one change: %d", v)
		assert.Equal(t, v>>1+2, nextCut(v)>>1, "two changes: %d", v)
	}
}

// TestContents: between two versions that are one change apart a block holds one of the two and nothing else.
func TestContents(t *testing.T) {
	p := place{7, 3}
	versions := func(low, high version) (v []version) {
		for _, c := range p.contents(low, high, nil) {
			v = append(v, c.version)
		}
		return v
	}
	assert.Equal(t, []version{5}, versions(5, 5))
	assert.Equal(t, []version{3, 5}, versions(3, nextData(3)), "written over: never a hole")
	assert.Equal(t, []version{3, 4}, versions(3, nextHole(3)))
	assert.Equal(t, []version{4, 7}, versions(4, nextData(4)))
	assert.Equal(t, []version{3, 4, 5, 7}, versions(3, nextCut(3)), "what it was, cut, new")
	assert.Equal(t, []version{0, 2, 3, 4, 5, 6}, versions(0, 6))
}

func TestDiffers(t *testing.T) {
	p := place{7, 3}
	old, next := p.content(3), p.content(5)
	assert.Equal(t, -1, differs(block(p, 3), old))
	assert.Equal(t, -1, differs(block(p, 4), p.content(4)), "a hole is zeros")
	assert.Equal(t, headBlock, differs(block(place{7, 4}, 3), old))
	assert.Equal(t, headVersion, differs(block(p, 5), old))

	half := append(block(p, 5)[:2048:2048], block(p, 3)[2048:]...)
	assert.Equal(t, 256, differs(half, next))
	assert.Equal(t, headVersion, differs(half, old))
	assert.Equal(t, -1, differs(half, old, next), "it changes while it is read")

	torn := append(block(p, 5)[:2051:2051], block(p, 3)[2051:]...)
	assert.Equal(t, -1, differs(torn, old, next), "inside a word, too: the kernel copies by bytes")
	assert.Equal(t, 256, differs(torn, next))
	torn[2052] ^= 1
	assert.Equal(t, 256, differs(torn, old, next))

	for at := range words { // one bit anywhere
		b := block(p, 3)
		b[at*8+at%8] ^= 1 << (at % 7)
		require.Equal(t, at, differs(b, old))
	}
}

func TestDiagnose(t *testing.T) {
	p := place{7, 3}
	join := func(at int, first, rest []byte) []byte { return append(append([]byte{}, first[:at]...), rest[at:]...) }
	garbage := block(p, 9)
	garbage[0] ^= 0xff
	for name, c := range map[string]struct {
		block     []byte
		low, high version
		class     string
		says      string
	}{
		"zeros":           {block(p, 0), 9, 9, "zeros", "zeros"},
		"stale":           {block(p, 5), 9, 9, "stale", "version 5"},
		"stale in a hole": {block(p, 5), 10, 10, "stale", "version 5"},
		"early":           {block(p, 11), 7, 9, "early", "version 11"},
		"other block":     {block(place{7, 4}, 9), 9, 9, "foreign", "block 4 of file 7, version 9"},
		"other file":      {block(place{8, 3}, 9), 9, 9, "foreign", "block 3 of file 8, version 9"},
		"half old":        {join(512, block(p, 9), block(p, 7)), 9, 9, "torn", "512 bytes of version 9 of block 3 of file 7 and then version 7"},
		"half zeros":      {join(1024, block(p, 9), block(p, 0)), 9, 9, "torn", "1024 bytes of version 9 of block 3 of file 7 and then zeros"},
		"half nothing":    {join(2048, block(p, 9), garbage[1:]), 9, 9, "torn", "and then something else"},
		"garbage":         {garbage, 9, 9, "garbage", "no block at all, from byte 0 on"},
	} {
		t.Run(name, func(t *testing.T) {
			if len(c.block) < blockSize {
				c.block = append(c.block, 0)
			}
			of := p.contents(c.low, c.high, nil)
			at := differs(c.block, of...)
			require.GreaterOrEqual(t, at, 0)
			m := diagnose(c.block, p, c.low, c.high, at)
			assert.Equal(t, c.class, m.class)
			assert.Contains(t, m.says, c.says)
		})
	}
}

func TestCorruption(t *testing.T) {
	p := place{7, 3}
	var fault *guest.FaultError
	require.ErrorAs(t, corruption("read", "f00007", block(p, 5), p, 9, 9, headVersion), &fault)
	f := fault.Failure
	assert.Equal(t, trial.Corruption, f.Kind)
	assert.True(t, f.Kind.Kills())
	assert.Equal(t, "corruption:stale:read", f.Signature)
	assert.Equal(t, "read of block 3 of f00007 returns version 5 instead of its own version 9", f.Title)
	assert.Contains(t, f.Text, "0018: 0000000000000005, wanted 0000000000000009")
}

func BenchmarkDiffers(b *testing.B) {
	p := place{7, 3}
	data := block(p, 9)
	b.SetBytes(blockSize)
	for b.Loop() {
		if differs(data, p.content(9)) >= 0 {
			b.Fatal("it is the same")
		}
	}
}
