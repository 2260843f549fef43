package picture

import (
	"bufio"
	"io"
	"strings"
)

// ink is the colour of a cell.
type ink uint8

const (
	inkPlain ink = iota
	inkFaint
	inkBold
	inkBlue
	inkYellow
	inkRed
	inkGreen
	inkMagenta
	inkWarning
)

// codes are the SGR parameters of the inks. (ECMA-48, 8.3.117)
var codes = [...]string{inkFaint: "2", inkBold: "1", inkBlue: "34", inkYellow: "33", inkRed: "31", inkGreen: "32",
	inkMagenta: "35", inkWarning: "1;7"}

type cell struct {
	r   rune
	ink ink
	top uint8 // what is drawn later covers it only from the same height on
}

// screen is a page of cells, as wide as asked and as long as needed.
type screen struct {
	width int
	rows  [][]cell
}

// row returns a row, which is made if it is not there yet.
func (s *screen) row(y int) []cell {
	for len(s.rows) <= y {
		row := make([]cell, s.width)
		for i := range row {
			row[i].r = ' '
		}
		s.rows = append(s.rows, row)
	}
	return s.rows[y]
}

// put draws one cell, if it is on the page and nothing higher is there.
func (s *screen) put(x, y int, r rune, top uint8, k ink) {
	if x < 0 || x >= s.width || y < 0 {
		return
	}
	if row := s.row(y); row[x].top <= top {
		row[x] = cell{r, k, top}
	}
}

// write puts a text on a row, cut at the edge of the page, and returns the column after it.
func (s *screen) write(x, y int, text string, k ink) int {
	for _, r := range text {
		s.put(x, y, r, 0xFF, k)
		x++
	}
	return x
}

// add begins a new row with a text.
func (s *screen) add(text string, k ink) {
	s.row(len(s.rows))
	s.write(0, len(s.rows)-1, cut(text, s.width), k)
}

// flush writes the page without blanks at the ends of its lines.
func (s *screen) flush(w io.Writer, colour bool) error {
	out := bufio.NewWriter(w)
	for _, row := range s.rows {
		end := len(row)
		for end > 0 && row[end-1].r == ' ' {
			end--
		}
		out.WriteString(line(row[:end], colour))
		out.WriteByte('\n')
	}
	return out.Flush()
}

func line(row []cell, colour bool) string {
	var b strings.Builder
	now := inkPlain
	set := func(k ink) {
		if !colour || k == now {
			return
		}
		if now != inkPlain {
			b.WriteString("\x1b[0m")
		}
		if k != inkPlain {
			b.WriteString("\x1b[" + codes[k] + "m")
		}
		now = k
	}
	for _, c := range row {
		if c.r != ' ' || now == inkWarning { // blanks have no colour
			set(c.ink)
		}
		b.WriteRune(c.r)
	}
	set(inkPlain)
	return b.String()
}

// wrap breaks a text into at most most lines of a width; the last one is cut.
func wrap(text string, width, most int) (lines []string) {
	words := strings.Fields(text)
	for len(words) > 0 {
		if len(lines) == most-1 {
			return append(lines, cut(strings.Join(words, " "), width))
		}
		line := cut(words[0], width)
		words = words[1:]
		for len(words) > 0 && len([]rune(line))+1+len([]rune(words[0])) <= width {
			line += " " + words[0]
			words = words[1:]
		}
		lines = append(lines, line)
	}
	return lines
}
