package vmimages

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// skipUnlessRequired skips a test for want of a program, and fails it where `make test` has set everything up.
func skipUnlessRequired(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("BRINK_VMTEST") == "require" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// requireArchive gates the tests that fetch real kernels into the default cache.
func requireArchive(t *testing.T) *Resolver {
	t.Helper()
	// The same gate as internal/vmtest, which imports this package.
	if v := os.Getenv("BRINK_VMTEST"); v != "" && v != "require" {
		t.Fatalf("BRINK_VMTEST=%q: set it to require, or not at all", v)
	} else if v == "" {
		t.Skip("fetches real kernels; set BRINK_VMTEST=require")
	}
	cache, err := OpenCache("")
	require.NoError(t, err)
	return NewResolver(cache, slog.New(slog.NewTextHandler(os.Stderr, nil)))
}

// bootModules is what a guest needs to talk to the host, over PCI or MMIO.
func bootModules() []string {
	return []string{"virtio_pci", "virtio_mmio", "virtio_console"}
}

func TestArchiveKernels(t *testing.T) {
	r := requireArchive(t)
	available, err := r.Available(t.Context())
	require.NoError(t, err)
	assert.Greater(t, len(available), 20)

	for _, ref := range []string{
		"debian:5.10", "debian:6.1", "debian:6.12", "debian:newest", "debian:bookworm", "debian:bullseye", "debian:trixie",
		"debian:testing", "debian:bookworm-backports",
	} {
		t.Run(ref, func(t *testing.T) {
			start := time.Now()
			k, err := r.Resolve(t.Context(), ref)
			require.NoError(t, err)
			t.Logf("%s %s %s in %v", k.Name, k.Version, k.Suite, time.Since(start))
			assert.Equal(t, ref, k.Ref)
			assert.Empty(t, k.VMLinuxWhy)
			assert.FileExists(t, k.Image)
			assert.FileExists(t, k.VMLinux)
			assert.FileExists(t, k.Config)
			assert.FileExists(t, filepath.Join(k.Modules, "modules.dep"))

			modules, err := ModuleClosure(k, append(bootModules(), "wireguard"))
			require.NoError(t, err)
			assert.Contains(t, modules[len(modules)-1].Name, "wireguard")

			again, err := r.Resolve(t.Context(), k.Name)
			require.NoError(t, err)
			assert.Equal(t, k.Hash, again.Hash)

			start = time.Now()
			image, err := r.cache.Initramfs(k, InitramfsSpec{
				Agent: "/bin/true", Boot: bootModules(), Modules: []string{"wireguard", "xfs", "veth", "bridge"},
				Tools: []string{"ip", "bash"}, Files: map[string][]byte{"/etc/seed": []byte(t.Name() + time.Now().String())},
			})
			require.NoError(t, err)
			info, err := os.Stat(image)
			require.NoError(t, err)
			t.Logf("initramfs of %d bytes in %v", info.Size(), time.Since(start))
			assert.Less(t, time.Since(start), 2*time.Second)
			require.NoError(t, os.Remove(image))
		})
	}
}

func TestArchiveUnknown(t *testing.T) {
	r := requireArchive(t)
	for ref, want := range map[string]string{
		"debian:4.19": "nearest is debian:5.10", "debian:99.1": "nearest is debian:", "debian:warty": "it has bullseye",
	} {
		_, err := r.Resolve(t.Context(), ref)
		var refErr *RefError
		require.ErrorAs(t, err, &refErr, ref)
		assert.Contains(t, err.Error(), want)
		assert.NotContains(t, err.Error(), "\n")
		t.Log(err)
	}
}

// TestArchiveImport imports a packaged kernel again by file, with and without its index files.
func TestArchiveImport(t *testing.T) {
	r := requireArchive(t)
	k, err := r.Resolve(t.Context(), "debian:newest")
	require.NoError(t, err)
	cache, err := OpenCache(t.TempDir())
	require.NoError(t, err)
	r = NewResolver(cache, slog.New(slog.DiscardHandler))

	bare, err := r.Resolve(t.Context(), "file:"+k.Image)
	require.NoError(t, err)
	assert.Equal(t, k.Release, bare.Release)
	assert.Empty(t, bare.Modules)
	assert.FileExists(t, bare.VMLinux)

	root := strings.TrimSuffix(k.Modules, "/lib/modules/"+k.Release)
	for _, dir := range []string{k.Modules, filepath.Dir(k.Modules), root} {
		whole, err := r.Resolve(t.Context(), "file:"+k.Image+",modules="+dir)
		require.NoError(t, err)
		assert.Equal(t, k.Hash, whole.Hash)
	}
	plain := filepath.Join(t.TempDir(), "lib", "modules", k.Release)
	require.NoError(t, os.MkdirAll(filepath.Dir(plain), 0o755))
	require.NoError(t, os.CopyFS(plain, os.DirFS(k.Modules)))
	require.NoError(t, os.Remove(filepath.Join(plain, "modules.dep")))
	fromELF, err := r.Resolve(t.Context(), "file:"+k.VMLinux+",modules="+plain)
	require.NoError(t, err)
	assert.Equal(t, k.Release, fromELF.Release)
	assert.Equal(t, fromELF.Image, fromELF.VMLinux)
	_, err = ModuleClosure(fromELF, []string{"wireguard"})
	require.NoError(t, err)
}
