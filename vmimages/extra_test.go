package vmimages

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// builtModule is a file with what is read of a built module.
func builtModule(t testing.TB, name, release, depends string) Module {
	t.Helper()
	m := Module{
		Name: name, Path: filepath.Join(t.TempDir(), name+".ko"),
		GuestPath: "/lib/modules/" + release + "/extra/" + name + ".ko",
	}
	text := "\x7fELF\x00depends=" + depends + "\x00vermagic=" + release + " SMP\x00"
	require.NoError(t, os.WriteFile(m.Path, []byte(text), 0o644))
	return m
}

func TestInitramfsExtra(t *testing.T) {
	k, agent := fakeModules(t), filepath.Join(t.TempDir(), "agent")
	require.NoError(t, os.WriteFile(agent, []byte("AGENT"), 0o600))
	for _, m := range []string{"a", "b", "net/udp_tunnel", "lib/base"} {
		file := filepath.Join(k.Modules, "kernel", m+".ko")
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte("module "+m), 0o644))
	}
	c, err := OpenCache(t.TempDir())
	require.NoError(t, err)
	spl := builtModule(t, "spl", k.Release, "")
	spec := InitramfsSpec{
		Agent: agent, Modules: []string{"b"}, Optional: []string{"pvpanic", "udp-tunnel", "virtio_pci"},
		Extra: []Module{spl, builtModule(t, "zfs", k.Release, "spl,base")},
	}
	path, err := c.Initramfs(k, spec)
	require.NoError(t, err)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	_, files := readCPIO(t, data)
	dir := "/lib/modules/" + k.Release + "/"
	assert.Equal(t, dir+"kernel/a.ko\n"+dir+"kernel/b.ko\n"+dir+"kernel/net/udp_tunnel.ko\n"+dir+"kernel/lib/base.ko\n"+
		dir+"extra/spl.ko\n"+dir+"extra/zfs.ko\n", files[ScenarioModulesFile[1:]])
	assert.Contains(t, files[dir[1:]+"extra/zfs.ko"], "vermagic=")

	f, err := os.OpenFile(spl.Path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString("more")
	require.NoError(t, firstError(err, f.Close()))
	other, err := c.Initramfs(k, spec)
	require.NoError(t, err)
	assert.NotEqual(t, path, other, "the module's bytes count")

	spec.Extra = []Module{builtModule(t, "spl", "6.1.0-2-cloud-amd64", "")}
	_, err = c.Initramfs(k, spec)
	require.ErrorContains(t, err, "is for 6.1.0-2-cloud-amd64")
}
