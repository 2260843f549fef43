//go:build linux

package guest

import (
	"os"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wordsFile is a file as the kernel shows page frames: a word for each, here only for some.
func wordsFile(t *testing.T, content map[uint64]uint64) int {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	for at, word := range content {
		_, err := f.WriteAt(asBytes([]uint64{word}), int64(at*8))
		require.NoError(t, err)
		require.NoError(t, f.Truncate(max(int64(at+4096)*8, size(t, f))))
	}
	return int(f.Fd())
}

func size(t *testing.T, f *os.File) int64 {
	t.Helper()
	s, err := f.Stat()
	require.NoError(t, err)
	return s.Size()
}

func TestLargestFolio(t *testing.T) {
	f := &file{mem: make([]byte, 16*blockSize), blocks: 16}
	first := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(f.mem)))) / blockSize
	flags := map[uint64]uint64{100: 0, 200: compoundHead, 201: compoundTail, 202: compoundTail, 203: compoundTail, 300: compoundHead}
	for i := range uint64(63) {
		flags[301+i] = compoundTail
	}
	with := func(frames map[uint64]uint64) int {
		maps := map[uint64]uint64{first + 15: 0}
		for at, frame := range frames {
			maps[first+at] = frame
		}
		l := &folios{pagemap: wordsFile(t, maps), flags: wordsFile(t, flags)}
		return l.largest(f)
	}
	assert.Zero(t, with(nil), "nothing is mapped")
	assert.Zero(t, with(map[uint64]uint64{3: 200}), "it is not present")
	assert.Equal(t, 4, with(map[uint64]uint64{3: pagePresent | 100}))
	assert.Equal(t, 16, with(map[uint64]uint64{3: pagePresent | 100, 4: pagePresent | 200, 5: pagePresent | 201}))
	assert.Equal(t, 256, with(map[uint64]uint64{0: pagePresent | 200, 15: pagePresent | 300}))
	assert.Zero(t, with(map[uint64]uint64{3: pagePresent | 201}), "its first page is not mapped")
	assert.Zero(t, (&folios{pagemap: -1, flags: -1}).largest(f), "a kernel that does not tell")
}
