package bundle

import (
	"archive/tar"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// maxManifest bounds a manifest, in bytes; one of a run with a thousand trials has 200 kB.
const maxManifest = 16 << 20

// maxBundle bounds what a bundle may unpack to, in bytes: a kernel, an initramfs and a record have a few hundred MB.
const maxBundle = 8 << 30

// ErrBroken says that an archive is not a whole bundle, or not the one that was packed.
var ErrBroken = errors.New("broken bundle")

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrBroken}, args...)...)
}

// Unpack takes an archive apart into dir, which is empty, and returns its manifest. Every file must be the one that the
// manifest lists; anything else (a name that leads out of dir, a link, a file too much, one missing, a changed one) is an
// ErrBroken, and dir then holds nothing to be used.
func Unpack(r io.Reader, dir string) (Manifest, error) {
	compressed, err := zstd.NewReader(r, zstd.WithDecoderMaxMemory(256<<20), zstd.WithDecoderMaxWindow(64<<20))
	if err != nil {
		return Manifest{}, broken("%v", err)
	}
	defer compressed.Close()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Manifest{}, err
	}
	defer root.Close()
	u := unpacker{archive: tar.NewReader(compressed), root: root, left: map[string]File{}}
	if err := u.manifest(); err != nil {
		return u.m, err
	}
	for {
		done, err := u.next()
		if err != nil {
			return u.m, err
		}
		if done {
			return u.m, u.complete()
		}
	}
}

type unpacker struct {
	archive *tar.Reader
	root    *os.Root
	m       Manifest
	top     string          // the folder all files are in
	left    map[string]File // listed and not yet unpacked
}

// header reads the next entry's header; io.EOF is the end of the archive.
func (u *unpacker) header() (name string, h *tar.Header, err error) {
	h, err = u.archive.Next()
	switch {
	case err == io.EOF:
		return "", nil, io.EOF
	case err != nil:
		return "", nil, broken("the archive is damaged or cut short: %v", err)
	case h.Typeflag != tar.TypeReg:
		return "", nil, broken("%q is no regular file", h.Name)
	}
	top, name, ok := strings.Cut(h.Name, "/")
	switch {
	case !ok || !safe(name) || !safe(top):
		return "", nil, broken("file name %q leads out of the bundle", h.Name)
	case u.top != "" && top != u.top:
		return "", nil, broken("%q is not in the bundle's folder", h.Name)
	}
	u.top = top
	return name, h, nil
}

// manifest reads the first file.
func (u *unpacker) manifest() error {
	name, h, err := u.header()
	switch {
	case err == io.EOF:
		return broken("the archive is empty")
	case err != nil:
		return err
	case name != ManifestFile || h.Size > maxManifest:
		return broken("it does not begin with a manifest")
	}
	text, err := io.ReadAll(io.LimitReader(u.archive, maxManifest))
	if err != nil {
		return broken("the archive is damaged or cut short: %v", err)
	}
	if u.m, err = ParseManifest(text); err != nil {
		return broken("%v", err)
	}
	total := int64(0)
	for _, f := range u.m.Files {
		if total += f.Size; f.Size > maxBundle || total > maxBundle {
			return broken("its files would take more than %d GiB", maxBundle>>30)
		}
		u.left[f.Path] = f
	}
	return u.root.WriteFile(ManifestFile, text, 0o644)
}

// next unpacks one file.
func (u *unpacker) next() (done bool, err error) {
	name, h, err := u.header()
	if err == io.EOF {
		return true, nil
	} else if err != nil {
		return false, err
	}
	f, ok := u.left[name]
	if !ok {
		return false, broken("%s is not listed in the manifest, or is there twice", name)
	}
	delete(u.left, name)
	if h.Size != f.Size {
		return false, broken("%s has %d bytes where the manifest says %d", name, h.Size, f.Size)
	}
	return false, u.write(f)
}

func (u *unpacker) write(f File) error {
	if err := u.root.MkdirAll(path.Dir(f.Path), 0o755); err != nil {
		return fmt.Errorf("unpack %s: %w", f.Path, err)
	}
	mode := os.FileMode(0o644)
	if strings.HasSuffix(f.Path, ".sh") {
		mode = 0o755
	}
	out, err := u.root.OpenFile(f.Path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return fmt.Errorf("unpack %s: %w", f.Path, err)
	}
	h := sha256.New()
	in := &source{Reader: u.archive}
	_, err = io.Copy(io.MultiWriter(out, h), in)
	err = errors.Join(err, out.Close())
	switch {
	case in.err != nil:
		return broken("%s is damaged or cut short: %v", f.Path, in.err)
	case err != nil:
		return fmt.Errorf("unpack %s: %w", f.Path, err)
	case fmt.Sprintf("%x", h.Sum(nil)) != f.SHA256:
		return broken("%s is not the file that was packed: its hash differs", f.Path)
	}
	return nil
}

// source remembers a read error, to tell a damaged archive from a full disk.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// complete checks that nothing is missing.
func (u *unpacker) complete() error {
	if len(u.left) == 0 {
		return nil
	}
	var names []string
	for name := range u.left {
		names = append(names, name)
	}
	slices.Sort(names)
	return broken("it is cut short: %s is missing%s", names[0], more(len(names)-1))
}

func more(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", and %d more", n)
}
