package console

// dirty reports whether b holds control bytes: escape codes, NULs, carriage returns.
func dirty(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

// clean appends src to dst without control bytes and terminal escape sequences (ECMA-48 CSI and OSC). A carriage
// return inside a line becomes a newline: what follows it is other output.
func clean(dst, src []byte) []byte {
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == 0x1b:
			i += escape(src[i+1:])
		case c == '\r' || c == '\n':
			dst = append(dst, '\n')
		case c >= ' ' && c != 0x7f || c == '\t':
			dst = append(dst, c)
		}
	}
	return dst
}

// escape returns how many bytes after ESC belong to the sequence.
func escape(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	switch b[0] {
	case '[':
		for i := 1; i < len(b) && i < 32; i++ {
			if b[i] >= 0x40 && b[i] <= 0x7e {
				return i + 1
			}
		}
		return 1
	case ']':
		for i := 1; i < len(b) && i < 256; i++ {
			if b[i] == 7 {
				return i + 1
			}
		}
		return 1
	}
	return 1
}
