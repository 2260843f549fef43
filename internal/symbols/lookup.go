package symbols

import (
	"debug/dwarf"
	"slices"
)

// Frame is a place in the source.
type Frame struct {
	Function string
	File     string // relative to the kernel tree
	Line     int
}

// lookup returns the place that a line of a trace means, what was inlined there before what it was inlined into; none if
// it cannot be told. Namesakes of the same size count if they lead to the same place.
func (i *image) lookup(t trace) []Frame {
	var found []Frame
	for _, s := range i.symbols.find(t.function, t.size) {
		frames := i.frames(s.address + t.address())
		if len(frames) == 0 {
			continue
		}
		frames[len(frames)-1].Function = t.function
		if found != nil && !slices.Equal(found, frames) {
			return nil
		}
		found = frames
	}
	return found
}

// frames asks the line table of the compile unit that holds an address, then the tree of what was inlined.
func (i *image) frames(pc uint64) []Frame {
	unit, err := i.dwarf.Reader().SeekPC(pc)
	if err != nil {
		return nil
	}
	lines, err := i.dwarf.LineReader(unit)
	if err != nil || lines == nil {
		return nil
	}
	files := lines.Files()
	at, ok := row(lines, pc)
	if !ok {
		return nil
	}
	dir, _ := unit.Val(dwarf.AttrCompDir).(string)
	here := Frame{File: relative(at.File.Name, dir), Line: at.Line}
	var frames []Frame
	for _, call := range slices.Backward(i.inlined(unit, pc)) {
		here.Function = i.name(call)
		frames = append(frames, here)
		file, _ := call.Val(dwarf.AttrCallFile).(int64)
		line, _ := call.Val(dwarf.AttrCallLine).(int64)
		if file < 0 || int(file) >= len(files) || files[file] == nil || line == 0 {
			return nil // the call is nowhere: better nothing than half a chain
		}
		here = Frame{File: relative(files[file].Name, dir), Line: int(line)}
	}
	return append(frames, here)
}

// row finds the row of a line table that holds an address. LineReader.SeekPC does not: it stops at the first gap, and takes
// sequences to be in order of their addresses, which those of .text, .sched.text and .text.unlikely are not.
func row(lines *dwarf.LineReader, pc uint64) (dwarf.LineEntry, bool) {
	last, next := dwarf.LineEntry{EndSequence: true}, dwarf.LineEntry{}
	for {
		if err := lines.Next(&next); err != nil {
			return dwarf.LineEntry{}, false
		}
		if !last.EndSequence && last.Address <= pc && pc < next.Address {
			return last, last.Line != 0 && last.File != nil
		}
		last = next
	}
}

// inlined returns the calls that were inlined around an address, outermost first.
func (i *image) inlined(unit *dwarf.Entry, pc uint64) []*dwarf.Entry {
	r := i.dwarf.Reader()
	r.Seek(unit.Offset)
	if _, err := r.Next(); err != nil || !unit.Children {
		return nil
	}
	var calls []*dwarf.Entry
	for {
		e, err := r.Next()
		if err != nil || e == nil || e.Tag == 0 { // the end of what holds the address
			return calls
		}
		holds := false
		switch e.Tag {
		case dwarf.TagSubprogram, dwarf.TagLexDwarfBlock, dwarf.TagInlinedSubroutine:
			holds = i.holds(e, pc)
		}
		if !holds {
			r.SkipChildren()
			continue
		}
		if e.Tag == dwarf.TagInlinedSubroutine {
			calls = append(calls, e)
		}
		if !e.Children {
			return calls
		}
	}
}

func (i *image) holds(e *dwarf.Entry, pc uint64) bool {
	ranges, err := i.dwarf.Ranges(e)
	return err == nil && slices.ContainsFunc(ranges, func(r [2]uint64) bool { return r[0] <= pc && pc < r[1] })
}

// name follows an inlined call to the function it is a copy of.
func (i *image) name(e *dwarf.Entry) string {
	for range 4 { // a copy of a declaration of a function, at most
		if name, ok := e.Val(dwarf.AttrName).(string); ok {
			return name
		}
		origin, ok := e.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset)
		if !ok {
			if origin, ok = e.Val(dwarf.AttrSpecification).(dwarf.Offset); !ok {
				break
			}
		}
		r := i.dwarf.Reader()
		r.Seek(origin)
		next, err := r.Next()
		if err != nil || next == nil {
			break
		}
		e = next
	}
	return "?"
}
