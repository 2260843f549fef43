package console

import "bytes"

// record is one printk record: what the kernel wrote in one go.
type record struct {
	raw    []byte // with its prefix
	text   []byte // without
	caller string // "T123" or "C0" (CONFIG_PRINTK_CALLER), empty when not printed
	usec   int64  // kernel time in µs, -1 when not printed
}

// records appends the records of one line to dst: where a record was printed before the one on the screen had
// its newline, the line holds both.
func (p *Parser) records(dst []record, line []byte) []record {
	for len(line) > 0 {
		n := nextStamp(line)
		dst = append(dst, p.record(line[:n]))
		line = line[n:]
	}
	return dst
}

// nextStamp returns the start of the second record in line, or its length. The first stamp may follow a level, a
// syslog header or other output.
func nextStamp(line []byte) int {
	end := len(line)
	if nl := bytes.IndexByte(line, '\n'); nl >= 0 {
		end = nl + 1
	}
	line = line[:end]
	i := 1
	if at, n := stamp(line[:min(end, 100)]); n > 0 && at < 80 {
		i = at + n
	}
	if at, n := stamp(line[min(i, end):]); n > 0 {
		return i + at
	}
	return end
}

// stamp finds the first "[   12.345678]" in b and returns its offset and length; length 0 when there is none.
func stamp(b []byte) (at, length int) {
	for i := 0; ; i++ {
		j := bytes.IndexByte(b[i:], '[')
		if j < 0 {
			return 0, 0
		}
		i += j
		if n := stampLen(b[i:]); n > 0 {
			return i, n
		}
	}
}

// stampLen returns the length of the printk time at the start of b, 0 when there is none.
func stampLen(b []byte) int {
	i := 1
	for i < len(b) && b[i] == ' ' {
		i++
	}
	first := i
	for i < len(b) && isDigit(b[i]) {
		i++
	}
	if i == first || i+8 > len(b) || b[i] != '.' || b[i+7] != ']' {
		return 0
	}
	for _, c := range b[i+1 : i+7] {
		if !isDigit(c) {
			return 0
		}
	}
	return i + 8
}

func (p *Parser) record(raw []byte) record {
	raw = bytes.TrimRight(raw, "\n")
	r := record{raw: raw, usec: -1}
	rest := raw
	if at, n := stamp(raw[:min(len(raw), 100)]); n > 0 && at < 80 {
		r.usec = micros(raw[at : at+n])
		rest = raw[at+n:]
		rest, r.caller = p.caller(rest)
	} else {
		rest = cutHeader(rest)
	}
	rest = bytes.TrimPrefix(rest, []byte(" "))
	r.text = rest
	return r
}

// cutHeader takes "<4>" and "host kernel: " off a record without a time.
func cutHeader(b []byte) []byte {
	if len(b) > 3 && b[0] == '<' && isDigit(b[1]) && b[2] == '>' {
		b = b[3:]
	}
	if i := bytes.Index(b[:min(len(b), 64)], []byte(" kernel: ")); i >= 0 {
		b = b[i+len(" kernel: "):]
	}
	return b
}

// caller splits "[ T123]" or "[    C0]" off the front of b.
func (p *Parser) caller(b []byte) (rest []byte, caller string) {
	s := b
	if len(s) > 1 && s[0] == ' ' && s[1] == '[' {
		s = s[1:]
	}
	if len(s) < 4 || s[0] != '[' {
		return b, ""
	}
	end := bytes.IndexByte(s[:min(len(s), 16)], ']')
	if end < 0 {
		return b, ""
	}
	id := bytes.TrimLeft(s[1:end], " ")
	if len(id) < 2 || id[0] != 'T' && id[0] != 'C' || !isDigit(id[1]) {
		return b, ""
	}
	return s[end+1:], p.intern(id)
}

// intern returns id as a string, the same one each time, for as many callers as a report can mix.
func (p *Parser) intern(id []byte) string {
	if s, ok := p.callers[string(id)]; ok {
		return s
	}
	if len(p.callers) > 256 {
		clear(p.callers)
	}
	s := string(id)
	p.callers[s] = s
	return s
}

func micros(stamp []byte) int64 {
	var n int64
	for _, c := range stamp {
		if isDigit(c) && n < 1<<58 {
			n = n*10 + int64(c-'0')
		}
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
