package vmimages

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestToolClosure(t *testing.T) {
	files, err := toolClosure("bash")
	require.NoError(t, err)
	assert.Equal(t, "/bin/bash", files[0].guest)
	var guests []string
	for _, f := range files {
		assert.FileExists(t, f.host)
		guests = append(guests, f.guest)
	}
	all := strings.Join(guests, " ")
	assert.Contains(t, all, "libc.so.6")
	assert.Contains(t, all, "ld-linux-x86-64.so.2")
}

// TestToolClosureRuns starts a program with nothing but its closure around it.
func TestToolClosureRuns(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("chroot needs root")
	}
	root := t.TempDir()
	files, err := toolClosure("bash")
	require.NoError(t, err)
	for _, f := range files {
		to := filepath.Join(root, f.guest)
		require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
		require.NoError(t, copyFile(to, f.host))
		require.NoError(t, os.Chmod(to, 0o755))
	}
	out, err := exec.Command("chroot", root, "/bin/bash", "-c", "echo alive").CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Equal(t, "alive\n", string(out))
}

func TestToolClosureRefuses(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\n"), 0o755))
	for tool, want := range map[string]string{
		"no-such-tool": "not on this host", "/no/such": "no such file", script: "only ELF programs",
	} {
		_, err := toolClosure(tool)
		require.ErrorContains(t, err, want)
	}
}
