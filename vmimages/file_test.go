package vmimages

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// localKernel writes a bzImage and modules of the given release, as make modules_install does.
func localKernel(t testing.TB, release string) (image, root string) {
	t.Helper()
	root = t.TempDir()
	image = filepath.Join(root, "bzImage")
	require.NoError(t, os.WriteFile(image, fakeBzImage(pack(t, "gzip", fakeVMLinux(xenNotePhys32))), 0o644))
	modules := filepath.Join(root, "lib", "modules", "6.1.0-test")
	for name, text := range map[string]string{
		"kernel/a.ko": "license=GPL\x00vermagic=" + release + " SMP\x00",
		"modules.dep": "kernel/a.ko:\n", "source": "dropped",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(modules, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(modules, name), []byte(text), 0o644))
	}
	return image, root
}

func TestImportFile(t *testing.T) {
	image, root := localKernel(t, "6.1.0-test")
	r := fakeResolver(t, t.TempDir(), &fakeArchive{})
	modules := filepath.Join(root, "lib", "modules", "6.1.0-test")
	var first Kernel
	for i, dir := range []string{root, filepath.Dir(modules), modules} {
		ref := "file:" + image + ",modules=" + dir
		k, err := r.Resolve(t.Context(), ref)
		require.NoError(t, err)
		assert.Equal(t, ref, k.Ref)
		assert.Equal(t, "6.1.0-test", k.Release)
		assert.FileExists(t, k.VMLinux)
		assert.NoFileExists(t, filepath.Join(k.Modules, "source"))
		if i == 0 {
			first = k
		}
		assert.Equal(t, first.Image, k.Image, "made once")
	}
	module := filepath.Join(modules, "kernel", "a.ko")
	require.NoError(t, os.WriteFile(module, []byte("\x00vermagic=6.1.0-test \x00other"), 0o644))
	k, err := r.Resolve(t.Context(), "file:"+image+",modules="+root)
	require.NoError(t, err)
	assert.NotEqual(t, first.Hash, k.Hash, "the content decides")

	k, err = r.Resolve(t.Context(), "file:"+image)
	require.NoError(t, err)
	assert.Empty(t, k.Modules)
}

func TestImportFileRefuses(t *testing.T) {
	image, root := localKernel(t, "6.2.0-other")
	text := filepath.Join(root, "notes.txt")
	require.NoError(t, os.WriteFile(text, []byte("hello"), 0o644))
	r := fakeResolver(t, t.TempDir(), &fakeArchive{})
	for ref, want := range map[string]string{
		"file:" + image + ",modules=" + root:        "is for 6.2.0-other, the kernel is 6.1.0-test",
		"file:" + image + ",modules=" + t.TempDir(): "no modules for 6.1.0-test",
		"file:" + root:              "no regular file",
		"file:" + root + "/missing": "no such file",
		"file:" + text:              "name a bzImage or an ELF vmlinux",
	} {
		_, err := r.Resolve(t.Context(), ref)
		var refErr *RefError
		require.ErrorAs(t, err, &refErr)
		require.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "\n")
	}
}

func TestCacheMoves(t *testing.T) {
	image, _ := localKernel(t, "6.1.0-test")
	dir := filepath.Join(t.TempDir(), "old")
	k, err := fakeResolver(t, dir, &fakeArchive{}).Resolve(t.Context(), "file:"+image)
	require.NoError(t, err)
	moved := filepath.Join(t.TempDir(), "new")
	require.NoError(t, os.Rename(dir, moved))
	t.Setenv(CacheEnv, moved)
	c, err := OpenCache("")
	require.NoError(t, err)
	kernels, err := c.Kernels()
	require.NoError(t, err)
	require.Len(t, kernels, 1)
	assert.True(t, strings.HasPrefix(kernels[0].Image, moved))
	assert.Equal(t, k.Hash, kernels[0].Hash)

	require.NoError(t, os.Remove(kernels[0].Image))
	kernels, err = c.Kernels()
	require.NoError(t, err)
	assert.Empty(t, kernels, "a damaged entry does not count")
	k, err = fakeResolver(t, moved, &fakeArchive{}).Resolve(t.Context(), "file:"+image)
	require.NoError(t, err, "and is made anew")
	assert.FileExists(t, k.Image)
}
