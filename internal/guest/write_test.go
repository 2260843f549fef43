//go:build linux

package guest

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestWriteFileWritesWhatIsThere(t *testing.T) {
	name := filepath.Join(t.TempDir(), "memory.high")
	err := WriteFile(name, "max")
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, `write "max" to `+name)
	assert.NoFileExists(t, name, "a file that the kernel does not have is not made")

	require.NoError(t, os.WriteFile(name, nil, 0o600))
	require.NoError(t, WriteFile(name, "max"))
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, "max", string(text))
}

func TestWriteFileTellsWhatTheKernelRefused(t *testing.T) {
	err := WriteFile("/dev/full", "1")
	assert.ErrorIs(t, err, unix.ENOSPC)
	assert.ErrorContains(t, err, `write "1" to /dev/full`)
}
