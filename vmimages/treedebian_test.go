package vmimages

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sourceDeb packs a fake tree as Debian packs a kernel's source.
func sourceDeb(t testing.TB, pkg string) []byte {
	t.Helper()
	dir := t.TempDir()
	fakeTree(t, filepath.Join(dir, pkg))
	require.NoError(t, os.WriteFile(filepath.Join(dir, pkg, ".gitignore"), []byte("/*\n"), 0o644))
	out, err := exec.Command("tar", "-C", dir, "-cJf", filepath.Join(dir, "x.tar.xz"), pkg).CombinedOutput()
	require.NoError(t, err, string(out))
	packed, err := os.ReadFile(filepath.Join(dir, "x.tar.xz"))
	require.NoError(t, err)
	return buildDeb(t, pkg, map[string][]byte{"usr/src/" + pkg + ".tar.xz": packed})
}

// fakeSources has the sources of some kernels.
func fakeSources(t testing.TB) *fakeArchive {
	t.Helper()
	stanzas, err := parsePackages(strings.NewReader(strings.Join([]string{
		stanzaText("linux-source-6.1", "6.1.176-1", ""), stanzaText("linux-source", "6.1.176-1", ""),
		stanzaText("linux-source-6.1", "6.1.192-2", ""), stanzaText("linux-source-6.12", "6.12.95-1~bpo12+1", ""),
		stanzaText("linux-source-7.2", "7.2.13-1", ""), stanzaText("linux-source-7.3", "7.3~rc7-1~exp1", ""),
	}, "\n")), keepForLadder)
	require.NoError(t, err)
	index := suiteIndex{suite: suiteInfo{"bookworm", "oldstable"}, mirror: "copy:/mirror/", stanzas: stanzas}
	return &fakeArchive{indexes: []suiteIndex{index, index}, debs: map[string][]byte{
		"linux-source-6.1": sourceDeb(t, "linux-source-6.1"),
	}}
}

func TestChooseSource(t *testing.T) {
	l := buildLadder(fakeSources(t).indexes)
	assert.Len(t, l.Sources, 5, "each once, and not the meta package")
	for what, want := range map[string]string{
		"6.1": "6.1.192-2", "6.1.176": "6.1.176-1", "6.1.176-1": "6.1.176-1", "newest": "7.2.13-1",
		"6.12": "6.12.95-1~bpo12+1", "7.3~rc7": "7.3~rc7-1~exp1",
	} {
		s, err := l.chooseSource("ref", what)
		require.NoError(t, err, what)
		assert.Equal(t, want, s.Version)
		assert.Equal(t, "copy:/mirror/pool/"+s.Package+"_"+s.Version+".deb", s.Part.URI)
	}
	_, err := l.chooseSource("ref", "5.10")
	var refErr *RefError
	require.ErrorAs(t, err, &refErr)
	assert.ErrorContains(t, err, "it has those of 6.1.192-2, 6.12.95-1~bpo12+1, 7.2.13-1, 7.3~rc7-1~exp1")
}

func TestResolveDebianSource(t *testing.T) {
	a := fakeSources(t)
	r, steps := treeResolver(t, a)
	k, err := r.Resolve(t.Context(), "source:debian:6.1")
	require.NoError(t, err)
	assert.Equal(t, "source:debian:6.1.192-2", k.Name)
	assert.Equal(t, "linux-source-6.1 6.1.192-2", k.Source.Where)
	assert.Empty(t, k.Source.Commit)
	unpacked, err := filepath.Glob(filepath.Join(r.cache.dir, "trees", "*", "unpacked"))
	require.NoError(t, err)
	assert.Empty(t, unpacked)

	*steps = nil
	_, err = r.Resolve(t.Context(), "patch:"+k.Name+","+patchFile(t, patchA))
	require.NoError(t, err)
	assert.Equal(t, []string{"mm/a.o", "arch/x86/boot/bzImage"}, *steps)
	assert.Equal(t, int32(1), a.fetches.Load(), "kept as a tree")

	r.opened, r.open = nil, func(context.Context) (archive, error) { return nil, errors.New("no network") }
	*steps = nil
	again, err := r.Resolve(t.Context(), k.Name)
	require.NoError(t, err, "an exact version that is there needs no archive")
	assert.Equal(t, k.Hash, again.Hash)
	assert.Empty(t, *steps)
	_, err = r.Resolve(t.Context(), "source:debian:6.1.176-1")
	require.ErrorContains(t, err, "no network")
}

// TestDebianSourceRefused: what cannot be had leaves nothing, and what is wrong is said before anything is fetched.
func TestDebianSourceRefused(t *testing.T) {
	a := fakeSources(t)
	r, _ := treeResolver(t, a)
	_, err := r.Resolve(t.Context(), "patch:source:debian:6.1,"+filepath.Join(t.TempDir(), "none.patch"))
	require.ErrorContains(t, err, "no such file")
	assert.Zero(t, a.fetches.Load())

	_, err = r.Resolve(t.Context(), "source:debian:7.2")
	var refErr *RefError
	require.ErrorAs(t, err, &refErr)
	assert.ErrorContains(t, err, "gone from the archive")
	left, err := os.ReadDir(filepath.Join(r.cache.dir, "trees"))
	require.NoError(t, err)
	assert.Empty(t, left)
}
