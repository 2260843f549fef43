package vmimages

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// trimCache has entries of 64 KiB each, last used so many hours ago.
func trimCache(t testing.TB, hours map[string]int) *Cache {
	t.Helper()
	c, err := OpenCache(filepath.Join(t.TempDir(), "a [b]*"))
	require.NoError(t, err)
	for path := range hours {
		file := filepath.Join(path, "x")
		if filepath.Dir(path) == "initramfs" {
			file = path
		}
		require.NoError(t, writeTree(c.dir, map[string][]byte{file: make([]byte, 64<<10)}))
	}
	for path, ago := range hours {
		at := time.Now().Add(-time.Duration(ago) * time.Hour)
		require.NoError(t, os.Chtimes(filepath.Join(c.dir, path), at, at))
	}
	return c
}

func removed(t Trimmed) []string {
	var paths []string
	for _, e := range t.Removed {
		paths = append(paths, e.Path)
	}
	return paths
}

func TestTrim(t *testing.T) {
	hours := map[string]int{
		"kernels/new": 0, "kernels/old": 9, "kernels/older": 10, "headers/h": 8, "modules/m": 7, "initramfs/i.cpio": 6,
		"kernels/.dead.tmp": 30, "kernels/.making.tmp": 0,
		"debug/d": 7,
	}
	c := trimCache(t, hours)
	all, err := c.Trim(math.MaxInt64)
	require.NoError(t, err)
	assert.Empty(t, all.Removed)
	assert.Equal(t, all.Before, all.After)
	assert.GreaterOrEqual(t, all.Before, int64(7*64<<10))

	some, err := c.Trim(all.Before - 130<<10)
	require.NoError(t, err)
	assert.Equal(t, []string{"kernels/.dead.tmp", "kernels/older", "kernels/old"}[:len(some.Removed)], removed(some))
	assert.LessOrEqual(t, some.After, all.Before-130<<10)
	assert.Equal(t, all.Before, some.Before)

	rest, err := c.Trim(0)
	require.NoError(t, err)
	assert.Equal(t, "initramfs/i.cpio", removed(rest)[len(rest.Removed)-1])
	assert.Len(t, rest.Removed, 7-len(some.Removed))
	assert.DirExists(t, filepath.Join(c.dir, "kernels", "new"), "used within the hour")
	assert.DirExists(t, filepath.Join(c.dir, "kernels", ".making.tmp"))
	left, err := os.ReadDir(filepath.Join(c.dir, "kernels"))
	require.NoError(t, err)
	assert.Len(t, left, 2)
}

// TestTrimHeld: what another brink uses or makes stays, and goes when it has ended.
func TestTrimHeld(t *testing.T) {
	c := trimCache(t, map[string]int{"kernels/made": 9, "kernels/used": 9, "trees/t": 9, "trees/t/build-1": 9, "modules/m": 9})
	var unlocks []func()
	for _, name := range []string{"made", "tree-t", "use-kernels-used"} {
		unlock, err := c.lock(t.Context(), name)
		require.NoError(t, err)
		unlocks = append(unlocks, unlock)
	}
	held, err := c.Trim(0)
	require.NoError(t, err)
	assert.Equal(t, []string{"modules/m"}, removed(held))
	for _, unlock := range unlocks {
		unlock()
	}
	free, err := c.Trim(0)
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"kernels/made", "kernels/used", "trees/t/build-1", "trees/t"}, removed(free))
	assert.NoDirExists(t, filepath.Join(c.dir, "trees", "t"))
}

// TestUse: resolving a kernel renews it and holds it, for other caches in other processes too.
func TestUse(t *testing.T) {
	c := trimCache(t, map[string]int{"kernels/k": 9})
	path := filepath.Join(c.dir, "kernels", "k")
	c.use(path, path)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now(), info.ModTime(), time.Minute)
	old := time.Now().Add(-9 * time.Hour)
	require.NoError(t, os.Chtimes(path, old, old))
	other, err := OpenCache(c.dir)
	require.NoError(t, err)
	trimmed, err := other.Trim(0)
	require.NoError(t, err)
	assert.Empty(t, trimmed.Removed)
	c.use("/somewhere/else", "") // is no entry
}

// TestTrimTree: build folders go before their tree, and the tree comes back when it is wanted again.
func TestTrimTree(t *testing.T) {
	dir := fakeRepository(t)
	r, _ := treeResolver(t, &fakeArchive{})
	k, err := r.Resolve(t.Context(), "source:"+dir)
	require.NoError(t, err)
	old := time.Now().Add(-9 * time.Hour)
	for _, pattern := range []string{"trees/*", "trees/*/build-*", "kernels/*"} {
		paths, err := filepath.Glob(filepath.Join(r.cache.dir, pattern))
		require.NoError(t, err)
		require.Len(t, paths, 1)
		require.NoError(t, os.Chtimes(paths[0], old, old))
	}
	trimmed, err := r.cache.Trim(0)
	require.NoError(t, err)
	require.Len(t, trimmed.Removed, 2)
	assert.Contains(t, trimmed.Removed[0].Path, "/build-")
	assert.DirExists(t, k.Build, "the kernel is in use")
	require.NoError(t, os.RemoveAll(filepath.Dir(k.Image)))
	again, err := r.Resolve(t.Context(), "source:"+dir)
	require.NoError(t, err)
	assert.Equal(t, k.Hash, again.Hash)
}

// TestTrimStaysInside: links lead nowhere, wherever they are.
func TestTrimStaysInside(t *testing.T) {
	c := trimCache(t, map[string]int{"trees/t": 9})
	outside, old := t.TempDir(), time.Now().Add(-9*time.Hour)
	for _, name := range []string{"tree/build-1", "build-2", "debug/d", "kernel"} {
		require.NoError(t, writeTree(outside, map[string][]byte{name + "/x": make([]byte, 64<<10)}))
		require.NoError(t, os.Chtimes(filepath.Join(outside, name), old, old))
	}
	before := contents(t, outside)
	for link, to := range map[string]string{
		"trees/link": "tree", "trees/t/build-2": "build-2", "debug": "debug", "kernels/k": "kernel",
	} {
		require.NoError(t, os.Symlink(filepath.Join(outside, to), filepath.Join(c.dir, link)))
	}
	require.NoError(t, os.Chtimes(filepath.Join(c.dir, "trees", "t"), old, old))
	trimmed, err := c.Trim(0)
	require.NoError(t, err)
	assert.Equal(t, []string{"trees/t"}, removed(trimmed))
	assert.Equal(t, before, contents(t, outside))
	for _, rel := range []string{"trees/link/build-1", "debug/d", "kernels/k"} {
		gone, err := c.removeEntry(TrimmedEntry{Path: rel, changed: old})
		require.NoError(t, err)
		assert.False(t, gone, rel)
	}
	assert.Equal(t, before, contents(t, outside))
}

// TestTrimLinkedCache: the cache itself may be a link.
func TestTrimLinkedCache(t *testing.T) {
	c := trimCache(t, map[string]int{"kernels/k": 9})
	link := filepath.Join(t.TempDir(), "cache")
	require.NoError(t, os.Symlink(c.dir, link))
	linked, err := OpenCache(link)
	require.NoError(t, err)
	trimmed, err := linked.Trim(0)
	require.NoError(t, err)
	assert.Equal(t, []string{"kernels/k"}, removed(trimmed))
}
