package symbols

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const release = "6.0.0-test"

// tool finds a program, and skips the test for want of it, or fails it where `make test` has set everything up.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("BRINK_VMTEST") == "require" {
		t.Fatal(err)
	} else if err != nil {
		t.Skip(err)
	}
	return path
}

// build compiles the C files as a kernel and as the module my_mod, into a folder like /usr/lib/debug.
func build(t testing.TB, flags ...string) (dir string) {
	t.Helper()
	gcc, dir := tool(t, "gcc"), t.TempDir()
	module := filepath.Join(dir, "lib", "modules", release, "kernel", "x", "my-mod.ko")
	require.NoError(t, os.MkdirAll(filepath.Dir(module), 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "boot"), 0o755))
	// The tree's root stands in front of the sources, as in a kernel build.
	source, err := filepath.Abs("testdata")
	require.NoError(t, err)
	common := append([]string{"-O2", "-g", "-ffreestanding", "-fno-pie", "-fno-asynchronous-unwind-tables", "-fcf-protection=none",
		"-ffile-prefix-map=" + source + "=/build/linux-6.0/drivers/test", "-nostdlib", "-no-pie"}, flags...)
	one, two := filepath.Join(source, "one.c"), filepath.Join(source, "two.c")
	for _, args := range [][]string{
		{"-Wl,-e,_start", "-Wl,--build-id=none", "-Wl,--emit-relocs", one, two, "-o", filepath.Join(dir, "boot", "vmlinux-"+release)},
		{"-r", one, two, "-o", module},
	} {
		out, err := exec.Command(gcc, append(slices.Clone(common), args...)...).CombinedOutput()
		require.NoError(t, err, string(out))
	}
	return dir
}

// sourceLine finds the line of one.c that is marked so.
func sourceLine(t testing.TB, mark string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "one.c"))
	require.NoError(t, err)
	for i, line := range strings.Split(string(text), "\n") {
		if strings.Contains(line, "/* line: "+mark+" */") {
			return fmt.Sprintf("drivers/test/one.c:%d", i+1)
		}
	}
	require.Fail(t, "no line "+mark)
	return ""
}

// object is a built file, read independently of the package.
type object struct {
	file    *elf.File
	symbols []elf.Symbol
	module  string
}

func objects(t testing.TB, dir string) []object {
	var all []object
	for path, module := range map[string]string{"boot/vmlinux-" + release: "", "lib/modules/" + release + "/kernel/x/my-mod.ko": " [my_mod]"} {
		f, err := elf.Open(filepath.Join(dir, path))
		require.NoError(t, err)
		t.Cleanup(func() { _ = f.Close() })
		symbols, err := f.Symbols()
		require.NoError(t, err)
		all = append(all, object{f, symbols, module})
	}
	return all
}

// mark reads an offset that the compiled code noted.
func (o object) mark(t testing.TB, number int) uint64 {
	t.Helper()
	data, err := o.file.Section(fmt.Sprintf(".marks%d", number)).Data()
	require.NoError(t, err)
	require.Len(t, data, 8)
	return binary.LittleEndian.Uint64(data)
}

// named returns the functions of a name, their own sizes and the distances to what follows, as the kernel prints; of a
// module only what follows in the same section, and if nothing does, the own size.
func (o object) named(name string) (own, printed []uint64) {
	for _, s := range o.symbols {
		if s.Name != name {
			continue
		}
		next := uint64(0)
		for _, n := range o.symbols {
			near := n.Section == s.Section || o.module == "" && n.Section < elf.SHN_LORESERVE
			if near && n.Value > s.Value && n.Name != "" && (next == 0 || n.Value < next) {
				next = n.Value
			}
		}
		if next == 0 {
			next = s.Value + s.Size
		}
		own, printed = append(own, s.Size), append(printed, next-s.Value)
	}
	return own, printed
}

// TestDecode: in a kernel and in a module, whatever the form of the debug information.
func TestDecode(t *testing.T) {
	for _, flags := range [][]string{{"-gdwarf-5"}, {"-gdwarf-4"}, {"-gdwarf-5", "-gz=zlib"}} {
		t.Run(strings.Join(flags, ""), func(t *testing.T) {
			dir := build(t, flags...)
			d, err := Open(dir, release)
			require.NoError(t, err)
			defer func() { assert.NoError(t, d.Close()) }()
			for _, o := range objects(t, dir) {
				checkDecoded(t, d, o)
			}
			assert.NoError(t, d.Err())
		})
	}
}

func checkDecoded(t *testing.T, d *Decoder, o object) {
	line := func(name string) string { return sourceLine(t, name) }
	at := func(function string, offset, size uint64) string {
		return fmt.Sprintf("%s+%#x/%#x%s", function, offset, size, o.module)
	}
	_, outer := o.named("outer")
	own, dies := o.named("dies")
	_, sleeper := o.named("sleeper")
	_, pairs := o.named("pair")
	require.Len(t, pairs, 2)

	deep := at("outer", o.mark(t, 0), outer[0])
	last := at("dies", own[0], dies[0])
	for text, want := range map[string]string{
		"[<0>] " + deep: "[<0>] inner " + line("inner") + " [inline]\n[<0>] middle " + line("middle") + " [inline]\n[<0>] " + deep + " " + line("outer"),
		"[    1.5] RIP: 0010:" + deep + " (end)": "[    1.5] RIP: 0010:inner " + line("inner") + " [inline]\n[    1.5] RIP: 0010:middle " +
			line("middle") + " [inline]\n[    1.5] RIP: 0010:" + deep + " " + line("outer") + " (end)",
		" ? " + at("outer", o.mark(t, 1), outer[0]): " ? " + at("outer", o.mark(t, 1), outer[0]) + " " + line("plain"),
		at("sleeper", o.mark(t, 2), sleeper[0]):     at("sleeper", o.mark(t, 2), sleeper[0]) + " " + line("sleeper"),
		last:                                        last + " " + line("dies"),
		at("pair", o.mark(t, 3), slices.Min(pairs)): at("pair", o.mark(t, 3), slices.Min(pairs)) + " " + line("pair one"),
	} {
		got, ok := d.Decode(text)
		assert.True(t, ok, text)
		assert.Equal(t, want, got)
	}
	_, twins := o.named("twin")
	require.Equal(t, twins[0], twins[1])
	for why, text := range map[string]string{
		"of another build":           at("outer", o.mark(t, 0), outer[0]+16),
		"behind the function":        at("outer", outer[0]+1, outer[0]),
		"two of the name and size":   at("twin", o.mark(t, 4), twins[0]),
		"a register is no return":    "RIP: 0010:" + last,
		"unknown function":           at("nobody", 1, 16),
		"padding before a function":  at("__pfx_outer", 16, 16),
		"another module":             "outer+0x1/0x10 [absent]",
		"data":                       at("value", 0, 4),
		"no address":                 "Call Trace:",
		"a number that is too large": "outer+0xfffffffffffffffff/0x10",
	} {
		got, ok := d.Decode(text)
		assert.False(t, ok, "%s: %s", why, got)
		assert.Equal(t, text, got)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(dir, release)
	assert.ErrorContains(t, err, dir+" has none; unpack the kernel's -dbg package there")
	write := func(name string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte("x"), 0o644))
		return path
	}
	ko := write("lib/modules/" + release + "/kernel/drivers/net/virtio-net.ko")
	separate := write("lib/modules/" + release + "/extra/zfs.ko.debug")
	write("lib/modules/other/x.ko")
	for _, name := range []string{"vmlinux", "boot/vmlinux-" + release, "lib/modules/" + release + "/vmlinux"} { // the best last
		vmlinux := write(name)
		f, err := Find(dir, release)
		require.NoError(t, err)
		assert.Equal(t, Files{vmlinux, map[string]string{"virtio_net": ko, "zfs": separate}}, f)
	}
}

// TestUnusable: a file that is no debug file is said once, and its lines are left as they are.
func TestUnusable(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, data, 0o644))
		return path
	}
	stripped := build(t, "-g0")
	for path, want := range map[string]string{
		write("text", []byte(strings.Repeat("no ELF file ", 10))): "bad magic number", write("empty", nil): "is empty", filepath.Join(dir, "absent"): "no such file",
		filepath.Join(stripped, "boot", "vmlinux-"+release): "it has no debug information",
	} {
		d := New(Files{VMLinux: path})
		for range 2 {
			_, ok := d.Decode("outer+0x1/0x10")
			assert.False(t, ok)
		}
		require.ErrorContains(t, d.Err(), want)
		assert.NotContains(t, d.Err().Error(), "\n")
	}
}

// TestBrokenFiles: a file that was cut off or has wrong bytes may give nothing, but it must not end the program.
func TestBrokenFiles(t *testing.T) {
	dir := build(t, "-gdwarf-5")
	dice := rand.New(rand.NewPCG(1, 2))
	for _, o := range objects(t, dir) {
		path := filepath.Join(dir, "boot", "vmlinux-"+release)
		if o.module != "" {
			path = filepath.Join(dir, "lib", "modules", release, "kernel", "x", "my-mod.ko")
		}
		whole, err := os.ReadFile(path)
		require.NoError(t, err)
		_, outer := o.named("outer")
		text := fmt.Sprintf("outer+%#x/%#x", o.mark(t, 0), outer[0])
		for range 60 {
			data := slices.Clone(whole)
			for range 1 + dice.IntN(20) {
				data[dice.IntN(len(data))] = byte(dice.Uint32())
			}
			if dice.IntN(4) == 0 {
				data = data[:dice.IntN(len(data))]
			}
			broken := filepath.Join(dir, "broken")
			require.NoError(t, os.WriteFile(broken, data, 0o644))
			d := New(Files{VMLinux: broken})
			_, _ = d.Decode(text)
			require.NoError(t, d.Close())
		}
	}
}

func TestRelative(t *testing.T) {
	for _, c := range [][3]string{
		{"drivers/net/wireguard/peer.c", "debian/build/build_amd64_none_cloud-amd64", "drivers/net/wireguard/peer.c"},
		{"/build/reproducible-path/linux-6.1.192/arch/x86/kernel/head_64.S", "/build/reproducible-path/linux-6.1.192/debian/build/x", "arch/x86/kernel/head_64.S"},
		{"/home/kernel/lib/linux/kernel/fork.c", "/home/kernel/lib/linux", "kernel/fork.c"},
		{"../../../mm/slub.c", "/src/linux/debian/build/x", "mm/slub.c"},
		{"./include/linux/list.h", "/src/linux", "include/linux/list.h"},
		{"/src/linux/mm/slub.c", "/tmp/out", "mm/slub.c"},
		{"/root/mod/main.c", "/root/mod", "/root/mod/main.c"},
	} {
		assert.Equal(t, c[2], relative(c[0], c[1]), c[0])
	}
}
