package bundle

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Finish writes the sums and the manifest of a staged bundle into its folder, and returns the manifest with its files.
func Finish(dir string, m Manifest) (Manifest, error) {
	m.Format, m.V, m.Files = Format, Version, nil
	names, err := staged(dir)
	if err != nil {
		return m, err
	}
	var sums strings.Builder
	for _, name := range names {
		f, err := sum(dir, name)
		if err != nil {
			return m, err
		}
		fmt.Fprintf(&sums, "%s  %s\n", f.SHA256, f.Path)
		m.Files = append(m.Files, f)
	}
	if err := os.WriteFile(filepath.Join(dir, SumsFile), []byte(sums.String()), 0o644); err != nil {
		return m, fmt.Errorf("write sums: %w", err)
	}
	f, err := sum(dir, SumsFile)
	if err != nil {
		return m, err
	}
	m.Files = append(m.Files, f)
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return m, err
	}
	return m, os.WriteFile(filepath.Join(dir, ManifestFile), append(text, '\n'), 0o644)
}

// staged lists the files of a folder, but the two that Finish writes. What a bundle may not hold is an error.
func staged(dir string) (names []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		switch {
		case !d.Type().IsRegular():
			return fmt.Errorf("pack %s: it is no regular file", name)
		case !safe(name):
			return fmt.Errorf("pack %q: a bundle cannot hold such a name", name)
		}
		if name != ManifestFile && name != SumsFile {
			names = append(names, name)
		}
		return nil
	})
	slices.Sort(names)
	return names, err
}

func sum(dir, name string) (File, error) {
	in, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return File{}, err
	}
	defer in.Close()
	h := sha256.New()
	n, err := io.Copy(h, in)
	return File{Path: name, Size: n, SHA256: fmt.Sprintf("%x", h.Sum(nil))}, err
}

// Write writes a finished folder as tar.zst. All files lie in one folder named name. The same files give the same bytes:
// order, owners and times are fixed.
func Write(w io.Writer, dir, name string, m Manifest) error {
	compressed, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithWindowSize(8<<20))
	if err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	archive := tar.NewWriter(compressed)
	err = add(archive, dir, name, ManifestFile, m)
	for _, f := range m.Files {
		if err == nil {
			err = add(archive, dir, name, f.Path, m)
		}
	}
	if err := errors.Join(err, archive.Close(), compressed.Close()); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}

func add(archive *tar.Writer, dir, root, name string, m Manifest) error {
	in, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	mode := int64(0o644)
	if strings.HasSuffix(name, ".sh") {
		mode = 0o755
	}
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: root + "/" + name, Size: info.Size(), Mode: mode,
		ModTime: m.Made.UTC().Truncate(1e9), Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err = io.Copy(archive, in)
	return err
}
