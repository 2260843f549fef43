//go:build linux

package guest

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"brink/internal/guest"
	"brink/internal/trial"
)

// fixture returns a bout on files of 1 MiB in a folder for temporary files, which must be able to bypass the page cache.
func fixture(t *testing.T, j job) *bout {
	t.Helper()
	if j.files == nil {
		for id := range uint64(2) {
			f, err := createFile(t.TempDir(), id+1, 256, false)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, f.remove()) })
			j.files = append(j.files, f)
		}
	}
	j.patience, j.seed = max(j.patience, time.Minute), [2]uint64{1, 1}
	b, err := newBout(j)
	require.NoError(t, err)
	for _, f := range b.files {
		require.NoError(t, b.team[0].refill(f, span{0, f.blocks}))
	}
	return b
}

func run(b *bout, work func(*thread) error) error {
	ahead := make(chan struct{})
	settle := b.start(ahead, work)
	defer settle()
	close(ahead)
	return b.wait(func() {})
}

// TestMix: a kernel that does nothing wrong is not accused, and every class of actions is done.
func TestMix(t *testing.T) {
	b := fixture(t, job{threads: 4, actions: 300})
	require.NoError(t, run(b, newMix(b)))
	assert.Equal(t, int64(4*300), b.doneActions())
	k := kept{}
	k.add(b)
	for c := range classes {
		if c != cloning && c != reclaiming { // for lack of a cgroup, and of the right file system
			assert.NotEmpty(t, k[c.String()], c.String())
		}
	}
	for _, f := range b.files {
		require.NoError(t, b.team[0].scrub(f))
		for i := range f.blocks {
			require.Equal(t, f.begun[i].Load(), f.done[i].Load(), "every change has ended")
		}
	}
	require.NoError(t, b.free())
}

// TestWrongDataIsFound: whatever way it is read. What is planted is written behind the versions' back.
func TestWrongDataIsFound(t *testing.T) {
	const at = 40
	plant := func(f *file, p place, v version) error {
		b := make([]byte, blockSize)
		p.content(v).fill(b)
		return writeAt(f.fd, b, at*blockSize)
	}
	ways := map[string]func(*thread, *file) error{
		"read":   func(t *thread, f *file) error { return t.read(reading, f, f.fd, span{at - 2, 4}) },
		"direct": func(t *thread, f *file) error { return t.read(readingDirect, f, f.direct, span{at - 2, 4}) },
		"fault":  func(t *thread, f *file) error { return t.fault(f, span{at - 2, 4}) },
		"scrub":  func(t *thread, f *file) error { return t.scrub(f) },
	}
	for class, data := range map[string]func(*file) error{
		"stale":   func(f *file) error { return plant(f, f.at(at), f.done[at].Load()-2) },
		"foreign": func(f *file) error { return plant(f, f.at(at+1), f.done[at].Load()) },
		"zeros":   func(f *file) error { return plant(f, f.at(at), 0) },
		"torn":    func(f *file) error { return writeAt(f.fd, make([]byte, 512), at*blockSize+512) },
	} {
		b := fixture(t, job{threads: 1, actions: 1})
		f := b.files[0]
		require.NoError(t, b.team[0].refill(f, span{0, f.blocks})) // a second version
		require.NoError(t, data(f))
		for via, look := range ways {
			err := run(b, func(t *thread) error { return look(t, f) })
			var fault *guest.FaultError
			require.ErrorAs(t, err, &fault, "%s by %s", class, via)
			assert.Equal(t, "corruption:"+class+":"+via, fault.Failure.Signature)
			assert.Equal(t, trial.Corruption, fault.Failure.Kind)
		}
	}
}

// TestFileThatIsTooShort: its pages are SIGBUS, and its end comes too early.
func TestFileThatIsTooShort(t *testing.T) {
	b := fixture(t, job{threads: 1, actions: 1})
	f := b.files[0]
	require.NoError(t, unix.Ftruncate(f.fd, 40*blockSize))
	err := run(b, func(t *thread) error { return t.fault(f, span{38, 4}) })
	require.ErrorIs(t, err, unix.EIO)
	require.ErrorContains(t, err, "block 40: SIGBUS")
	err = run(b, func(t *thread) error { return t.read(reading, f, f.fd, span{38, 4}) })
	require.ErrorContains(t, err, "ends before block 40")
	require.ErrorContains(t, run(b, func(t *thread) error { return t.store(f, span{39, 2}) }), "SIGBUS")
}

// TestReadsMeetChanges: what changes while it is read is neither taken for wrong nor left unlooked at.
func TestReadsMeetChanges(t *testing.T) {
	b := fixture(t, job{threads: 1, actions: 1})
	f, s := b.files[0], span{10, 1}
	data, lows := make([]byte, blockSize), f.lows(s, nil)
	low := lows[0]
	f.begin(s, nextData)
	content := func(v version) []byte { f.at(10).content(v).fill(data); return data }
	require.NoError(t, f.check("read", s, content(low), blockSize, lows))
	require.NoError(t, f.check("read", s, content(nextData(low)), blockSize, lows))
	require.NoError(t, f.check("read", s, data, 0, lows), "it may be cut")
	require.ErrorContains(t, f.check("read", s, content(nextHole(low)), blockSize, lows), "returns zeros", "nobody made a hole")
	require.ErrorContains(t, f.check("read", s, content(nextData(nextData(low))), blockSize, lows), "instead of")
}

// TestThreadWithoutProgress is a thread whose action never ends.
func TestThreadWithoutProgress(t *testing.T) {
	b := fixture(t, job{threads: 2, actions: 1})
	b.patience = 300 * time.Millisecond
	var pipe [2]int
	require.NoError(t, unix.Pipe2(pipe[:], unix.O_CLOEXEC))
	err := run(b, func(t *thread) error {
		if t.n == 0 {
			return nil
		}
		return t.do(reading, func() error { _, err := unix.Read(pipe[0], make([]byte, 1)); return err })
	})
	var stuck *guest.StuckError
	require.ErrorAs(t, err, &stuck)
	assert.Contains(t, stuck.Text, "thread 1 of 2: read not done after")
	assert.Equal(t, "S", stuck.Task.State)
	assert.True(t, b.stopped())
	require.NoError(t, unix.Close(pipe[1]))
	<-b.ended
}

// TestOneFailureEndsTheBout: the others do not go on to their last action.
func TestOneFailureEndsTheBout(t *testing.T) {
	b := fixture(t, job{threads: 3, actions: 1 << 30})
	broken := errors.New("broken")
	err := run(b, func(t *thread) error {
		if t.n == 2 {
			return broken
		}
		return t.repeat(func() error { return t.act(reading) })
	})
	require.ErrorIs(t, err, broken)
}

// TestFailureDoesNotWaitForWhatHangs: the first failure is reported, not the thread that hangs with it.
func TestFailureDoesNotWaitForWhatHangs(t *testing.T) {
	b := fixture(t, job{threads: 2, actions: 1})
	broken := errors.New("broken")
	var pipe [2]int
	require.NoError(t, unix.Pipe2(pipe[:], unix.O_CLOEXEC))
	start := time.Now()
	err := run(b, func(t *thread) error {
		if t.n == 0 {
			return broken
		}
		return t.do(reading, func() error { _, err := unix.Read(pipe[0], make([]byte, 1)); return err })
	})
	require.ErrorIs(t, err, broken)
	assert.Less(t, time.Since(start), b.patience/2)
	require.NoError(t, unix.Close(pipe[1]))
	<-b.ended
}

func TestFullDiskIsNotTheKernels(t *testing.T) {
	require.ErrorIs(t, full(unix.ENOSPC), guest.ErrScenario)
	require.ErrorContains(t, full(unix.ENOSPC), "--set disk=")
	require.NotErrorIs(t, full(unix.EIO), guest.ErrScenario)
	require.NoError(t, full(nil))
}

func TestWeights(t *testing.T) {
	sum := 0
	for c, n := range weights {
		assert.Positive(t, n, class(c).String())
		sum += n
	}
	assert.Equal(t, 100, sum)
}
