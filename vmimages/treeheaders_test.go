package vmimages

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestBuildModuleForTree: the kernel keeps what modules are built with, also when its tree moves on.
func TestBuildModuleForTree(t *testing.T) {
	dir := fakeRepository(t)
	r, _ := treeResolver(t, &fakeArchive{})
	k, err := r.Resolve(t.Context(), "source:"+dir)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "include", "linux", "a.h"), []byte("#define A 2\n"), 0o644))
	later, err := r.Resolve(t.Context(), "source:"+dir)
	require.NoError(t, err)
	header, err := os.ReadFile(filepath.Join(k.Build, "include", "linux", "a.h"))
	require.NoError(t, err)
	assert.Equal(t, "#define A 1\n", string(header))
	header, err = os.ReadFile(filepath.Join(later.Build, "include", "linux", "a.h"))
	require.NoError(t, err)
	assert.Equal(t, "#define A 2\n", string(header))

	src := ModuleSource{Name: "m", Files: map[string][]byte{"m.c": []byte("int m;\n")}}
	m, err := r.BuildModule(t.Context(), k, src)
	require.NoError(t, err)
	assert.FileExists(t, m.Path)
	other, err := r.BuildModule(t.Context(), later, src)
	require.NoError(t, err)
	assert.Equal(t, "/lib/modules/6.1.0-test/extra/m.ko", other.GuestPath)

	require.NoError(t, os.Remove(filepath.Join(k.Build, "Module.symvers")))
	src.Name = "n"
	_, err = r.BuildModule(t.Context(), k, src)
	var missing *MissingHeadersError
	require.ErrorAs(t, err, &missing)
}

func TestCopyBuildFolder(t *testing.T) {
	src, build, dst := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "build")
	require.NoError(t, writeTree(src, map[string][]byte{
		"Makefile": nil, "include/linux/a.h": []byte("source"), "scripts/x.sh": nil, "mm/a.c": nil, "scripts/dtc/dir/x": nil,
	}))
	require.NoError(t, os.Chmod(filepath.Join(src, "scripts", "x.sh"), 0o755))
	require.NoError(t, os.Symlink("a.h", filepath.Join(src, "include", "linux", "link.h")))
	require.NoError(t, os.Symlink("dir", filepath.Join(src, "scripts", "dtc", "link")))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(src, "include", "broken.h")))
	require.NoError(t, writeTree(build, map[string][]byte{
		"Makefile": []byte("a wrapper"), ".config": nil, "include/linux/a.h": []byte("build"), "scripts/mod/modpost.o": nil,
		"scripts/mod/.modpost.cmd": nil, "scripts/mod/modpost": []byte("program"), "tools/objtool/objtool": nil, "vmlinux": nil,
	}))
	require.NoError(t, copyBuildFolder(t.Context(), dst, src, build))
	for name, want := range map[string]string{
		"Makefile": "", "include/linux/a.h": "build", "include/linux/link.h": "source", "scripts/mod/modpost": "program",
		"tools/objtool/objtool": "", ".config": "",
	} {
		got, err := os.ReadFile(filepath.Join(dst, name))
		require.NoError(t, err)
		assert.Equal(t, want, string(got), name)
	}
	for _, name := range []string{"mm/a.c", "vmlinux", "scripts/mod/modpost.o", "scripts/mod/.modpost.cmd", "include/broken.h", "scripts/dtc/link"} {
		assert.NoFileExists(t, filepath.Join(dst, name))
	}
	info, err := os.Stat(filepath.Join(dst, "scripts", "x.sh"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o755), info.Mode().Perm())
}
