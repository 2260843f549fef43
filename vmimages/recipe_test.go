package vmimages

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWithin(t *testing.T) {
	for release, want := range map[string]bool{"6.1.0-56-cloud-amd64": true, "6.2.16": true, "6.3.1": false, "3.10": true, "3.9.7": false,
		"6.12.117+deb13-amd64": false, "6.1.192-brink-0123": true} {
		assert.Equal(t, want, within(upstreamOfRelease(release), "3.10", "6.2"), release)
	}
}

func TestRecipesOfTheKernelsOwnSuiteComeFirst(t *testing.T) {
	stanzas := func(versions ...string) (all []stanza) {
		for _, v := range versions {
			all = append(all, stanza{pkg: "zfs-dkms", version: v, filename: "f", sha256: "s"}, stanza{pkg: "linux-other", version: v})
		}
		return all
	}
	l := ladder{Recipes: recipesIn([]suiteIndex{
		{suite: suiteInfo{Name: "bookworm"}, stanzas: stanzas("2.1.11-1")},
		{suite: suiteInfo{Name: "trixie"}, stanzas: stanzas("2.3.2-2")},
		{suite: suiteInfo{Name: "trixie-backports"}, stanzas: stanzas("2.4.4-1~bpo13+1")},
		{suite: suiteInfo{Name: "sid"}, stanzas: stanzas("2.4.4-1")},
		{suite: suiteInfo{Name: "forky"}, stanzas: stanzas("2.4.4-1")},
	}, nil)}
	require.Len(t, l.Recipes, 4)
	versions := func(suite string) (all []string) {
		for _, c := range l.recipesFor("zfs-dkms", Kernel{Suite: suite}) {
			all = append(all, c.Version)
		}
		return all
	}
	assert.Equal(t, []string{"2.1.11-1", "2.4.4-1", "2.4.4-1~bpo13+1", "2.3.2-2"}, versions("bookworm"))
	assert.Equal(t, []string{"2.4.4-1~bpo13+1", "2.3.2-2", "2.4.4-1", "2.1.11-1"}, versions("trixie-backports"), "then those of the release itself")
	assert.Equal(t, []string{"2.4.4-1", "2.4.4-1~bpo13+1", "2.3.2-2", "2.1.11-1"}, versions(""), "a kernel of no suite: the newest")
	assert.Equal(t, []string{"sid", "forky"}, l.Recipes[3].Suites)
}

func TestMisfitSaysWhatFits(t *testing.T) {
	err := &MisfitError{"zfs", "debian:6.12", misfit("zfs-dkms", "2.1.11", []string{"2.3.2-2 (kernels 4.18 to 6.13)"}, []string{"2.1.11-1 (kernels 3.10 to 6.2)"})}
	assert.EqualError(t, err, "build zfs for debian:6.12: version 2.1.11 of zfs-dkms is not made for this kernel or not in the archive; "+
		"these are: 2.3.2-2 (kernels 4.18 to 6.13)")
	assert.Contains(t, misfit("zfs-dkms", "", nil, []string{"2.1.11-1 (kernels 3.10 to 6.2)"}), "the archive has 2.1.11-1 (kernels 3.10 to 6.2)")
	assert.Contains(t, misfit("zfs-dkms", "", nil, nil), "contrib")
}

func TestSet(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "zfs.ko"), []byte("z"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "spl.ko"), []byte("s"), 0o644))
	assert.False(t, isSet(dir))
	require.NoError(t, saveSet(dir, ModuleSet{Version: "2", License: "X"}, []string{"spl", "zavl", "zfs"}, "6.1"))
	s, err := loadSet(dir)
	require.NoError(t, err)
	require.Len(t, s.Modules, 2, "what this version does not have is left out")
	assert.Equal(t, "spl", s.Modules[0].Name)
	assert.Equal(t, filepath.Join(dir, "zfs.ko"), s.Modules[1].Path)
	assert.Equal(t, "/lib/modules/6.1/extra/zfs.ko", s.Modules[1].GuestPath)
	assert.Len(t, s.Modules[1].Hash, 64)

	require.NoError(t, os.Remove(filepath.Join(dir, "zfs.ko")))
	assert.False(t, isSet(dir), "an entry that lost a module is built again")
	assert.ErrorContains(t, saveSet(t.TempDir(), ModuleSet{}, []string{"spl"}, "6.1"), "made none of spl")
}

func TestCommonHeaders(t *testing.T) {
	dir := t.TempDir()
	objects := filepath.Join(dir, "linux-headers-6.1.0-1-amd64")
	require.NoError(t, os.MkdirAll(objects, 0o755))
	assert.Equal(t, objects, commonHeaders(objects))
	source := filepath.Join(dir, "tree")
	require.NoError(t, os.Mkdir(source, 0o755))
	require.NoError(t, os.Symlink(source, filepath.Join(objects, "source")))
	assert.Equal(t, source, commonHeaders(objects), "a build folder outside of its tree")
	common := filepath.Join(dir, "linux-headers-6.1.0-1-common")
	require.NoError(t, os.Mkdir(common, 0o755))
	assert.Equal(t, common, commonHeaders(objects))
}

// fullArchive finds no space for what it fetches.
type fullArchive struct{ *fakeArchive }

func (fullArchive) fetch(context.Context, Part, string) error { return syscall.ENOSPC }

func TestRecipeWithoutSpace(t *testing.T) {
	r := fakeResolver(t, t.TempDir(), &fakeArchive{})
	_, err := r.recipeSource(t.Context(), fullArchive{&fakeArchive{}}, Recipe{Folder: "usr/src/*"}, recipeCandidate{Package: "p", Version: "1"})
	require.ErrorIs(t, err, syscall.ENOSPC)
	assert.Equal(t, 1, strings.Count(err.Error(), "free some space"), "said once: %v", err)
	left, err := os.ReadDir(filepath.Join(r.cache.dir, "packages"))
	require.NoError(t, err)
	assert.Empty(t, left, "no half-made entry")
}

// TestProbesWithoutSpace: a configure script takes a compiler without space for a kernel that lacks something.
func TestProbesWithoutSpace(t *testing.T) {
	work := t.TempDir()
	assert.False(t, probesLackedSpace(work), "no log")
	require.NoError(t, os.Mkdir(filepath.Join(work, "build"), 0o755))
	for _, name := range []string{"config.log", "build/build.log", "build/build.log.17"} {
		path := filepath.Join(work, name)
		require.NoError(t, os.WriteFile(path, []byte("conftest.c:1: error: no member named x\n"), 0o644))
		assert.False(t, probesLackedSpace(work), name)
		require.NoError(t, os.WriteFile(path, []byte("Fatal error: can't write 8 bytes to a.o: No space left on device\n"), 0o644))
		assert.True(t, probesLackedSpace(work), name)
		require.NoError(t, os.Remove(path))
	}
}
