package vmimages

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// Offsets in the setup header of a bzImage (Documentation/arch/x86/boot.rst).
const (
	offSetupSects    = 0x1f1
	offMagic         = 0x202
	offProtocol      = 0x206
	offKernelVersion = 0x20e
	offPayload       = 0x248
	offPayloadLength = 0x24c
	setupHeaderEnd   = 0x250

	// protocolPayload is the first boot protocol (2.08, Linux 2.6.26) that says where the payload is.
	protocolPayload = 0x0208
)

// maxVMLinux bounds an unpacked kernel; Debian's are about 60 MB, one with debug information may have 1 GB.
const maxVMLinux = 2 << 30

// bzImage is what the setup header of a compressed kernel says.
type bzImage struct {
	release string
	// payload and length place the compressed kernel in the file, in bytes.
	payload int64
	length  int64
}

var errNotBzImage = errors.New("not a bzImage (no HdrS magic)")

// parseBzImage reads the setup header of a file of size bytes.
func parseBzImage(r io.ReaderAt, size int64) (bzImage, error) {
	var head [setupHeaderEnd]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return bzImage{}, fmt.Errorf("read setup header: file is too short (%d bytes): %w", size, errNotBzImage)
	}
	le := binary.LittleEndian
	if string(head[offMagic:offMagic+4]) != "HdrS" {
		return bzImage{}, errNotBzImage
	}
	if p := le.Uint16(head[offProtocol:]); p < protocolPayload {
		return bzImage{}, fmt.Errorf("read setup header: boot protocol %d.%02d is too old, want 2.08", p>>8, p&0xff)
	}
	sectors := int64(head[offSetupSects])
	if sectors == 0 {
		sectors = 4
	}
	b := bzImage{
		payload: (sectors+1)*512 + int64(le.Uint32(head[offPayload:])),
		length:  int64(le.Uint32(head[offPayloadLength:])),
	}
	if b.length < 16 || b.payload+b.length > size {
		return bzImage{}, fmt.Errorf("read setup header: payload ends at %d of %d bytes; the file is truncated",
			b.payload+b.length, size)
	}
	b.release = kernelVersionAt(r, int64(le.Uint16(head[offKernelVersion:])))
	return b, nil
}

// kernelVersionAt reads the version string, whose place is given without the first sector. Its first word is the
// release.
func kernelVersionAt(r io.ReaderAt, at int64) string {
	if at == 0 {
		return ""
	}
	var text [256]byte
	n, _ := r.ReadAt(text[:], at+0x200)
	return firstWord(text[:n])
}

func firstWord(text []byte) string {
	if i := bytes.IndexAny(text, " \x00\n"); i >= 0 {
		text = text[:i]
	}
	return string(text)
}

// extractVMLinux unpacks the ELF kernel inside the bzImage at image to path, and checks that QEMU can enter it (PVH).
func extractVMLinux(ctx context.Context, image, path string) error {
	f, err := os.Open(image)
	if err != nil {
		return fmt.Errorf("extract vmlinux: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("extract vmlinux: %w", err)
	}
	b, err := parseBzImage(f, info.Size())
	if err != nil {
		return fmt.Errorf("extract vmlinux: %w", err)
	}
	if err := unpackPayload(ctx, io.NewSectionReader(f, b.payload, b.length), path); err != nil {
		return fmt.Errorf("extract vmlinux: %w", err)
	}
	return checkPVH(path)
}

// unpackPayload writes the unpacked payload to path. The kernel build appends the unpacked size (scripts/Makefile.lib,
// size_append), except to gzip, which ends in it by itself: so a short result is found out.
func unpackPayload(ctx context.Context, payload *io.SectionReader, path string) error {
	var tail [4]byte
	if _, err := payload.ReadAt(tail[:], payload.Size()-4); err != nil {
		return fmt.Errorf("read payload: %w", err)
	}
	want := int64(binary.LittleEndian.Uint32(tail[:]))
	if want == 0 || want > maxVMLinux {
		return fmt.Errorf("read payload: it claims to unpack to %d bytes; the image is corrupt", want)
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	packed := payload
	if kind, _ := detectCompression(peek(payload)); kind != gzipped {
		packed = io.NewSectionReader(payload, 0, payload.Size()-4)
	}
	got, err := decompress(ctx, out, packed, want)
	err = firstError(err, out.Close())
	if err != nil {
		return fmt.Errorf("unpack payload: %w", err)
	}
	if got != want {
		return fmt.Errorf("unpack payload: got %d bytes, want %d; the image is corrupt", got, want)
	}
	return nil
}
