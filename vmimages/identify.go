package vmimages

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// identifyKernel tells a kernel file's release and whether it is an ELF vmlinux.
func identifyKernel(path string) (release string, isELF bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", false, fmt.Errorf("read kernel: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return "", false, fmt.Errorf("read kernel: %w", err)
	}
	if !info.Mode().IsRegular() {
		return "", false, fmt.Errorf("read kernel: %s is no regular file; name a bzImage or an ELF vmlinux", path)
	}
	var magic [4]byte
	if _, err := f.ReadAt(magic[:], 0); err == nil && string(magic[:]) == elf.ELFMAG {
		release, err = elfRelease(f)
		return release, true, err
	}
	b, err := parseBzImage(f, info.Size())
	if err != nil {
		return "", false, fmt.Errorf("read kernel: %s: %w; name a bzImage or an ELF vmlinux", path, err)
	}
	if !validRelease(b.release) {
		return "", false, fmt.Errorf("read kernel: %s has no version string; the file is corrupt", path)
	}
	return b.release, false, nil
}

// validRelease says whether a release can be a folder's name.
func validRelease(release string) bool {
	return release != "" && release != "." && release != ".." && !strings.ContainsAny(release, "/\x00")
}

// elfRelease finds the banner "Linux version RELEASE (" in an ELF kernel. Format strings look alike, so what follows
// must start with a digit.
func elfRelease(r io.Reader) (string, error) {
	const banner = "Linux version "
	const chunk = 1 << 20
	buf := make([]byte, 0, chunk+512)
	for {
		n, err := io.ReadFull(r, buf[len(buf):len(buf)+chunk-len(buf)%chunk])
		buf = buf[:len(buf)+n]
		if release, ok := bannerIn(buf, banner); ok {
			return release, nil
		}
		if err != nil {
			break
		}
		keep := min(len(buf), 256)
		copy(buf, buf[len(buf)-keep:])
		buf = buf[:keep]
	}
	return "", errors.New("read kernel: no \"Linux version\" in this ELF file; name a bzImage or an ELF vmlinux")
}

func bannerIn(buf []byte, banner string) (string, bool) {
	for {
		i := bytes.Index(buf, []byte(banner))
		if i < 0 {
			return "", false
		}
		buf = buf[i+len(banner):]
		word := firstWord(buf)
		if len(word) < len(buf) && word != "" && word[0] >= '0' && word[0] <= '9' && validRelease(word) {
			return word, true
		}
	}
}
