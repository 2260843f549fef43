package vmimages

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeDebugArchive lists debug packages besides.
type fakeDebugArchive struct {
	*fakeArchive
	sizes map[string]int64 // of listed packages, in bytes
}

func (a fakeDebugArchive) debugPart(_ context.Context, k Kernel) (Part, error) {
	size, ok := a.sizes[k.Package+"-dbg"]
	if !ok {
		return Part{}, fmt.Errorf("find it: %w", errGone)
	}
	return Part{Package: k.Package + "-dbg", Size: size}, nil
}

// debugKernel is a kernel of the old layout, or of the new.
func debugKernel(release string) Kernel {
	return Kernel{Name: "debian:" + release, Release: release, Package: "linux-image-" + release, Version: "1-1"}
}

const oldDebug, newDebug = "6.1.0-0-brinktest", "7.2.0+brinktest"

func fakeDebug(t testing.TB) (*Resolver, fakeDebugArchive) {
	t.Helper()
	files := func(vmlinux, release string) map[string][]byte {
		modules := "usr/lib/debug/lib/modules/" + release + "/"
		return map[string][]byte{
			vmlinux: []byte("vmlinux"), modules + "kernel/drivers/net/veth.ko": []byte("veth"),
			modules + "kernel/drivers/net/wireguard/wireguard.ko": []byte("wireguard"),
			modules + "kernel/x/virtio-net.ko":                    []byte("virtio"), "usr/share/doc/x": []byte("x"),
		}
	}
	a := fakeDebugArchive{fakeKernels(t), map[string]int64{}}
	for release, vmlinux := range map[string]string{
		oldDebug: "usr/lib/debug/boot/vmlinux-" + oldDebug, newDebug: "usr/lib/debug/lib/modules/" + newDebug + "/vmlinux",
	} {
		pkg := "linux-image-" + release + "-dbg"
		a.debs[pkg] = buildDeb(t, "linux-image-dbg", files(vmlinux, release))
		a.sizes[pkg] = int64(len(a.debs[pkg]))
	}
	r := fakeResolver(t, t.TempDir(), a.fakeArchive)
	r.open = func(context.Context) (archive, error) { return a, nil }
	return r, a
}

func TestDebug(t *testing.T) {
	r, a := fakeDebug(t)
	for release, vmlinux := range map[string]string{
		oldDebug: "boot/vmlinux-" + oldDebug, newDebug: "lib/modules/" + newDebug + "/vmlinux",
	} {
		k := debugKernel(release)
		_, ok := r.DebugAt(k)
		assert.False(t, ok)
		before := a.fetches.Load()
		dir, err := r.Debug(t.Context(), k, "wireguard")
		require.NoError(t, err)
		assert.FileExists(t, filepath.Join(dir, vmlinux))
		kernel := filepath.Join(dir, "lib", "modules", release, "kernel")
		assert.FileExists(t, filepath.Join(kernel, "drivers", "net", "wireguard", "wireguard.ko"))
		assert.NoFileExists(t, filepath.Join(kernel, "drivers", "net", "veth.ko"), "was not asked for")
		assert.NoFileExists(t, filepath.Join(dir, "part.deb"))

		again, err := r.Debug(t.Context(), k, "wireguard")
		require.NoError(t, err)
		assert.Equal(t, dir, again)
		assert.Equal(t, before+1, a.fetches.Load(), "cached")

		dir, err = r.Debug(t.Context(), k, "virtio_net", "no_such_module")
		require.NoError(t, err)
		assert.FileExists(t, filepath.Join(kernel, "x", "virtio-net.ko"))
		assert.FileExists(t, filepath.Join(kernel, "drivers", "net", "wireguard", "wireguard.ko"), "what was there stays")
		at, ok := r.DebugAt(k, "no_such_module", "wireguard")
		assert.True(t, ok, "that the package does not have it is known now")
		assert.Equal(t, dir, at)
	}
}

func TestDebugMissing(t *testing.T) {
	r, a := fakeDebug(t)
	a.sizes["linux-image-gone-dbg"] = 1
	a.sizes["linux-image-huge-dbg"] = 1 << 60
	a.sizes["linux-image-odd-dbg"] = 1
	a.debs["linux-image-odd-dbg"] = buildDeb(t, "odd", map[string][]byte{"usr/lib/debug/x": []byte("x")})
	local := debugKernel("local")
	local.Package = ""
	for want, k := range map[string]Kernel{
		"the archive no longer has linux-image-old-dbg 1-1":       debugKernel("old"),
		"linux-image-gone-dbg is listed but gone":                 debugKernel("gone"),
		"linux-image-huge-dbg has 1152921504606 MB and takes":     debugKernel("huge"),
		"linux-image-odd-dbg has no vmlinux":                      debugKernel("odd"),
		"it is no packaged kernel; the vmlinux of its build tree": local,
	} {
		_, err := r.Debug(t.Context(), k)
		var missing *MissingDebugError
		require.ErrorAs(t, err, &missing, want)
		assert.Contains(t, err.Error(), want)
		assert.NotContains(t, err.Error(), "\n")
	}
	left, err := os.ReadDir(filepath.Join(r.cache.dir, "debug"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// TestDebugInstalled: what is installed on the host is found in both layouts.
func TestDebugInstalled(t *testing.T) {
	dir := t.TempDir()
	assert.False(t, hasVMLinux(dir, "1"))
	for i, name := range vmlinuxPaths("1") {
		dir := filepath.Join(dir, fmt.Sprint(i))
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o644))
		assert.True(t, hasVMLinux(dir, "1"))
		assert.False(t, hasVMLinux(dir, "2"))
	}
}

// TestArchiveDebugPart finds the debug packages of real kernels in the archive's lists; none is fetched.
func TestArchiveDebugPart(t *testing.T) {
	r := requireArchive(t)
	for _, ref := range []string{"debian:6.1", "debian:6.12", "debian:newest"} {
		k, err := r.Resolve(t.Context(), ref)
		require.NoError(t, err)
		a, err := r.archive(t.Context())
		require.NoError(t, err)
		p, err := a.(debugArchive).debugPart(t.Context(), k)
		require.NoError(t, err, "%s %s", k.Name, k.Version)
		assert.Equal(t, k.Package+"-dbg", p.Package)
		assert.Greater(t, p.Size, int64(100e6))
		assert.Len(t, p.SHA256, 64)
		t.Logf("%s %d MB", p.URI, p.Size/1e6)
	}
	a, err := r.archive(t.Context())
	require.NoError(t, err)
	_, err = a.(debugArchive).debugPart(t.Context(), Kernel{Package: "linux-image-6.1.0-56-cloud-amd64", Version: "0"})
	assert.ErrorIs(t, err, errGone)
}
