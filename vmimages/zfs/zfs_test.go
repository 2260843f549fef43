package zfs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/vmimages"
)

func TestFits(t *testing.T) {
	dir := t.TempDir()
	_, _, err := fits(dir)
	assert.ErrorIs(t, err, os.ErrNotExist)

	meta := filepath.Join(dir, "META")
	require.NoError(t, os.WriteFile(meta, []byte("Name:          zfs\nLinux-Maximum: 6.2\nLinux-Minimum: 3.10\n"), 0o644))
	oldest, newest, err := fits(dir)
	require.NoError(t, err)
	assert.Equal(t, "3.10", oldest)
	assert.Equal(t, "6.2", newest)

	require.NoError(t, os.WriteFile(meta, []byte("Linux-Maximum: 6.2\n"), 0o644))
	_, _, err = fits(dir)
	assert.ErrorContains(t, err, "names no Linux-Minimum")
}

func TestConfigureIsToldOfBothFolders(t *testing.T) {
	args := configure(vmimages.KernelTree{Source: "/s", Objects: "/o"})
	assert.Contains(t, args, "--with-linux=/s")
	assert.Contains(t, args, "--with-linux-obj=/o")
	assert.Contains(t, args, "--with-config=kernel")
}
