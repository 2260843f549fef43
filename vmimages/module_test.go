package vmimages

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeModules makes a lib/modules folder whose modules hold their own names.
func fakeModules(t testing.TB) Kernel {
	t.Helper()
	k := Kernel{Name: "debian:6.1.0-1/cloud-amd64", Release: "6.1.0-1-cloud-amd64", Hash: "h", Modules: t.TempDir()}
	for name, text := range map[string]string{
		"modules.dep": "kernel/net/wireguard.ko: kernel/lib/poly-1305.ko kernel/net/udp_tunnel.ko kernel/lib/base.ko\n" +
			"kernel/lib/poly-1305.ko: kernel/lib/base.ko\nkernel/net/udp_tunnel.ko:\nkernel/lib/base.ko:\n" +
			"kernel/fs/xfs.ko.xz: kernel/lib/libcrc32c.ko.xz\nkernel/lib/libcrc32c.ko.xz:\n" +
			"kernel/crypto/crc32c_generic.ko:\nkernel/crypto/crc32c-intel.ko:\nkernel/fs/late.ko:\n" +
			"kernel/a.ko:\nkernel/b.ko:\n../../etc/evil.ko:\n",
		"modules.softdep": "# comment\nsoftdep libcrc32c pre: crc32c no-such\nsoftdep xfs post: late\n" +
			"softdep a pre: b\nsoftdep b pre: a\nsoftdep x\n",
		"modules.alias": "alias crc32c crc32c_intel\nalias crc32c crc32c_generic\nalias fs-xfs xfs\n" +
			"alias pci:v*d* b\n",
		"modules.builtin":         "kernel/drivers/virtio/virtio_pci.ko\n",
		"modules.builtin.modinfo": "virtio_pci.alias=virtio-legacy\x00virtio_pci.license=GPL\x00",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(k.Modules, name), []byte(text), 0o644))
	}
	return k
}

func TestModuleClosure(t *testing.T) {
	k := fakeModules(t)
	for _, test := range []struct{ names, want, missing string }{
		{names: "wireguard", want: "base udp_tunnel poly_1305 wireguard"},
		{names: "udp-tunnel wireguard udp_tunnel", want: "udp_tunnel base poly_1305 wireguard"},
		{names: "xfs", want: "crc32c_generic libcrc32c xfs late"},
		{names: "fs-xfs", want: "crc32c_generic libcrc32c xfs late"},
		{names: "virtio_pci", want: ""},
		{names: "virtio-legacy", want: ""},
		{names: "a", want: "b a"},
		{names: "b", want: "a b"},
		{names: "", want: ""},
		{names: "wireguard igb", missing: "igb"},
		{names: "evil", missing: "evil"},
	} {
		t.Run(test.names, func(t *testing.T) {
			modules, err := ModuleClosure(k, strings.Fields(test.names))
			if test.missing != "" {
				var missing *MissingModuleError
				require.ErrorAs(t, err, &missing)
				assert.Equal(t, MissingModuleError{test.missing, k.Release, k.Name}, *missing)
				assert.Contains(t, err.Error(), "/amd64 flavour")
				return
			}
			require.NoError(t, err)
			var names []string
			for _, m := range modules {
				names = append(names, m.Name)
				assert.True(t, strings.HasSuffix(m.GuestPath, ".ko"), m.GuestPath)
			}
			assert.Equal(t, test.want, strings.Join(names, " "))
		})
	}
}

func TestModuleClosureWithoutModules(t *testing.T) {
	_, err := ModuleClosure(Kernel{Release: "6.1"}, []string{"a"})
	var missing *MissingModuleError
	require.ErrorAs(t, err, &missing)
}

func FuzzModuleIndex(f *testing.F) {
	f.Add("kernel/a.ko: kernel/b.ko\nkernel/b.ko: kernel/a.ko\n", "softdep a pre: b post: c\n", "alias x a\n")
	f.Fuzz(func(t *testing.T, dep, soft, alias string) {
		dir := t.TempDir()
		for name, text := range map[string]string{"modules.dep": dep, "modules.softdep": soft, "modules.alias": alias} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
		}
		modules, err := ModuleClosure(Kernel{Modules: dir, Release: "r"}, []string{"a"})
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, m := range modules {
			if seen[m.Name] || !strings.HasPrefix(m.Path, dir) || !strings.HasPrefix(m.GuestPath, "/lib/modules/r/") {
				t.Fatalf("bad module %+v", m)
			}
			seen[m.Name] = true
		}
	})
}
