//go:build linux

package guest

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/guest"
)

// hugeFixture is a bout on two files of two large folios each.
func hugeFixture(t *testing.T, j job) *bout {
	t.Helper()
	for id := range uint64(2) {
		f, err := createFile(t.TempDir(), id+1, 2*hugeBlocks, true)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, f.remove()) })
		j.files = append(j.files, f)
	}
	b := fixture(t, j)
	for _, f := range b.files {
		require.NoError(t, b.team[0].sync(f)) // what is dirty is neither reclaimed nor dropped
	}
	for _, t := range b.team {
		t.took = [classes]took{}
	}
	return b
}

// TestShadow: each crew has a leader that makes the shadows and drops them, and members that read, however many
// threads there are.
func TestShadow(t *testing.T) {
	const cycles = 5
	for threads, crews := range map[int]int{1: 1, 2: 1, 3: 1, 4: 2, 7: 2} {
		b := hugeFixture(t, job{threads: threads, actions: cycles})
		require.NoError(t, run(b, newShadow(b)), "%d threads", threads)
		assert.Equal(t, int64(threads*cycles), b.doneActions())
		did := [classes]int64{}
		for _, t := range b.team {
			for c := range classes {
				did[c] += t.took[c].count
			}
		}
		turns := int64((threads - crews) * cycles)
		assert.GreaterOrEqual(t, did[reading], turns, "%d threads", threads)
		assert.LessOrEqual(t, did[reading], 2*turns, "%d threads", threads)
		want := [classes]int64{}
		want[faulting], want[reclaiming], want[dropping] = int64(crews*cycles), int64(crews*cycles), int64(2*crews*cycles)
		want[reading] = did[reading]
		assert.Equal(t, want, did, "%d threads", threads)
		require.NoError(t, b.free())
	}
}

// TestShadowEndsWithAnyThread: neither a leader nor a member that fails leaves the others waiting.
func TestShadowEndsWithAnyThread(t *testing.T) {
	broken := errors.New("broken")
	for n := range 4 {
		b := hugeFixture(t, job{threads: 4, actions: 1000})
		work := newShadow(b)
		err := run(b, func(t *thread) error {
			if t.n == n {
				return broken
			}
			return work(t)
		})
		require.ErrorIs(t, err, broken)
	}
}

// TestShadowNeedsLargeFiles: no large folio fits into a small file.
func TestShadowNeedsLargeFiles(t *testing.T) {
	b := fixture(t, job{threads: 2, actions: 1})
	require.ErrorIs(t, run(b, newShadow(b)), guest.ErrUnsupported)
}
