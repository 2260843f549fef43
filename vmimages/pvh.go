package vmimages

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	// xenNotePhys32 is the Xen ELF note that holds the 32-bit PVH entry point (XEN_ELFNOTE_PHYS32_ENTRY in
	// xen/include/public/elfnote.h).
	xenNotePhys32 = 18
	xenNoteName   = "Xen"

	noteHeaderSize = 12
	noteAlign      = 4
	maxNoteSegment = 1 << 20
)

var errNoPVH = errors.New("no PVH entry point (kconfig CONFIG_PVH is off)")

// checkPVH says whether path is an x86-64 ELF kernel that QEMU can boot directly.
func checkPVH(path string) error {
	f, err := elf.Open(path)
	if err != nil {
		return fmt.Errorf("check vmlinux: %w", err)
	}
	defer func() { _ = f.Close() }()
	if f.Machine != elf.EM_X86_64 {
		return fmt.Errorf("check vmlinux: it is for %v, want %v", f.Machine, elf.EM_X86_64)
	}
	for _, p := range f.Progs {
		if p.Type != elf.PT_NOTE {
			continue
		}
		notes, err := io.ReadAll(io.LimitReader(p.Open(), maxNoteSegment))
		if err != nil {
			return fmt.Errorf("check vmlinux: read notes: %w", err)
		}
		if _, ok := findNote(notes, xenNoteName, xenNotePhys32); ok {
			return nil
		}
	}
	return fmt.Errorf("check vmlinux: %w", errNoPVH)
}

// findNote looks for a note in a little-endian PT_NOTE segment (elf(5), "Notes"). Damaged notes end the search.
func findNote(notes []byte, name string, kind uint32) (desc []byte, ok bool) {
	le := binary.LittleEndian
	for len(notes) >= noteHeaderSize {
		nameSize, descSize := uint64(le.Uint32(notes)), uint64(le.Uint32(notes[4:]))
		descAt := noteHeaderSize + aligned(nameSize)
		end := descAt + descSize
		if end > uint64(len(notes)) {
			return nil, false
		}
		got := string(notes[noteHeaderSize : noteHeaderSize+nameSize])
		if le.Uint32(notes[8:]) == kind && got == name+"\x00" {
			return notes[descAt:end], true
		}
		notes = notes[min(aligned(end), uint64(len(notes))):]
	}
	return nil, false
}

func aligned(n uint64) uint64 { return (n + noteAlign - 1) &^ (noteAlign - 1) }
