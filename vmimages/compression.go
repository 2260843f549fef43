package vmimages

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// compression names how a kernel or a module is packed, as the kernel's scripts do.
type compression string

const (
	gzipped compression = "gzip"
	bzipped compression = "bzip2"
	xzed    compression = "xz"
	lzmaed  compression = "lzma"
	zstded  compression = "zstd"
	lz4ed   compression = "lz4" // the legacy frame format, the only one that the kernel knows
)

// magics are the first bytes of each compression (lib/decompress.c).
func magics() map[compression]string {
	return map[compression]string{
		gzipped: "\x1f\x8b", bzipped: "BZh", xzed: "\xfd7zXZ\x00", lzmaed: "\x5d\x00\x00",
		zstded: "\x28\xb5\x2f\xfd", lz4ed: "\x02\x21\x4c\x18",
	}
}

func detectCompression(head []byte) (compression, error) {
	for c, magic := range magics() {
		if bytes.HasPrefix(head, []byte(magic)) {
			return c, nil
		}
	}
	return "", fmt.Errorf("unknown compression (starts with % x)", head[:min(len(head), 6)])
}

func peek(r io.ReaderAt) []byte {
	var head [8]byte
	n, _ := r.ReadAt(head[:], 0)
	return head[:n]
}

// decompress unpacks src into dst, at most limit bytes, and returns how many there were.
func decompress(ctx context.Context, dst io.Writer, src *io.SectionReader, limit int64) (int64, error) {
	kind, err := detectCompression(peek(src))
	if err != nil {
		return 0, err
	}
	if kind == xzed || kind == lzmaed {
		return decompressXZ(ctx, dst, src, kind, limit)
	}
	r, closer, err := newDecompressor(kind, src)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", kind, err)
	}
	defer closer()
	got, err := io.Copy(dst, io.LimitReader(r, limit))
	if err != nil {
		return got, fmt.Errorf("%s: %w", kind, err)
	}
	return got, nil
}

func newDecompressor(kind compression, src *io.SectionReader) (io.Reader, func(), error) {
	nothing := func() {}
	switch kind {
	case gzipped:
		r, err := gzip.NewReader(src)
		return r, nothing, err
	case bzipped:
		return bzip2.NewReader(src), nothing, nil
	case lz4ed:
		return lz4.NewReader(src), nothing, nil
	case zstded:
		r, err := zstd.NewReader(src, zstd.WithDecoderMaxMemory(maxVMLinux))
		if err != nil {
			return nil, nil, err
		}
		return r, r.Close, nil
	}
	return nil, nil, fmt.Errorf("no decompressor")
}

// decompressXZ runs the xz program. Note: the pure Go xz packages lack the x86 filter (BCJ) that kernels are packed
// with, and are seven times slower.
func decompressXZ(ctx context.Context, dst io.Writer, src io.Reader, kind compression, limit int64) (int64, error) {
	xz, err := hostTool("xz", "xz-utils")
	if err != nil {
		return 0, err
	}
	out := &limitedWriter{w: dst, left: limit}
	err = pipeTool(ctx, src, out, nil, xz, "-dc", "--single-stream", "--format="+string(kind))
	if err != nil && !errors.Is(err, errPastLimit) {
		return limit - out.left, fmt.Errorf("xz: %w", err)
	}
	return limit - out.left, nil
}

var errPastLimit = errors.New("more than expected")

// limitedWriter passes on the first left bytes and then fails.
type limitedWriter struct {
	w    io.Writer
	left int64
}

func (l *limitedWriter) Write(p []byte) (int, error) {
	if int64(len(p)) > l.left {
		return 0, errPastLimit
	}
	n, err := l.w.Write(p)
	l.left -= int64(n)
	return n, err
}
