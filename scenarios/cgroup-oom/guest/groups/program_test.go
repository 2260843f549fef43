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

// start runs a program as a cgroup would, with in as its file 0, and returns what it wrote to file 1.
func start(t *testing.T, p program, in string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	path, err := p.install(dir, "program")
	require.NoError(t, err)
	input := filepath.Join(dir, "in")
	require.NoError(t, os.WriteFile(input, []byte(in), 0o600))
	stdin, err := os.Open(input)
	require.NoError(t, err)
	defer stdin.Close()
	stdout, err := os.Create(filepath.Join(dir, "out"))
	require.NoError(t, err)
	defer stdout.Close()
	failed := run(path, &syscall.ProcAttr{Files: []uintptr{stdin.Fd(), stdout.Fd(), 2}})
	said, err := os.ReadFile(stdout.Name())
	require.NoError(t, err)
	return string(said), failed
}

func TestToucherEntersAndReadsOnePage(t *testing.T) {
	said, err := start(t, toucher(reading), string(make([]byte, pageSize)))
	require.NoError(t, err)
	assert.Equal(t, "0", said, "what moves a thread into a cgroup of version 1")

	_, err = start(t, toucher(reading), "short")
	assert.ErrorContains(t, err, "did not do its work")
}

func TestToucherFailsWhereItCannotEnter(t *testing.T) {
	path, err := toucher(reading).install(t.TempDir(), "program")
	require.NoError(t, err)
	zero, err := os.Open("/dev/zero")
	require.NoError(t, err)
	defer zero.Close()
	err = run(path, &syscall.ProcAttr{Files: []uintptr{zero.Fd(), zero.Fd(), 2}}) // file 1 cannot be written
	assert.ErrorContains(t, err, "did not do its work")
}

func TestToucherWritesOnePage(t *testing.T) {
	dir := t.TempDir()
	path, err := toucher(writing).install(dir, "program")
	require.NoError(t, err)
	held, err := os.Create(filepath.Join(dir, "held"))
	require.NoError(t, err)
	defer held.Close()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer null.Close()
	for range 3 {
		require.NoError(t, run(path, &syscall.ProcAttr{Files: []uintptr{held.Fd(), null.Fd(), 2}}))
	}
	info, err := held.Stat()
	require.NoError(t, err)
	assert.EqualValues(t, 3*pageSize, info.Size(), "one after the other")
}

func TestForkerForks(t *testing.T) {
	children := func(n uint32) int64 {
		var before, after syscall.Rusage
		require.NoError(t, syscall.Getrusage(syscall.RUSAGE_CHILDREN, &before))
		said, err := start(t, forker(n), "")
		require.NoError(t, err)
		assert.Equal(t, "0", said)
		require.NoError(t, syscall.Getrusage(syscall.RUSAGE_CHILDREN, &after))
		return after.Minflt - before.Minflt // each child takes page faults of its own
	}
	few, many := children(1), children(200)
	assert.Greater(t, many, few+150, "199 more children")
}

func TestProgramsKeepTheirCodeApart(t *testing.T) {
	long := len(toucher(reading))
	_ = forker(7)
	assert.Len(t, toucher(reading), long)
	assert.Equal(t, enter, toucher(reading)[:len(enter)])
}

func TestRunSaysWhichProgram(t *testing.T) {
	err := run(filepath.Join(t.TempDir(), "absent"), &syscall.ProcAttr{})
	assert.ErrorContains(t, err, "run absent: no such file")
}
