package console

import "bytes"

// maxLine is the length in bytes at which a line is cut and handled as two. Kernel records are under 1 KiB
// (PRINTKRB_RECORD_MAX); what is longer is noise, or a console that lost its newlines.
const maxLine = 8 << 10

// lines cuts a stream into lines of at most maxLine bytes and hands each to emit with its offset in the stream.
type lines struct {
	part []byte // the line so far
	off  int64  // stream offset of part[0]
	emit func(line []byte, off int64)
}

func (l *lines) write(p []byte) {
	for len(p) > 0 {
		n := min(len(p), maxLine-len(l.part))
		if i := bytes.IndexByte(p[:n], '\n'); i >= 0 {
			l.end(p[:i])
			p = p[i+1:]
			continue
		}
		l.part = append(l.part, p[:n]...)
		p = p[n:]
		if len(l.part) >= maxLine {
			l.cut()
		}
	}
}

// end emits the line that rest completes.
func (l *lines) end(rest []byte) {
	line := rest
	if len(l.part) > 0 {
		l.part = append(l.part, rest...)
		line = l.part
	}
	l.emit(line, l.off)
	l.off += int64(len(line)) + 1
	l.part = l.part[:0]
}

// cut emits the front of an overlong line, up to the last bracket or blank so that no word is lost.
func (l *lines) cut() {
	n := bytes.LastIndexByte(l.part, '[')
	if n < maxLine/2 {
		n = bytes.LastIndexByte(l.part, ' ')
	}
	if n < maxLine/2 {
		n = len(l.part)
	}
	l.emit(l.part[:n], l.off)
	l.off += int64(n)
	l.part = append(l.part[:0], l.part[n:]...)
}

func (l *lines) flush() {
	if len(l.part) == 0 {
		return
	}
	l.emit(l.part, l.off)
	l.off += int64(len(l.part))
	l.part = l.part[:0]
}
