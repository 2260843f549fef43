package vmimages

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// helloSource is a module in two files that uses what depends on the compiler: per-CPU variables, bugs, allocations.
func helloSource() ModuleSource {
	return ModuleSource{Name: "hello", Files: map[string][]byte{
		"Kbuild": []byte("obj-m := hello.o\nhello-y := main.o sub/more.o\n"),
		"main.c": []byte(`#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
int more(int n);
static DEFINE_PER_CPU(int, count);
static int __init hello(void)
{
	int *p = kmalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	this_cpu_inc(count);
	*p = more(this_cpu_read(count));
	WARN_ON(!*p);
	kfree(p);
	return 0;
}
module_init(hello);
MODULE_DESCRIPTION("hello");
MODULE_LICENSE("GPL");
`),
		"sub/more.c": []byte("int more(int n);\nint more(int n) { return n + 1; }\n"),
	}}
}

func TestArchiveBuildModule(t *testing.T) {
	r := requireArchive(t)
	for _, ref := range []string{"debian:5.10", "debian:6.1", "debian:6.12", "debian:newest"} {
		t.Run(ref, func(t *testing.T) {
			k, err := r.Resolve(t.Context(), ref)
			require.NoError(t, err)
			start := time.Now()
			m, err := r.BuildModule(t.Context(), k, helloSource())
			require.NoError(t, err)
			t.Logf("%s in %v", m.Path, time.Since(start))
			require.NoError(t, checkModuleRelease(m.Path, k.Release))
			log, err := os.ReadFile(filepath.Join(filepath.Dir(m.Path), "build.log"))
			require.NoError(t, err)
			assert.NotContains(t, string(log), "WARNING:")

			start = time.Now()
			again, err := r.BuildModule(t.Context(), k, helloSource())
			require.NoError(t, err)
			assert.Equal(t, m, again)
			assert.Less(t, time.Since(start), 2*time.Second, "cached")

			broken := helloSource()
			broken.Files["sub/more.c"] = []byte("int more(int n) { return m; }\n")
			_, err = r.BuildModule(t.Context(), k, broken)
			var failed *ModuleBuildError
			require.ErrorAs(t, err, &failed)
			assert.Contains(t, failed.Output, "undeclared")
		})
	}
}

// TestArchiveBuildReproducible builds a module again, in another cache, with the headers at another place.
func TestArchiveBuildReproducible(t *testing.T) {
	r := requireArchive(t)
	cache, err := OpenCache(filepath.Join(t.TempDir(), "elsewhere"))
	require.NoError(t, err)
	elsewhere := NewResolver(cache, r.log)
	elsewhere.open = r.archive
	for _, ref := range []string{"debian:5.10", "debian:newest"} {
		k, err := r.Resolve(t.Context(), ref)
		require.NoError(t, err)
		m, err := r.BuildModule(t.Context(), k, helloSource())
		require.NoError(t, err)
		other, err := elsewhere.BuildModule(t.Context(), k, helloSource())
		require.NoError(t, err)
		want, err := os.ReadFile(m.Path)
		require.NoError(t, err)
		got, err := os.ReadFile(other.Path)
		require.NoError(t, err)
		assert.NotEqual(t, m.Path, other.Path)
		assert.Equal(t, len(want), len(got))
		assert.True(t, string(want) == string(got), "the same bytes, wherever it is built")
	}
}

// TestArchiveBuildForFile builds for a kernel that was given as a file, with a packaged kernel's headers as build tree.
func TestArchiveBuildForFile(t *testing.T) {
	r := requireArchive(t)
	k, err := r.Resolve(t.Context(), "debian:6.1")
	require.NoError(t, err)
	h, err := r.headers(t.Context(), k)
	require.NoError(t, err)
	modules := filepath.Join(t.TempDir(), "lib", "modules", k.Release)
	require.NoError(t, os.MkdirAll(modules, 0o755))
	library := filepath.Join("kernel", "lib")
	require.NoError(t, os.CopyFS(filepath.Join(modules, library), os.DirFS(filepath.Join(k.Modules, library))))
	ref := "file:" + k.Image + ",modules=" + modules
	cache, err := OpenCache(t.TempDir())
	require.NoError(t, err)
	r = NewResolver(cache, r.log)
	local, err := r.Resolve(t.Context(), ref)
	require.NoError(t, err)
	_, err = r.BuildModule(t.Context(), local, helloSource())
	var missing *MissingHeadersError
	require.ErrorAs(t, err, &missing)

	require.NoError(t, os.Symlink(h.Dir, filepath.Join(modules, "build")))
	m, err := r.BuildModule(t.Context(), local, helloSource())
	require.NoError(t, err)
	assert.NoError(t, checkModuleRelease(m.Path, k.Release))
}
