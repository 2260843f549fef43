//go:build linux

package groups

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// create makes an empty file and returns it open.
func create(t *testing.T, name string) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), name))
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

// open opens a device.
func open(t *testing.T, name string, flag int) *os.File {
	t.Helper()
	f, err := os.OpenFile(name, flag, 0)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

// start runs a program as runIn does, with these as its files 0 and 1.
func start(t *testing.T, p program, in, out *os.File) error {
	t.Helper()
	path, err := p.install(t.TempDir(), "program")
	require.NoError(t, err)
	return run(path, &syscall.ProcAttr{Files: []uintptr{in.Fd(), out.Fd(), 2}})
}

func TestToucherEntersAndWritesOnePage(t *testing.T) {
	held, tasks := create(t, "held"), create(t, "tasks")
	for range 3 {
		require.NoError(t, start(t, toucher(), held, tasks))
	}
	info, err := held.Stat()
	require.NoError(t, err)
	assert.EqualValues(t, 3*os.Getpagesize(), info.Size(), "one after the other")
	said, err := os.ReadFile(tasks.Name())
	require.NoError(t, err)
	assert.Equal(t, "000", string(said), "what moves a thread into a cgroup of version 1")
}

func TestToucherFailsWhereItCannotEnterOrWrite(t *testing.T) {
	null, closed := open(t, os.DevNull, os.O_WRONLY), open(t, os.DevNull, os.O_RDONLY)
	assert.NoError(t, start(t, toucher(), null, null))
	assert.ErrorContains(t, start(t, toucher(), null, closed), "did not do its work", "cannot enter")
	assert.ErrorContains(t, start(t, toucher(), closed, null), "did not do its work", "cannot write")
}

func TestForkerForks(t *testing.T) {
	children := func(n uint32) int64 {
		var before, after syscall.Rusage
		tasks := create(t, "tasks")
		require.NoError(t, syscall.Getrusage(syscall.RUSAGE_CHILDREN, &before))
		require.NoError(t, start(t, forker(n), tasks, tasks))
		said, err := os.ReadFile(tasks.Name())
		require.NoError(t, err)
		assert.Equal(t, "0", string(said))
		require.NoError(t, syscall.Getrusage(syscall.RUSAGE_CHILDREN, &after))
		return after.Minflt - before.Minflt // each child takes page faults of its own
	}
	few, many := children(1), children(200)
	assert.Greater(t, many, few+150, "199 more children")
}

func TestProgramsKeepTheirCodeApart(t *testing.T) {
	long := len(toucher())
	_ = forker(7)
	assert.Len(t, toucher(), long)
	assert.Equal(t, enter, toucher()[:len(enter)])
}

func TestRunSaysWhichProgram(t *testing.T) {
	err := run(filepath.Join(t.TempDir(), "absent"), &syscall.ProcAttr{})
	assert.ErrorContains(t, err, "run absent: no such file")
}
