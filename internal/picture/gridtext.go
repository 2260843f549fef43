package picture

import (
	"fmt"
	"io"
	"strings"
)

// levels are the shades of a picture made of text, palest first.
const (
	unicodeLevels = " ░▒▓█"
	asciiLevels   = " .:*#"
)

// GridTerminal draws a grid as text: the number of each cell, with a shade before it and a cross behind it where something has
// failed. No line is longer than width columns: what does not fit beside goes below. Zero means the default.
func GridTerminal(w io.Writer, g Grid, width int, colour bool) error {
	return drawGridText(ready(g), []rune(unicodeLevels), '×', width).flush(w, colour)
}

// GridASCII draws the same with nothing but ASCII characters, and without colours.
func GridASCII(w io.Writer, g Grid, width int) error {
	h := ready(g)
	for _, text := range []*string{&h.Title, &h.Subtitle, &h.Rows, &h.Columns, &h.loText, &h.hiText} {
		*text = plain(*text)
	}
	for y := range h.Cells {
		h.RowNames[y] = plain(h.RowNames[y])
		for x := range h.Cells[y] {
			h.Cells[y][x].Text = plain(h.Cells[y][x].Text)
		}
	}
	for x, name := range h.ColumnNames {
		h.ColumnNames[x] = plain(name)
	}
	s := drawGridText(h, []rune(asciiLevels), 'x', width)
	for _, row := range s.rows {
		for i, c := range row {
			row[i].r = []rune(plain(string(c.r)))[0] // the mark of a text that was cut
		}
	}
	return s.flush(w, false)
}

// sheetText is a grid on a screen.
type sheetText struct {
	*screen
	*heat
	levels []rune
	cross  rune
	left   int   // columns of the row names
	wide   []int // columns of each column of cells
}

func drawGridText(h *heat, levels []rune, cross rune, width int) *screen {
	s := &sheetText{screen: &screen{width: limit(width, DefaultWidth, leastWidth, mostWidth)}, heat: h, levels: levels, cross: cross}
	if h.Seeded {
		for _, line := range wrap(seededText, s.width, 2) {
			s.add(line, inkWarning)
		}
	}
	s.add(h.Title, inkBold)
	for _, line := range wrap(h.Subtitle, s.width, 2) {
		s.add(line, inkFaint)
	}
	s.measure()
	for first := 0; first < len(s.wide); {
		last, used := first, s.left
		for last < len(s.wide) && (last == first || used+s.wide[last] <= s.width) {
			used += s.wide[last]
			last++
		}
		s.block(first, last)
		first = last
	}
	s.foot()
	return s.screen
}

// measure finds how wide the columns must be: two spaces, a shade, a space, the text, a space and a cross.
func (s *sheetText) measure() {
	s.left = long(s.Rows)
	for _, name := range s.RowNames {
		s.left = max(s.left, long(name))
	}
	for x, name := range s.ColumnNames {
		wide := long(name)
		for y := range s.Cells {
			wide = max(wide, long(s.Cells[y][x].Text))
		}
		s.wide = append(s.wide, min(wide, s.width/2)+6)
	}
}

func long(text string) int { return len([]rune(text)) }

// block writes the columns from one up to another.
func (s *sheetText) block(first, last int) {
	s.add("", inkPlain)
	s.add(strings.Repeat(" ", s.left+4)+s.Columns, inkFaint)
	y := len(s.rows)
	s.row(y)
	s.right(s.left, y, s.Rows, inkFaint)
	x := s.left
	for i := first; i < last; i++ {
		s.right(x+s.wide[i]-2, y, cut(s.ColumnNames[i], s.wide[i]-6), inkBold)
		x += s.wide[i]
	}
	for row, name := range s.RowNames {
		y, x := len(s.rows), s.left
		s.row(y)
		s.right(s.left, y, name, inkPlain)
		for i := first; i < last; i++ {
			s.cell(x, y, s.wide[i], s.Cells[row][i])
			x += s.wide[i]
		}
	}
}

// right writes a text that ends before a column.
func (s *sheetText) right(end, y int, text string, k ink) {
	s.write(max(0, end-long(text)), y, text, k)
}

func (s *sheetText) cell(x, y, wide int, c GridCell) {
	k := inkPlain
	step, ok := s.shade(c, len(s.levels))
	switch {
	case c.Broken:
		k = inkRed
	case !ok:
		k = inkFaint
	}
	if ok {
		s.put(x+2, y, s.levels[step], 0xFF, inkBlue)
	}
	s.right(x+wide-2, y, cut(c.Text, wide-6), k)
	if c.Broken {
		s.put(x+wide-1, y, s.cross, 0xFF, inkRed)
	}
}

// foot explains shades and marks.
func (s *sheetText) foot() {
	s.add("", inkPlain)
	least, most := s.loText, s.hiText
	if least == "" {
		s.add(gridNothing, inkFaint)
		return
	}
	s.add(fmt.Sprintf("%s '%s' %s, in equal ratios", least, string(s.levels[:s.step(s.hi, len(s.levels))+1]), most), inkFaint)
	if s.broken {
		s.add(string(s.cross)+" "+gridBroken, inkFaint)
	}
}
