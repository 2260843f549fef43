package vmimages

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseTreeRef(t *testing.T) {
	for _, test := range []struct {
		ref  string
		want treeRef
		bad  string
	}{
		{ref: "git:/linux@v6.1", want: treeRef{kind: treeGit, where: "/linux@v6.1"}},
		{ref: "git:/li,nux@HEAD@{1},kasan,debugvm,kasan", want: treeRef{
			kind: treeGit, where: "/li,nux@HEAD@{1}", options: []string{"debugvm", "kasan"},
		}},
		{ref: "source:/linux", want: treeRef{kind: treeSource, where: "/linux"}},
		{ref: "source:./debian:6.1", want: treeRef{kind: treeSource, where: "./debian:6.1"}},
		{ref: "source:debian:6.12", want: treeRef{kind: treeDebian, where: "6.12"}},
		{ref: "source:debian:newest,lockdep", want: treeRef{kind: treeDebian, where: "newest", options: []string{"lockdep"}}},
		{ref: "patch:git:/linux@v6.1,a,b.patch", want: treeRef{
			kind: treeGit, where: "/linux@v6.1,a", patches: []treePatch{{file: "b.patch"}},
		}},
		{ref: "patch:patch:source:/linux,kasan,a.patch,reverse,b.patch,lockdep", want: treeRef{
			kind: treeSource, where: "/linux", options: []string{"kasan", "lockdep"},
			patches: []treePatch{{file: "a.patch", reverse: true}, {file: "b.patch"}},
		}},
		{ref: "patch:source:debian:6.1,fix.patch,reverse", want: treeRef{
			kind: treeDebian, where: "6.1", patches: []treePatch{{file: "fix.patch", reverse: true}},
		}},
		{ref: "git:/linux", bad: "no revision"},
		{ref: "git:", bad: "no path"},
		{ref: "source:", bad: "no path"},
		{ref: "source:debian:../x", bad: "is no version"},
		{ref: "patch:debian:6.1,a.patch", bad: "is no source tree"},
		{ref: "patch:git:/linux@v6.1", bad: "no patch file"},
		{ref: "patch:git:/linux@v6.1,", bad: "no patch file"},
		{ref: "patch:", bad: "no patch file"},
		{ref: "patch:patch:,a,b", bad: "is no source tree"},
	} {
		t.Run(test.ref, func(t *testing.T) {
			got, err := parseRef(test.ref)
			if test.bad != "" {
				var refErr *RefError
				require.ErrorAs(t, err, &refErr)
				assert.ErrorContains(t, err, test.bad)
				assert.NotContains(t, err.Error(), "\n")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, *got.tree)
		})
	}
}

// TestTreeName: a kernel's name is a reference to the same.
func TestTreeName(t *testing.T) {
	for _, ref := range []string{
		"git:/linux@v6.1", "source:/linux,kasan", "patch:patch:git:/l@v1,a.patch,reverse,b.patch,kasan,lockdep",
	} {
		first, err := parseRef(ref)
		require.NoError(t, err)
		name := first.tree.name(string(first.tree.kind) + ":" + first.tree.where)
		assert.Equal(t, ref, name)
	}
}

// FuzzTreeName: whatever can be read can be written, and read again.
func FuzzTreeName(f *testing.F) {
	for _, seed := range []string{"git:/l@v1,kasan", "patch:patch:source:/l,a,b,reverse,lockdep", "source:debian:6.1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		first, err := parseRef(ref)
		if err != nil || first.tree == nil {
			return
		}
		kind := string(first.tree.kind)
		if first.tree.kind == treeDebian {
			kind = "source:debian"
		}
		name := first.tree.name(kind + ":" + first.tree.where)
		again, err := parseRef(name)
		require.NoError(t, err, name)
		assert.Equal(t, first.tree, again.tree)
	})
}

func TestSplitRevision(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a@b")
	require.NoError(t, os.Mkdir(dir, 0o755))
	path, revision, ok := splitRevision(dir + "@origin/x@{1}")
	assert.True(t, ok)
	assert.Equal(t, dir, path)
	assert.Equal(t, "origin/x@{1}", revision)
	_, _, ok = splitRevision("/nowhere@v1")
	assert.False(t, ok)
	_, _, ok = splitRevision("@v1")
	assert.False(t, ok)
}
