package symbols

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
)

// layout says where the sections of a file lie. A module's all begin at 0 until it is loaded; they are put one behind the
// other here, so that an address means one thing.
type layout struct {
	relocatable bool
	bases       []uint64
	sections    []*elf.Section
}

// firstBase keeps a module's addresses away from 0, which DWARF uses for code that was dropped.
const firstBase = 1 << 20

func layoutOf(f *elf.File) layout {
	l := layout{relocatable: f.Type == elf.ET_REL, bases: make([]uint64, len(f.Sections)), sections: f.Sections}
	if !l.relocatable {
		return l
	}
	next := uint64(firstBase)
	for i, s := range f.Sections {
		if s.Flags&elf.SHF_ALLOC == 0 {
			continue
		}
		align := max(s.Addralign, 1)
		next = (next + align - 1) / align * align
		l.bases[i] = next
		next += s.Size + 1 // a function that ends its section must not touch the next
	}
	return l
}

// section returns what is to be added to a symbol's value, and whether its section is code; false if it is in none that is
// loaded.
func (l layout) section(i elf.SectionIndex) (code bool, base uint64, ok bool) {
	if i == elf.SHN_UNDEF || int(i) >= len(l.sections) || l.sections[i].Flags&elf.SHF_ALLOC == 0 {
		return false, 0, false
	}
	return l.sections[i].Flags&elf.SHF_EXECINSTR != 0, l.bases[i], true
}

// relocate applies the relocations of a section. debug/elf can do that too, but knows nothing of where sections lie.
func (l layout) relocate(f *elf.File, target int, data []byte, symbols []elf.Symbol) error {
	for _, s := range f.Sections {
		if s.Type != elf.SHT_RELA || int(s.Info) != target {
			continue
		}
		if f.Machine != elf.EM_X86_64 {
			return fmt.Errorf("relocate: modules for %v are not known, only those for x86-64", f.Machine)
		}
		relas, err := s.Data()
		if err != nil {
			return err
		}
		const size = 24 // of Elf64_Rela: offset, info, addend
		for ; len(relas) >= size; relas = relas[size:] {
			if err := l.apply(relas, data, symbols); err != nil {
				return err
			}
		}
	}
	return nil
}

// apply applies one relocation: the address of the symbol plus the addend (x86-64 psABI, 4.4).
func (l layout) apply(rela, data []byte, symbols []elf.Symbol) error {
	at, info := binary.LittleEndian.Uint64(rela), binary.LittleEndian.Uint64(rela[8:])
	number := info >> 32
	if number == 0 || number > uint64(len(symbols)) { // debug/elf leaves the first, empty symbol out
		return nil
	}
	s := symbols[number-1]
	value := s.Value + binary.LittleEndian.Uint64(rela[16:])
	if _, base, ok := l.section(s.Section); ok {
		value += base
	}
	width := uint64(0)
	switch elf.R_X86_64(info & 0xffffffff) {
	case elf.R_X86_64_64:
		width = 8
	case elf.R_X86_64_32:
		width = 4
	default:
		return nil // none of the others stands in front of an address that is looked at here
	}
	if at > uint64(len(data)) || uint64(len(data))-at < width {
		return fmt.Errorf("relocate: offset %#x lies outside of the section", at)
	}
	if width == 8 {
		binary.LittleEndian.PutUint64(data[at:], value)
	} else {
		binary.LittleEndian.PutUint32(data[at:], uint32(value))
	}
	return nil
}
