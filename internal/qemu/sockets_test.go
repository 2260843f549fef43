package qemu

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSweepSocketsRemovesOnlyTheDead(t *testing.T) {
	child := exec.Command("true")
	require.NoError(t, child.Run())
	dead, root := child.Process.Pid, t.TempDir()
	keep := []string{fmt.Sprintf("brink-%d-1", os.Getpid()), "brink-1-1", "brink-x-1", fmt.Sprintf("brink-%d", dead),
		fmt.Sprintf("brink-%d-1-2", dead), fmt.Sprintf("other-%d-1", dead), "brink--1"}
	gone := fmt.Sprintf("brink-%d-12345", dead)
	for _, name := range append(keep, gone) {
		require.NoError(t, os.MkdirAll(filepath.Join(root, name), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(root, name, "qmp"), nil, 0o600))
	}
	SweepSockets(root)
	assert.NoDirExists(t, filepath.Join(root, gone))
	for _, name := range keep {
		assert.FileExists(t, filepath.Join(root, name, "qmp"))
	}
}

func TestSocketsArePrivate(t *testing.T) {
	root := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", root)
	l, err := listen()
	require.NoError(t, err)
	assert.Equal(t, root, filepath.Dir(l.Dir))
	for path, want := range map[string]fs.FileMode{l.Dir: 0o700 | fs.ModeDir, l.Console: 0o600 | fs.ModeSocket,
		l.Agent: 0o600 | fs.ModeSocket, l.QMP: 0o600 | fs.ModeSocket} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.Equal(t, want, info.Mode(), path)
	}
	l.close()
	assert.NoDirExists(t, l.Dir)

	t.Setenv("XDG_RUNTIME_DIR", "/no/such/folder")
	assert.Equal(t, os.TempDir(), runtimeRoot())
}

func TestAccept(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	l, err := listen()
	require.NoError(t, err)
	defer l.close()

	client, err := net.Dial("unix", l.QMP)
	require.NoError(t, err)
	defer client.Close()
	conn, err := accept(t.Context(), l.qmp, make(chan struct{}))
	require.NoError(t, err)
	conn.Close()

	died := make(chan struct{})
	close(died)
	_, err = accept(t.Context(), l.console, died)
	require.ErrorIs(t, err, errDied)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = accept(ctx, l.agent, make(chan struct{}))
	require.ErrorIs(t, err, context.Canceled)
}
