package symbols

import (
	"bytes"
	"debug/dwarf"
	"debug/elf"
	"fmt"
	"os"
	"syscall"
)

// image is a debug file that is open.
type image struct {
	mapped  []byte
	symbols *symbolTable
	dwarf   *dwarf.Data
}

// openImage maps a file. Its pages come from the file when they are touched and go when memory is short.
func openImage(path string) (*image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open debug file: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open debug file: %w", err)
	}
	if info.Size() == 0 {
		return nil, fmt.Errorf("open debug file: %s is empty", path)
	}
	mapped, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("map debug file %s: %w", path, err)
	}
	i := &image{mapped: mapped}
	if err := i.read(); err != nil {
		_ = i.close()
		return nil, fmt.Errorf("read debug file %s: %w", path, err)
	}
	return i, nil
}

func (i *image) close() error {
	i.dwarf, i.symbols = nil, nil
	return syscall.Munmap(i.mapped)
}

func (i *image) read() error {
	f, err := elf.NewFile(bytes.NewReader(i.mapped))
	if err != nil {
		return err
	}
	l := layoutOf(f)
	symbols, err := f.Symbols()
	if err != nil {
		return fmt.Errorf("read symbols: %w", err)
	}
	i.symbols = newSymbolTable(symbols, l)
	sections, err := i.debugSections(f, symbols, l)
	if err != nil {
		return err
	}
	if len(sections[".debug_info"]) == 0 || len(sections[".debug_line"]) == 0 {
		return fmt.Errorf("it has no debug information; take the file of the -dbg package")
	}
	i.dwarf, err = dwarf.New(sections[".debug_abbrev"], nil, nil, sections[".debug_info"], sections[".debug_line"], nil,
		sections[".debug_ranges"], sections[".debug_str"])
	if err != nil {
		return fmt.Errorf("read debug information: %w", err)
	}
	for _, name := range []string{".debug_addr", ".debug_line_str", ".debug_str_offsets", ".debug_rnglists"} {
		if data := sections[name]; data != nil {
			if err := i.dwarf.AddSection(name, data); err != nil {
				return fmt.Errorf("read %s: %w", name, err)
			}
		}
	}
	return nil
}

// wanted says which sections a lookup needs; the others, locations of variables above all, are never touched.
func wanted(name string) bool {
	switch name {
	case ".debug_abbrev", ".debug_info", ".debug_line", ".debug_ranges", ".debug_str", ".debug_addr", ".debug_line_str",
		".debug_str_offsets", ".debug_rnglists":
		return true
	}
	return false
}

// debugSections returns the sections by name: windows on the mapped file, or copies where they are compressed or must be
// relocated.
func (i *image) debugSections(f *elf.File, symbols []elf.Symbol, l layout) (map[string][]byte, error) {
	sections := map[string][]byte{}
	for index, s := range f.Sections {
		if !wanted(s.Name) || s.Type == elf.SHT_NOBITS {
			continue
		}
		data, err := i.content(s, l.relocatable)
		if err == nil && l.relocatable {
			err = l.relocate(f, index, data, symbols)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", s.Name, err)
		}
		sections[s.Name] = data
	}
	return sections, nil
}

func (i *image) content(s *elf.Section, private bool) ([]byte, error) {
	end := s.Offset + s.FileSize
	if private || s.Flags&elf.SHF_COMPRESSED != 0 || end < s.Offset || end > uint64(len(i.mapped)) {
		return s.Data()
	}
	return i.mapped[s.Offset:end:end], nil
}
