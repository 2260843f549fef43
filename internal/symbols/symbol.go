package symbols

import (
	"cmp"
	"debug/elf"
	"slices"
	"strings"
)

// symbol is a place in a file's code.
type symbol struct {
	name    string
	address uint64
	own     uint64 // st_size
	section elf.SectionIndex
	code    bool
}

// symbolTable is sorted by address.
type symbolTable struct {
	all     []symbol
	byName  map[string][]int
	library bool // a module: kallsyms sees only its own symbols
}

// newSymbolTable takes the symbols that kallsyms would: not those of sections, files and the compiler's own labels.
func newSymbolTable(symbols []elf.Symbol, l layout) *symbolTable {
	t := &symbolTable{byName: map[string][]int{}, library: l.relocatable}
	for _, s := range symbols {
		kind := elf.ST_TYPE(s.Info)
		code, base, ok := l.section(s.Section)
		local := s.Name == "" || strings.HasPrefix(s.Name, ".L") || strings.HasPrefix(s.Name, "$")
		if !ok || local || kind == elf.STT_SECTION || kind == elf.STT_FILE {
			continue
		}
		t.all = append(t.all, symbol{s.Name, base + s.Value, s.Size, s.Section, code})
	}
	slices.SortStableFunc(t.all, func(a, b symbol) int { return cmp.Compare(a.address, b.address) })
	for i, s := range t.all {
		if s.code {
			t.byName[s.name] = append(t.byName[s.name], i)
		}
	}
	return t
}

// find returns the functions of a name that have the size the kernel printed, which is the distance to the next symbol
// (kernel/kallsyms.c, get_symbol_pos). The last function of a module's section is followed by what the loader put there,
// so for that one only the least size is known.
func (t *symbolTable) find(name string, size uint64) []symbol {
	var found []symbol
	for _, at := range t.byName[name] {
		s := t.all[at]
		next := at + 1
		for next < len(t.all) && t.all[next].address == s.address {
			next++
		}
		last := next == len(t.all) || t.library && t.all[next].section != s.section
		if last && s.own > 0 && s.own <= size || !last && t.all[next].address-s.address == size {
			found = append(found, s)
		}
	}
	return found
}
