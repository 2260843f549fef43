package vmimages

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readCPIO reads archives that lie one behind the other, as the kernel does (init/initramfs.c). It returns one line a
// file: mode, device, size and name.
func readCPIO(t testing.TB, data []byte) (lines []string, files map[string]string) {
	t.Helper()
	files = map[string]string{}
	at := 0
	for at < len(data) {
		if data[at] == 0 { // between archives
			at++
			continue
		}
		require.Zero(t, at%4, "header at %d", at)
		require.Equal(t, "070701", string(data[at:at+6]))
		var field [13]int
		for i := range field {
			v, err := strconv.ParseUint(string(data[at+6+8*i:at+14+8*i]), 16, 32)
			require.NoError(t, err)
			field[i] = int(v)
		}
		require.Zero(t, field[2]+field[3]+field[5], "owner and time")
		name := string(data[at+110 : at+110+field[11]-1])
		start := (at + 110 + field[11] + 3) &^ 3
		at = (start + field[6] + 3) &^ 3
		if name == "TRAILER!!!" {
			continue
		}
		files[name] = string(data[start : start+field[6]])
		lines = append(lines, fmt.Sprintf("%o %d:%d %d %s", field[1], field[9], field[10], field[6], name))
	}
	return lines, files
}

func TestWriteArchive(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, writeArchive(&out, []cpioEntry{
		{name: "z", mode: typeFile | 0o644, data: []byte("zz")},
		{name: "a/b/c", mode: typeFile | 0o755, data: []byte("12345")},
		{name: "a", mode: typeDir | 0o700}, {name: "dev/null", mode: typeChar | 0o666, major: 1, minor: 3},
	}))
	assert.Zero(t, out.Len()%archiveBlock)
	lines, files := readCPIO(t, out.Bytes())
	assert.Equal(t, []string{
		"40700 0:0 0 a", "40755 0:0 0 a/b", "100755 0:0 5 a/b/c", "40755 0:0 0 dev", "20666 1:3 0 dev/null", "100644 0:0 2 z",
	}, lines)
	assert.Equal(t, "12345", files["a/b/c"])
}

func TestWriteArchiveRefuses(t *testing.T) {
	for name, entries := range map[string][]cpioEntry{
		"is there twice":       {{name: "a"}, {name: "a"}},
		"bad file name":        {{name: "/a"}},
		"bad file name \"..":   {{name: "../a"}},
		"bad file name \"\"":   {{name: ""}},
		"a file and a folder":  {{name: "a", mode: typeFile}, {name: "a/b", mode: typeFile}},
		"bad file name \"a/\"": {{name: "a/"}},
	} {
		assert.ErrorContains(t, writeArchive(io.Discard, entries), name)
	}
}

func TestAppendFile(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, AppendFile(&out, map[string][]byte{"/init": []byte("one")}))
	require.NoError(t, AppendFile(&out, map[string][]byte{
		"/etc/brink/plan.json": []byte("{}"), "/bin/x": []byte("#!/bin/sh"),
	}))
	lines, files := readCPIO(t, out.Bytes())
	assert.Equal(t, []string{
		"100644 0:0 3 init", "40755 0:0 0 bin", "100755 0:0 9 bin/x", "40755 0:0 0 etc", "40755 0:0 0 etc/brink",
		"100644 0:0 2 etc/brink/plan.json",
	}, lines)
	assert.Equal(t, "{}", files["etc/brink/plan.json"])
}

func TestInitramfs(t *testing.T) {
	k, agent := fakeModules(t), filepath.Join(t.TempDir(), "agent")
	require.NoError(t, os.WriteFile(agent, []byte("AGENT"), 0o600))
	for _, m := range []string{"net/wireguard", "lib/poly-1305", "net/udp_tunnel", "lib/base"} {
		file := filepath.Join(k.Modules, "kernel", m+".ko")
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte("module "+m), 0o644))
	}
	spec := InitramfsSpec{
		Agent: agent, Boot: []string{"udp_tunnel", "virtio_pci"}, Modules: []string{"wireguard"},
		Files: map[string][]byte{"/etc/x": []byte("x")},
	}
	build := func() (string, []byte) {
		c, err := OpenCache(t.TempDir())
		require.NoError(t, err)
		path, err := c.Initramfs(k, spec)
		require.NoError(t, err)
		again, err := c.Initramfs(k, spec)
		require.NoError(t, err)
		assert.Equal(t, path, again)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		return filepath.Base(path), data
	}
	name, data := build()
	sameName, same := build()
	assert.Equal(t, name, sameName)
	assert.True(t, bytes.Equal(data, same))

	lines, files := readCPIO(t, data)
	root := "/lib/modules/" + k.Release + "/kernel/"
	assert.Equal(t, root+"net/udp_tunnel.ko\n", files["etc/brink/modules.boot"])
	assert.Equal(t, root+"lib/base.ko\n"+root+"lib/poly-1305.ko\n"+root+"net/wireguard.ko\n",
		files["etc/brink/modules.scenario"])
	assert.Equal(t, "module net/wireguard", files[root[1:]+"net/wireguard.ko"])
	all := strings.Join(lines, "\n")
	for _, want := range []string{
		"100755 0:0 5 init", "20600 5:1 0 dev/console", "20666 1:3 0 dev/null", "40755 0:0 0 proc", "40755 0:0 0 sys",
		"41777 0:0 0 tmp", "40755 0:0 0 run", "40755 0:0 0 etc",
	} {
		assert.Contains(t, all, want)
	}

	require.NoError(t, os.WriteFile(agent, []byte("OTHER"), 0o600))
	changed, _ := build()
	assert.NotEqual(t, name, changed)

	spec.Modules = []string{"igb"}
	c, err := OpenCache(t.TempDir())
	require.NoError(t, err)
	_, err = c.Initramfs(k, spec)
	var missing *MissingModuleError
	require.ErrorAs(t, err, &missing)
}
