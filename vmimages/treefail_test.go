package vmimages

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTreeRefused(t *testing.T) {
	dir := fakeRepository(t)
	r, _ := treeResolver(t, &fakeArchive{})
	plain, empty, other := t.TempDir(), t.TempDir(), t.TempDir()
	fakeTree(t, plain)
	noArch := t.TempDir()
	require.NoError(t, writeTree(noArch, map[string][]byte{"Makefile": nil, "Kconfig": nil}))
	git(t, empty, "init", "--quiet")
	require.NoError(t, os.WriteFile(filepath.Join(other, "Makefile"), nil, 0o644))
	git(t, other, "init", "--quiet")
	commit(t, other, "no kernel")
	for ref, want := range map[string]string{
		"git:" + dir + "@nothing":         "has no revision \"nothing\"",
		"git:" + dir + "@HEAD,kasna":      "the options are debugvm, kasan",
		"git:" + dir + "@--help":          "has no revision",
		"git:" + dir + "@HEAD:mm":         "has no revision",
		"git:" + empty + "@HEAD":          "has no revision",
		"git:" + plain + "@HEAD":          "no git repository; source:PATH takes any folder",
		"git:" + plain + "/none@v1":       "no folder \"" + plain + "/none\" before the @",
		"git:" + other + "@HEAD":          "is no Linux source tree: it lacks Makefile, Kconfig or arch/x86",
		"source:" + noArch:                "is no Linux source tree: it lacks Makefile, Kconfig or arch/x86",
		"source:" + other:                 "is no Linux source tree",
		"source:" + t.TempDir():           "is no Linux source tree: it lacks Makefile",
		"source:" + plain + "/none":       "no such file",
		"source:" + plain + "/Makefile":   "is no folder",
		"patch:source:" + plain + ",none": "no such file",
	} {
		_, err := r.Resolve(t.Context(), ref)
		var refErr *RefError
		require.ErrorAs(t, err, &refErr, ref)
		assert.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "\n")
		assert.NotContains(t, err.Error(), "exit status")
		var patchErr *PatchError
		assert.NotErrorAs(t, err, &patchErr, "nothing was tried")
	}
	for _, folder := range []string{"kernels", "trees"} {
		left, err := os.ReadDir(filepath.Join(r.cache.dir, folder))
		require.NoError(t, err)
		assert.Empty(t, left, folder)
	}
}

// TestTreeDoesNotBuild: the error shows where; nothing is left; and the next tree builds on.
func TestTreeDoesNotBuild(t *testing.T) {
	dir := fakeRepository(t)
	r, steps := treeResolver(t, &fakeArchive{})
	good, err := r.Resolve(t.Context(), "source:"+dir)
	require.NoError(t, err)
	broken := "int a(void)\n{\n\treturn nowhere;\n}\nint c(void) { return 1 }\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "mm", "a.c"), []byte(broken), 0o644))
	commit(t, dir, "broken")
	_, err = r.Resolve(t.Context(), "git:"+dir+"@HEAD")
	var failed *TreeBuildError
	require.ErrorAs(t, err, &failed)
	assert.Regexp(t, `^mm/a\.c:3:16: error: .nowhere. undeclared`, failed.Problem)
	assert.Regexp(t, `^ +3 \| +return nowhere;\n`, failed.Context)
	assert.ErrorContains(t, err, "build kernel git:"+dir+"@")
	kernels, err := os.ReadDir(filepath.Join(r.cache.dir, "kernels"))
	require.NoError(t, err)
	assert.Len(t, kernels, 1)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "mm", "b.c"), []byte("int b;\n"), 0o644))
	git(t, dir, "checkout", "--quiet", "HEAD~1", "--", "mm/a.c")
	*steps = nil
	_, err = r.Resolve(t.Context(), "source:"+dir)
	require.NoError(t, err)
	assert.Contains(t, *steps, "mm/b.o")
	again, err := r.Resolve(t.Context(), "git:"+dir+"@HEAD~1")
	require.NoError(t, err)
	assert.Equal(t, good.Hash, again.Hash)
}

// TestToolsAreForBuilding: what was built before needs none.
func TestToolsAreForBuilding(t *testing.T) {
	dir := fakeRepository(t)
	r, _ := treeResolver(t, fakeSources(t))
	_, err := r.Resolve(t.Context(), "source:"+dir)
	require.NoError(t, err)
	r.tools = func(context.Context) error {
		return &MissingPackagesError{Missing: []string{"flex"}, Packages: []string{"flex"}}
	}
	_, err = r.Resolve(t.Context(), "git:"+dir+"@HEAD")
	require.NoError(t, err)
	for _, ref := range []string{"source:" + dir + ",kasan", "source:debian:6.1"} {
		_, err = r.Resolve(t.Context(), ref)
		require.ErrorContains(t, err, "this host lacks flex; apt-get install flex")
	}
}

func TestTreeLosesOptions(t *testing.T) {
	dir := fakeRepository(t)
	r, _ := treeResolver(t, &fakeArchive{})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "drop"), []byte("CONFIG_WIREGUARD=y\nCONFIG_MEMCG_V1=y\n"), 0o644))
	_, err := r.Resolve(t.Context(), "source:"+dir)
	var failed *TreeBuildError
	require.ErrorAs(t, err, &failed)
	assert.Contains(t, failed.Problem, "does not take CONFIG_WIREGUARD=y (fragment wireguard);", "the optional one may go")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "drop"), []byte("CONFIG_MEMCG_V1=y\n"), 0o644))
	_, err = r.Resolve(t.Context(), "source:"+dir)
	require.NoError(t, err)
}

func TestMissingPackages(t *testing.T) {
	bin := t.TempDir()
	for _, tool := range []string{"git", "gcc", "ld", "make", "bc", "perl", "gzip", "awk"} {
		require.NoError(t, os.WriteFile(filepath.Join(bin, tool), []byte("#!/bin/sh\nexit 1\n"), 0o755))
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	err := checkBuildTools(t.Context())
	var missing *MissingPackagesError
	require.ErrorAs(t, err, &missing, "a compiler that finds no header")
	assert.Contains(t, missing.Packages, "libelf-dev")

	t.Setenv("PATH", bin)
	err = checkBuildTools(t.Context())
	require.ErrorAs(t, err, &missing)
	assert.ErrorContains(t, err, "lacks flex, bison, libelf (gelf.h); apt-get install flex bison libelf-dev")
}

func TestCacheWithSpaces(t *testing.T) {
	dir := fakeRepository(t)
	r, _ := treeResolver(t, &fakeArchive{})
	r.cache = fakeResolver(t, filepath.Join(t.TempDir(), "with space"), &fakeArchive{}).cache
	_, err := r.Resolve(t.Context(), "source:"+dir)
	require.ErrorContains(t, err, "set "+CacheEnv+" to a plain path")
}

// TestForeignRepository: git does not read what belongs to another user, unless told to.
func TestForeignRepository(t *testing.T) {
	dir := fakeRepository(t)
	r, _ := treeResolver(t, &fakeArchive{})
	t.Setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1") // taken out of the environment, as all of GIT_*
	_, err := r.Resolve(t.Context(), "git:"+dir+"@HEAD")
	require.NoError(t, err)
	if os.Geteuid() != 0 {
		return // only root can give a folder away
	}
	require.NoError(t, os.Chown(filepath.Join(dir, ".git"), 12345, 12345))
	require.NoError(t, os.Chown(dir, 12345, 12345))
	t.Setenv("HOME", t.TempDir())
	_, err = r.Resolve(t.Context(), "git:"+dir+"@HEAD")
	require.ErrorContains(t, err, "git config --global --add safe.directory "+dir)
}

func TestTreeCancelled(t *testing.T) {
	dir := fakeRepository(t)
	r, _ := treeResolver(t, &fakeArchive{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := r.Resolve(ctx, "git:"+dir+"@HEAD")
	require.ErrorIs(t, err, context.Canceled)
}
