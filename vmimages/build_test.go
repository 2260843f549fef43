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

func TestGCCScript(t *testing.T) {
	dir := t.TempDir()
	gcc := filepath.Join(dir, "real gcc")
	require.NoError(t, os.WriteFile(gcc, []byte("#!/bin/sh\nfor w do echo \"$w\"; done\n"), 0o755))
	c := compiler{gcc: gcc, standIns: newerOptions()}
	path, err := c.command(dir)
	require.NoError(t, err)
	out, err := exec.Command(path, "-O2", "-fmin-function-alignment=16", "-DX=a  b", "x.c").CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Equal(t, "-O2\n-falign-functions=16\n-DX=a  b\nx.c\n", string(out))

	path, err = compiler{gcc: gcc}.command(dir)
	require.NoError(t, err)
	assert.Equal(t, gcc, path, "no script where nothing is refused")
}

func TestModuleSum(t *testing.T) {
	k, h, cc := Kernel{Hash: "k"}, kernelHeaders{ID: "h", Dir: "/a"}, compiler{version: "12"}
	src := ModuleSource{Name: "m", Files: map[string][]byte{"a": []byte("1"), "b": []byte("2")}}
	same := src.sum(k, kernelHeaders{ID: "h", Dir: "/b"}, cc)
	assert.Equal(t, same, src.sum(k, h, cc))
	seen := map[string]bool{same: true}
	for _, sum := range []string{
		src.sum(Kernel{Hash: "other"}, h, cc), src.sum(k, kernelHeaders{ID: "other"}, cc),
		src.sum(k, h, compiler{version: "13"}), ModuleSource{Name: "n", Files: src.Files}.sum(k, h, cc),
		ModuleSource{Name: "m", Files: map[string][]byte{"a": []byte("1"), "b": []byte("3")}}.sum(k, h, cc),
		ModuleSource{Name: "m", Files: map[string][]byte{"a": []byte("1")}}.sum(k, h, cc),
	} {
		assert.False(t, seen[sum])
		seen[sum] = true
	}
}

func TestModuleSourceCheck(t *testing.T) {
	for name, files := range map[string][]string{
		"":     nil,
		"a/b":  nil,
		"good": {"../x"},
		"also": {"/etc/x"},
		"-j99": nil,
	} {
		src := ModuleSource{Name: name, Files: map[string][]byte{}}
		for _, f := range files {
			src.Files[f] = nil
		}
		assert.ErrorContains(t, src.check(), "build module", name)
	}
	assert.NoError(t, ModuleSource{Name: "good-one", Files: map[string][]byte{"Kbuild": nil, "a/b.c": nil}}.check())
}

func TestLastLines(t *testing.T) {
	assert.Equal(t, "b\nc", lastLines("a\nb\nc\n", 2))
	assert.Equal(t, "a", lastLines("a", 2))
	assert.Equal(t, "", lastLines("", 2))
}

// treeKernel is a kernel with a build tree whose Makefile is makefile.
func treeKernel(t testing.TB, makefile string) Kernel {
	t.Helper()
	const release = "6.1.99"
	root := t.TempDir()
	modules, tree := filepath.Join(root, "lib", "modules", release), filepath.Join(root, "tree")
	require.NoError(t, writeTree(tree, map[string][]byte{
		"include/generated/utsrelease.h": []byte("#define UTS_RELEASE \"" + release + "\"\n"),
		"include/generated/autoconf.h":   nil, ".config": nil, "Module.symvers": nil, "Makefile": []byte(makefile),
	}))
	module := []byte("\x00vermagic=" + release + " SMP\x00")
	require.NoError(t, writeTree(modules, map[string][]byte{"kernel/a.ko": module}))
	require.NoError(t, os.Symlink(tree, filepath.Join(modules, "build")))
	ref := "file:/boot/vmlinuz,modules=" + root
	return Kernel{Ref: ref, Name: ref, Release: release}
}

func TestLocalHeaders(t *testing.T) {
	k := treeKernel(t, "")
	h, err := localHeaders(k)
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(h.Dir, ".config"))
	require.NoError(t, os.WriteFile(filepath.Join(h.Dir, ".config"), []byte("CONFIG_X=y"), 0o644))
	changed, err := localHeaders(k)
	require.NoError(t, err)
	assert.NotEqual(t, h.ID, changed.ID)

	for _, test := range []struct {
		spoil func()
		want  string
	}{
		{func() { require.NoError(t, os.Remove(filepath.Join(h.Dir, "Module.symvers"))) }, "make the kernel and its modules"},
		{func() {
			release := filepath.Join(h.Dir, "include", "generated", "utsrelease.h")
			require.NoError(t, os.WriteFile(release, []byte("#define UTS_RELEASE \"6.1.100\"\n"), 0o644))
		}, "was built for 6.1.100 meanwhile"},
		{func() { require.NoError(t, os.RemoveAll(filepath.Join(h.Dir, "include"))) }, "this is no build tree"},
		{func() { require.NoError(t, os.RemoveAll(h.Dir)) }, "modules_install links it"},
		{func() { k.Ref = "file:/boot/vmlinuz" }, "needs modules=DIR"},
	} {
		test.spoil()
		_, err := localHeaders(k)
		var missing *MissingHeadersError
		require.ErrorAs(t, err, &missing)
		assert.Contains(t, err.Error(), test.want)
		assert.NotContains(t, err.Error(), "\n")
	}
}

// TestBuildModuleFails has make fail, and make a module that is not the one that was asked for.
func TestBuildModuleFails(t *testing.T) {
	if _, err := findCompiler(t.Context()); err != nil {
		skipUnlessRequired(t, err.Error())
	}
	src := ModuleSource{Name: "m", Files: map[string][]byte{"Kbuild": []byte("obj-m := m.o\n")}}
	for makefile, want := range map[string]string{
		"modules:\n\t@seq 100; echo m.c:1: boom; false\n": "make failed:\n83\n84\n",
		"modules:\n\t@true\n":                             "the source makes no m.ko",
		"modules:\n\t@test \"$(origin V)\" = undefined && test -d $(M) && echo $(KCFLAGS); false\n": "-ffile-prefix-map=",
	} {
		t.Setenv("V", "1") // as of a surrounding make
		t.Setenv("MAKEFLAGS", "n")
		r := fakeResolver(t, t.TempDir(), &fakeArchive{})
		_, err := r.BuildModule(t.Context(), treeKernel(t, makefile), src)
		require.ErrorContains(t, err, want)
		var failed *ModuleBuildError
		if strings.Contains(want, "make failed") {
			require.ErrorAs(t, err, &failed)
			assert.Contains(t, failed.Output, "m.c:1: boom")
		}
		left, err := os.ReadDir(filepath.Join(r.cache.dir, "modules"))
		require.NoError(t, err)
		assert.Empty(t, left)
	}
	r := fakeResolver(t, filepath.Join(t.TempDir(), "with space"), &fakeArchive{})
	_, err := r.BuildModule(t.Context(), treeKernel(t, ""), src)
	require.ErrorContains(t, err, "set "+CacheEnv+" to a plain path")
}

func TestMissingTool(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := fakeResolver(t, t.TempDir(), &fakeArchive{}).BuildModule(t.Context(), Kernel{}, ModuleSource{Name: "m"})
	var missing *MissingToolError
	require.ErrorAs(t, err, &missing)
	assert.ErrorContains(t, err, "install gcc and make (`make setup`)")
}
