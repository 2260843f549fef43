package bundle

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/trial"
)

func staging(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{RunFile: "#!/bin/sh\n", KernelFile: strings.Repeat("kernel", 10000), "record/trials/001/console.log": "[ 1.0] x\n", "empty": ""} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return dir
}

func packed(t *testing.T) ([]byte, Manifest) {
	t.Helper()
	dir := staging(t)
	m, err := Finish(dir, Manifest{Run: "r", Made: time.Unix(1, 5)})
	require.NoError(t, err)
	var archive bytes.Buffer
	require.NoError(t, Write(&archive, dir, "brink-r", m))
	return archive.Bytes(), m
}

func TestPackedIsUnpacked(t *testing.T) {
	archive, want := packed(t)
	dir := t.TempDir()
	got, err := Unpack(bytes.NewReader(archive), dir)
	require.NoError(t, err)
	assert.Equal(t, want.Files, got.Files)
	assert.Equal(t, "r", got.Run)
	for _, f := range want.Files {
		text, err := os.ReadFile(filepath.Join(dir, f.Path))
		require.NoError(t, err)
		assert.Equal(t, f.SHA256, fmt.Sprintf("%x", sha256.Sum256(text)), f.Path)
	}
	info, err := os.Stat(filepath.Join(dir, RunFile))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o755), info.Mode().Perm())
}

func TestSameFilesGiveTheSameBytes(t *testing.T) {
	a, _ := packed(t)
	b, _ := packed(t)
	assert.Equal(t, a, b)
}

func TestFinishTwiceIsTheSame(t *testing.T) {
	dir := staging(t)
	a, err := Finish(dir, Manifest{Run: "r"})
	require.NoError(t, err)
	b, err := Finish(dir, a)
	require.NoError(t, err)
	assert.Equal(t, a, b)
}

func TestFinishRefusesLinks(t *testing.T) {
	dir := staging(t)
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(dir, "link")))
	_, err := Finish(dir, Manifest{})
	require.ErrorContains(t, err, "link: it is no regular file")
}

func TestEveryPrefixIsRefused(t *testing.T) {
	archive, _ := packed(t)
	for n := range archive {
		_, err := Unpack(bytes.NewReader(archive[:n]), t.TempDir())
		require.ErrorIs(t, err, ErrBroken, "%d of %d bytes", n, len(archive))
	}
}

// entry is a file of a forged archive.
type entry struct {
	name string
	kind byte
	text string
}

func forged(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	z, err := zstd.NewWriter(&out)
	require.NoError(t, err)
	w := tar.NewWriter(z)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Typeflag: e.kind, Size: int64(len(e.text)), Mode: 0o777}
		if e.kind == tar.TypeSymlink {
			h.Linkname, h.Size = "/etc", 0
		}
		require.NoError(t, w.WriteHeader(h))
		if e.kind == tar.TypeReg {
			_, err := w.Write([]byte(e.text))
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	require.NoError(t, z.Close())
	return out.Bytes()
}

func manifest(files ...File) string {
	var list []string
	for _, f := range files {
		list = append(list, fmt.Sprintf(`{"path":%q,"size":%d,"sha256":%q}`, f.Path, f.Size, f.SHA256))
	}
	return `{"format":"brink.bundle","v":1,"files":[` + strings.Join(list, ",") + `]}`
}

func TestForgedBundlesAreRefused(t *testing.T) {
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte("a")))
	good := manifest(File{"a", 1, hash})
	first := entry{"b/MANIFEST.json", tar.TypeReg, good}
	for name, c := range map[string]struct {
		entries []entry
		want    string
	}{
		"empty":              {nil, "the archive is empty"},
		"no manifest":        {[]entry{{"b/a", tar.TypeReg, "a"}}, "does not begin with a manifest"},
		"not ours":           {[]entry{{"b/MANIFEST.json", tar.TypeReg, "{}"}}, "not that of a brink bundle"},
		"newer":              {[]entry{{"b/MANIFEST.json", tar.TypeReg, `{"format":"brink.bundle","v":99}`}}, "use a newer brink"},
		"no JSON":            {[]entry{{"b/MANIFEST.json", tar.TypeReg, "x"}}, "read manifest"},
		"path up":            {[]entry{first, {"b/../../a", tar.TypeReg, "a"}}, "leads out of the bundle"},
		"absolute":           {[]entry{first, {"/etc/a", tar.TypeReg, "a"}}, "leads out of the bundle"},
		"other folder":       {[]entry{first, {"c/a", tar.TypeReg, "a"}}, "not in the bundle's folder"},
		"link":               {[]entry{first, {"b/a", tar.TypeSymlink, ""}}, "no regular file"},
		"hard link":          {[]entry{first, {"b/a", tar.TypeLink, ""}}, "no regular file"},
		"folder":             {[]entry{first, {"b/a/", tar.TypeDir, ""}}, "no regular file"},
		"listed up":          {[]entry{{"b/MANIFEST.json", tar.TypeReg, manifest(File{"../a", 1, hash})}}, `"../a" leads out`},
		"listed absolute":    {[]entry{{"b/MANIFEST.json", tar.TypeReg, manifest(File{"/a", 1, hash})}}, `"/a" leads out`},
		"listed twice":       {[]entry{{"b/MANIFEST.json", tar.TypeReg, manifest(File{"a", 1, hash}, File{"a", 1, hash})}}, "listed twice"},
		"listed itself":      {[]entry{{"b/MANIFEST.json", tar.TypeReg, manifest(File{ManifestFile, 1, hash})}}, "listed twice"},
		"no hash":            {[]entry{{"b/MANIFEST.json", tar.TypeReg, manifest(File{"a", 1, ""})}}, "no size or hash"},
		"huge":               {[]entry{{"b/MANIFEST.json", tar.TypeReg, manifest(File{"a", 1 << 62, hash}, File{"c", 1 << 62, hash})}}, "would take more than 8 GiB"},
		"not listed":         {[]entry{first, {"b/c", tar.TypeReg, "a"}}, "c is not listed"},
		"there twice":        {[]entry{first, {"b/a", tar.TypeReg, "a"}, {"b/a", tar.TypeReg, "a"}}, "is there twice"},
		"missing":            {[]entry{first}, "a is missing"},
		"changed":            {[]entry{first, {"b/a", tar.TypeReg, "b"}}, "its hash differs"},
		"longer than listed": {[]entry{first, {"b/a", tar.TypeReg, "aa"}}, "has 2 bytes where the manifest says 1"},
	} {
		t.Run(name, func(t *testing.T) {
			outside := t.TempDir()
			dir := filepath.Join(outside, "in")
			require.NoError(t, os.Mkdir(dir, 0o755))
			_, err := Unpack(bytes.NewReader(forged(t, c.entries...)), dir)
			require.ErrorIs(t, err, ErrBroken)
			require.ErrorContains(t, err, c.want)
			left, err := os.ReadDir(outside)
			require.NoError(t, err)
			assert.Len(t, left, 1, "nothing was written outside")
		})
	}
	_, err := Unpack(bytes.NewReader(forged(t, first, entry{"b/a", tar.TypeReg, "a"})), t.TempDir())
	require.NoError(t, err, "the same archive, not forged")
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte("not zstd"))
	f.Add([]byte{0x28, 0xb5, 0x2f, 0xfd})
	f.Fuzz(func(t *testing.T, archive []byte) {
		if _, err := Unpack(bytes.NewReader(archive), t.TempDir()); err != nil {
			require.ErrorIs(t, err, ErrBroken)
		}
	})
}

func TestTextsFromTheGuestStayTexts(t *testing.T) {
	evil := "x\n# y `touch a` $(touch b) ' \" \x1b[31m \u202e"
	m := Manifest{Kernel: trial.Kernel{Name: evil, Release: evil, Package: evil, Version: evil}, Settings: map[string]string{"a": evil}, Machine: trial.Machine{Accel: "tcg",
		CPU: evil, MemoryMB: 128, CPUs: 1, Clock: trial.ClockWall}, Failure: Failure{Title: evil, Kind: trial.KernelError,
		Expect: Expect{Headline: []string{"*" + evil + "*"}}}, Recipe: &Recipe{Packages: []string{evil}, Version: evil}}
	for _, write := range []func(*bytes.Buffer) error{
		func(b *bytes.Buffer) error { return WriteRun(b, m) },
		func(b *bytes.Buffer) error { return WriteGet(b, m) },
		func(b *bytes.Buffer) error { return WriteReadme(b, m) },
	} {
		var text bytes.Buffer
		require.NoError(t, write(&text))
		assert.NotContains(t, text.String(), "\x1b")
		assert.NotContains(t, text.String(), "\u202e")
		for line := range strings.SplitSeq(text.String(), "\n") {
			assert.False(t, strings.HasPrefix(line, "# y"), "a text began a line of its own")
		}
	}
}
