package vmimages

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRelease: what is released goes at once, with its initramfs, and nothing else does.
func TestRelease(t *testing.T) {
	a := fakeKernels(t)
	r := fakeResolver(t, t.TempDir(), a)
	agent := filepath.Join(t.TempDir(), "agent")
	require.NoError(t, os.WriteFile(agent, []byte("agent"), 0o755))
	entries := map[string][]string{}
	kernels := map[string]Kernel{}
	for _, ref := range []string{"debian:newest", "debian:6.1.0-50"} {
		k, err := r.Resolve(t.Context(), ref)
		require.NoError(t, err)
		initramfs, err := r.cache.Initramfs(k, InitramfsSpec{Agent: agent})
		require.NoError(t, err)
		kernels[ref], entries[ref] = k, []string{filepath.Dir(k.Image), initramfs}
	}
	before, err := r.cache.Trim(0)
	require.NoError(t, err)
	assert.Empty(t, before.Removed)

	r.cache.Release(kernels["debian:newest"])
	r.cache.Release(kernels["debian:newest"]) // once more is no harm
	after, err := r.cache.Trim(0)
	require.NoError(t, err)
	assert.Len(t, after.Removed, 2)
	for _, path := range entries["debian:newest"] {
		assert.False(t, exists(path), path)
	}
	for _, path := range entries["debian:6.1.0-50"] {
		assert.True(t, exists(path), path)
	}

	_, err = r.Resolve(t.Context(), "debian:newest")
	require.NoError(t, err)
	again, err := r.cache.Trim(0)
	require.NoError(t, err)
	assert.Empty(t, again.Removed, "in use again")
}

// TestReleaseSharedKernel: another Cache's use counts.
func TestReleaseSharedKernel(t *testing.T) {
	c := trimCache(t, map[string]int{"kernels/k": 9})
	other, err := OpenCache(c.dir)
	require.NoError(t, err)
	entry := filepath.Join(c.dir, "kernels", "k")
	c.use(entry, entry)
	other.use(entry, entry)
	k := Kernel{Image: filepath.Join(entry, "vmlinuz")}
	c.Release(k)
	held, err := c.Trim(0)
	require.NoError(t, err)
	assert.Empty(t, held.Removed)
	other.Release(k)
	gone, err := c.Trim(0)
	require.NoError(t, err)
	assert.Equal(t, []string{"kernels/k"}, removed(gone))
}
