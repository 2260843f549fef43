package vmimages

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeArchive serves packages from memory.
type fakeArchive struct {
	dir       string
	indexes   []suiteIndex
	updateErr error
	debs      map[string][]byte // by package; nil content means gone
	updates   atomic.Int32
	fetches   atomic.Int32
}

func (a *fakeArchive) root() string { return a.dir }

func (a *fakeArchive) update(context.Context) ([]suiteIndex, bool, error) {
	a.updates.Add(1)
	return a.indexes, true, a.updateErr
}

func (a *fakeArchive) fetch(_ context.Context, p Part, path string) error {
	a.fetches.Add(1)
	if a.debs[p.Package] == nil {
		return fmt.Errorf("fetch %s: %w", p.Package, errGone)
	}
	return os.WriteFile(path, a.debs[p.Package], 0o644)
}

// buildDeb packs files into a .deb.
func buildDeb(t testing.TB, pkg string, files map[string][]byte) []byte {
	t.Helper()
	root := filepath.Join(t.TempDir(), "root")
	files["DEBIAN/control"] = []byte("Package: " + pkg +
		"\nVersion: 1\nArchitecture: amd64\nMaintainer: x\nDescription: x\n")
	for name, data := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, name), data, 0o644))
	}
	out, err := exec.Command("dpkg-deb", "-Znone", "--build", root, root+".deb").CombinedOutput()
	require.NoError(t, err, string(out))
	data, err := os.ReadFile(root + ".deb")
	require.NoError(t, err)
	return data
}

// fakeKernels has a 6.1 in one package and a 7.2 in three.
func fakeKernels(t testing.TB) *fakeArchive {
	t.Helper()
	image := fakeBzImage(pack(t, "gzip", fakeVMLinux(xenNotePhys32)))
	const v6, v7 = "6.1.0-50-cloud-amd64", "7.2.13+deb14-cloud-amd64"
	return &fakeArchive{indexes: fakeIndexes(t), debs: map[string][]byte{
		"linux-image-" + v6: buildDeb(t, "linux-image-6", map[string][]byte{
			"boot/vmlinuz-" + v6: image, "boot/config-" + v6: []byte("CONFIG_PVH=y"),
			"lib/modules/" + v6 + "/modules.dep": nil,
			"usr/share/doc/x":                    []byte("x"),
		}),
		"linux-binary-" + v7: buildDeb(t, "linux-binary-7", map[string][]byte{"usr/lib/modules/" + v7 + "/vmlinuz": image}),
		"linux-modules-" + v7: buildDeb(t, "linux-modules-7", map[string][]byte{
			"usr/lib/modules/" + v7 + "/modules.dep": []byte("kernel/a.ko:\n"),
			"usr/lib/modules/" + v7 + "/kernel/a.ko": []byte("A"),
		}),
		"linux-base-" + v7: buildDeb(t, "linux-base-7", map[string][]byte{
			"usr/lib/modules/" + v7 + "/modules.builtin": nil, "usr/lib/modules/" + v7 + "/config": []byte("CONFIG_PVH=y"),
		}),
	}}
}

func fakeResolver(t testing.TB, dir string, a *fakeArchive) *Resolver {
	t.Helper()
	cache, err := OpenCache(dir)
	require.NoError(t, err)
	a.dir = filepath.Join(cache.dir, "apt")
	r := NewResolver(cache, slog.New(slog.DiscardHandler))
	r.open = func(context.Context) (archive, error) { return a, nil }
	return r
}

func TestResolve(t *testing.T) {
	a := fakeKernels(t)
	r := fakeResolver(t, t.TempDir(), a)
	k, err := r.Resolve(t.Context(), "debian:newest")
	require.NoError(t, err)
	assert.Equal(t, "debian:newest", k.Ref)
	assert.Equal(t, "debian:7.2.13+deb14/cloud-amd64", k.Name)
	assert.Equal(t, "sid", k.Suite)
	assert.Empty(t, k.VMLinuxWhy)
	assert.NoFileExists(t, filepath.Join(k.Modules, "vmlinuz"), "kept once only")
	for _, file := range []string{k.Image, k.VMLinux, k.Config, filepath.Join(k.Modules, "modules.builtin")} {
		assert.FileExists(t, file)
	}
	fetched := a.fetches.Load()
	again, err := r.Resolve(t.Context(), k.Name)
	require.NoError(t, err)
	assert.Equal(t, k.Hash, again.Hash)
	assert.Equal(t, fetched, a.fetches.Load())

	// 6.1.0-56 is in the index but gone from the pool: the next older one is taken.
	k, err = r.Resolve(t.Context(), "debian:bookworm")
	require.NoError(t, err)
	assert.Equal(t, "6.1.176-1", k.Version)
	_, err = r.Resolve(t.Context(), "debian:6.1.0-56")
	var refErr *RefError
	require.ErrorAs(t, err, &refErr)
	assert.ErrorContains(t, err, "gone from the archive")

	kernels, err := r.cache.Kernels()
	require.NoError(t, err)
	require.Len(t, kernels, 2)
	assert.Equal(t, "6.1.176-1", kernels[0].Version)
	assert.Equal(t, int32(1), a.updates.Load())
}

func TestResolveCorruptPackage(t *testing.T) {
	a := fakeKernels(t)
	deb := a.debs["linux-image-6.1.0-50-cloud-amd64"]
	r := fakeResolver(t, t.TempDir(), a)
	a.debs["linux-image-6.1.0-50-cloud-amd64"] = deb[:len(deb)/2]
	_, err := r.Resolve(t.Context(), "debian:6.1.0-50")
	require.Error(t, err)
	assert.ErrorContains(t, err, "unpack linux-image-6.1.0-50-cloud-amd64: ")
	assert.NotContains(t, err.Error(), "\n")
	left, err := os.ReadDir(filepath.Join(r.cache.dir, "kernels"))
	require.NoError(t, err)
	assert.Empty(t, left)

	a.debs["linux-image-6.1.0-50-cloud-amd64"] = deb
	_, err = r.Resolve(t.Context(), "debian:6.1.0-50")
	require.NoError(t, err)
}

// TestResolveConcurrently has many brinks, each with its own cache object, ask for one kernel.
func TestResolveConcurrently(t *testing.T) {
	a, dir := fakeKernels(t), t.TempDir()
	tmp := filepath.Join(dir, "kernels", ".linux-image-7.2.13+deb14-cloud-amd64_7.2.13-1.tmp")
	require.NoError(t, os.MkdirAll(filepath.Join(tmp, "root"), 0o755), "what a killed brink left")
	var wg sync.WaitGroup
	hashes := make([]string, 8)
	resolvers := make([]*Resolver, len(hashes))
	for i := range resolvers {
		resolvers[i] = fakeResolver(t, dir, a)
	}
	for i := range hashes {
		wg.Go(func() {
			k, err := resolvers[i].Resolve(t.Context(), "debian:newest")
			assert.NoError(t, err)
			hashes[i] = k.Hash
		})
	}
	wg.Wait()
	for _, h := range hashes {
		assert.Equal(t, hashes[0], h)
		assert.NotEmpty(t, h)
	}
	assert.Equal(t, int32(1), a.updates.Load())
	assert.Equal(t, int32(3), a.fetches.Load())
	assert.NoDirExists(t, tmp)
}

func TestLadderAge(t *testing.T) {
	a := fakeKernels(t)
	r := fakeResolver(t, t.TempDir(), a)
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	r.now = func() time.Time { return now }
	for _, step := range []struct {
		after   time.Duration
		err     error
		updates int32
	}{
		{0, nil, 1}, {time.Hour, nil, 1}, {DefaultMaxAge, nil, 2},
		{DefaultMaxAge, errors.New("no network"), 3}, // the old one is used
		{0, nil, 4}, {-time.Hour, nil, 5},
	} {
		now = now.Add(step.after)
		a.updateErr = step.err
		l, err := r.Available(t.Context())
		require.NoError(t, err)
		assert.NotEmpty(t, l)
		assert.Equal(t, step.updates, a.updates.Load())
	}
}

func TestLadderNone(t *testing.T) {
	a := fakeKernels(t)
	a.updateErr = errors.New("no network")
	_, err := fakeResolver(t, t.TempDir(), a).Resolve(t.Context(), "debian:newest")
	require.ErrorContains(t, err, "no network")
	var refErr *RefError
	assert.NotErrorAs(t, err, &refErr)
}

func TestLockGivesUp(t *testing.T) {
	c, err := OpenCache(t.TempDir())
	require.NoError(t, err)
	unlock, err := c.lock(t.Context(), "x")
	require.NoError(t, err)
	defer unlock()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err = c.lock(ctx, "x")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorContains(t, err, "held by another brink")
}

// TestDiskFull fills a real file system of 256 KiB.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("mount tmpfs: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
	a := fakeKernels(t)
	r := fakeResolver(t, dir, a)
	half := []byte(strings.Repeat("x", 100<<10))
	big := map[string][]byte{"lib/modules/x": half, "lib/modules/y": half}
	a.debs["linux-image-6.1.0-50-cloud-amd64"] = buildDeb(t, "linux-image-6", big)
	_, err := r.Resolve(t.Context(), "debian:6.1.0-50")
	require.Error(t, err)
	assert.ErrorContains(t, err, "disk full in "+dir)
	assert.ErrorContains(t, err, CacheEnv)
	assert.NotContains(t, err.Error(), "\n")
	left, err := os.ReadDir(filepath.Join(dir, "kernels"))
	require.NoError(t, err)
	assert.Empty(t, left)

	agent := filepath.Join(t.TempDir(), "agent")
	require.NoError(t, os.WriteFile(agent, make([]byte, 1<<20), 0o755))
	_, err = r.cache.Initramfs(Kernel{}, InitramfsSpec{Agent: agent})
	require.ErrorContains(t, err, "disk full in "+dir)
	assert.NotContains(t, err.Error(), "\n")
	left, err = os.ReadDir(filepath.Join(dir, "initramfs"))
	require.NoError(t, err)
	assert.Empty(t, left)
}
