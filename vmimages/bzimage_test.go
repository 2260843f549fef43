package vmimages

import (
	"bytes"
	"compress/gzip"
	"context"
	"debug/elf"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeVMLinux is the smallest ELF kernel: a header, one PT_NOTE segment and a banner.
func fakeVMLinux(noteType uint32) []byte {
	var note, out bytes.Buffer
	le := binary.LittleEndian
	_ = binary.Write(&note, le, []uint32{4, 4, 25})
	note.WriteString("Xen\x00\x01\x02\x03\x04")
	_ = binary.Write(&note, le, []uint32{4, 8, noteType})
	note.WriteString("Xen\x00\x10\x00\x00\x01\x00\x00\x00\x00")
	banner := "Linux version %s\x00Linux version 6.1.0-test (builder) #1\x00" + strings.Repeat("kernel text ", 1000)
	header := elf.Header64{
		Type: 2, Machine: uint16(elf.EM_X86_64), Version: 1, Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1,
	}
	copy(header.Ident[:], elf.ELFMAG+"\x02\x01\x01")
	_ = binary.Write(&out, le, header)
	_ = binary.Write(&out, le, elf.Prog64{Type: uint32(elf.PT_NOTE), Off: 120, Filesz: uint64(note.Len())})
	out.Write(note.Bytes())
	out.WriteString(banner)
	return out.Bytes()
}

// fakeBzImage wraps a payload as the kernel's build does.
func fakeBzImage(payload []byte) []byte {
	head := make([]byte, 1024)
	le := binary.LittleEndian
	head[offSetupSects] = 1
	copy(head[offMagic:], "HdrS")
	le.PutUint16(head[offProtocol:], 0x020f)
	le.PutUint16(head[offKernelVersion:], 0x100)
	copy(head[0x300:], "6.1.0-test (builder) #1 SMP")
	le.PutUint32(head[offPayload:], 0)
	le.PutUint32(head[offPayloadLength:], uint32(len(payload)))
	return append(head, payload...)
}

func pack(t testing.TB, kind string, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	switch kind {
	case "gzip":
		w = gzip.NewWriter(&out)
	case "zstd":
		w, _ = zstd.NewWriter(&out)
	case "lz4":
		l := lz4.NewWriter(&out)
		require.NoError(t, l.Apply(lz4.LegacyOption(true)))
		w = l
	default:
		cmd := exec.Command("xz", strings.Fields(kind)[1:]...)
		cmd.Stdin = bytes.NewReader(data)
		packed, err := cmd.Output()
		require.NoError(t, err)
		return binary.LittleEndian.AppendUint32(packed, uint32(len(data)))
	}
	_, err := w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	if kind == "gzip" {
		return out.Bytes()
	}
	return binary.LittleEndian.AppendUint32(out.Bytes(), uint32(len(data)))
}

func TestExtractVMLinux(t *testing.T) {
	vmlinux := fakeVMLinux(xenNotePhys32)
	for _, kind := range []string{"gzip", "zstd", "lz4", "xz --check=crc32 --x86 --lzma2=dict=32MiB", "xz --format=lzma"} {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			image := filepath.Join(dir, "bzImage")
			payload := pack(t, kind, vmlinux)
			require.NoError(t, os.WriteFile(image, append(fakeBzImage(payload), "signature"...), 0o644))
			require.NoError(t, extractVMLinux(t.Context(), image, filepath.Join(dir, "vmlinux")))
			got, err := os.ReadFile(filepath.Join(dir, "vmlinux"))
			require.NoError(t, err)
			assert.True(t, bytes.Equal(vmlinux, got))

			damaged := bytes.Clone(payload)
			for i := 40; i < 80; i++ {
				damaged[i] ^= 0x55
			}
			require.NoError(t, os.WriteFile(image, fakeBzImage(damaged), 0o644))
			err = extractVMLinux(t.Context(), image, filepath.Join(dir, "vmlinux"))
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestExtractVMLinuxCorrupt(t *testing.T) {
	good := fakeBzImage(pack(t, "gzip", fakeVMLinux(xenNotePhys32)))
	short := bytes.Clone(good)
	binary.LittleEndian.PutUint32(short[len(short)-4:], 1<<20)
	oldProtocol := bytes.Clone(good)
	oldProtocol[offProtocol] = 4
	for want, data := range map[string][]byte{
		"too short":               []byte("#!/bin/sh"),
		"not a bzImage":           bytes.Repeat([]byte("text "), 1000),
		"the file is truncated":   good[:len(good)-10],
		"too old":                 oldProtocol,
		"unknown compression":     fakeBzImage(bytes.Repeat([]byte{1}, 64)),
		"image is corrupt":        fakeBzImage(make([]byte, 64)),
		"gzip":                    short,
		"no PVH entry point":      fakeBzImage(pack(t, "gzip", fakeVMLinux(17))),
		"check vmlinux: bad magi": fakeBzImage(pack(t, "gzip", []byte("no kernel at all"))),
	} {
		t.Run(want, func(t *testing.T) {
			image := filepath.Join(t.TempDir(), "bzImage")
			require.NoError(t, os.WriteFile(image, data, 0o644))
			err := extractVMLinux(t.Context(), image, image+".out")
			require.Error(t, err)
			assert.Contains(t, err.Error(), want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestIdentifyKernel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kernel")
	padded := append(bytes.Repeat([]byte{0}, 1<<20-300), fakeVMLinux(xenNotePhys32)...)
	copy(padded, elf.ELFMAG)
	for _, test := range []struct {
		name string
		data []byte
		elf  bool
		bad  string
	}{
		{name: "bzImage", data: fakeBzImage(pack(t, "gzip", []byte(strings.Repeat("x", 100))))},
		{name: "vmlinux", data: fakeVMLinux(xenNotePhys32), elf: true},
		{name: "banner across chunks", data: padded, elf: true},
		{name: "text", data: []byte("hello"), bad: "name a bzImage or an ELF vmlinux"},
		{name: "other ELF", data: []byte(elf.ELFMAG + "hello"), bad: "no \"Linux version\""},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(path, test.data, 0o644))
			release, isELF, err := identifyKernel(path)
			if test.bad != "" {
				require.ErrorContains(t, err, test.bad)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, "6.1.0-test", release)
			assert.Equal(t, test.elf, isELF)
		})
	}
}

func FuzzBzImage(f *testing.F) {
	f.Add(fakeBzImage(pack(f, "gzip", []byte("x"))))
	f.Add([]byte("HdrS"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := parseBzImage(bytes.NewReader(data), int64(len(data)))
		if err == nil && (b.payload < 0 || b.payload+b.length > int64(len(data))) {
			t.Fatalf("payload outside of file: %+v", b)
		}
	})
}

func FuzzNotes(f *testing.F) {
	f.Add(fakeVMLinux(xenNotePhys32)[120:200])
	f.Fuzz(func(t *testing.T, notes []byte) {
		desc, ok := findNote(notes, xenNoteName, xenNotePhys32)
		if ok && len(desc) > len(notes) {
			t.Fatal("note outside of segment")
		}
	})
}

func FuzzDecompress(f *testing.F) {
	for _, kind := range []string{"gzip", "zstd", "lz4"} {
		f.Add(pack(f, kind, []byte("some text, some text, some text")))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		src := io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data)))
		if kind, _ := detectCompression(peek(src)); kind == xzed || kind == lzmaed {
			return // those start a program
		}
		n, _ := decompress(context.Background(), io.Discard, src, 1<<20)
		if n > 1<<20 {
			t.Fatalf("%d bytes, past the limit", n)
		}
	})
}
