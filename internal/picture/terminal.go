package picture

import (
	"io"
	"strings"
)

// The size of a picture made of text where none is asked for, and its limits.
const (
	DefaultWidth  = 72 // columns of the whole
	DefaultHeight = 16 // rows between the axes

	leastWidth, mostWidth   = 40, 400
	leastHeight, mostHeight = 5, 100
)

// Terminal draws a ramp as text, with braille dots and box characters, and in colours if asked. No line is longer than width
// columns; height counts the rows between the axes, and title, labels and legend come on top. Zero means the default.
func Terminal(w io.Writer, r Ramp, width, height int, colour bool) error {
	return drawText(look(r), unicodeSet, width, height).flush(w, colour)
}

// ASCII draws the same with nothing but ASCII characters, and without colours.
func ASCII(w io.Writer, r Ramp, width, height int) error {
	v := look(r)
	for _, text := range []*string{&v.Title, &v.Subtitle, &v.Axis, &v.Unit, &v.ModelName, &v.Failure} {
		*text = plain(*text)
	}
	if v.Signal != nil {
		v.Signal.Name, v.Signal.Unit = plain(v.Signal.Name), plain(v.Signal.Unit) // look has made a copy
	}
	s := drawText(v, asciiSet, width, height)
	for _, row := range s.rows {
		for i, c := range row {
			row[i].r = []rune(plain(string(c.r)))[0] // µs, and the mark of a text that was cut
		}
	}
	return s.flush(w, false)
}

// chart is the part of a screen between the axes.
type chart struct {
	*screen
	*view
	set                     charset
	left, top, cols, height int
}

func drawText(v *view, set charset, width, height int) *screen {
	c := &chart{screen: &screen{width: limit(width, DefaultWidth, leastWidth, mostWidth)}, view: v, set: set,
		height: limit(height, DefaultHeight, leastHeight, mostHeight)}
	c.head()
	ticks := v.y.ticks(c.height/2, v.quantity)
	for _, t := range ticks {
		c.left = max(c.left, len([]rune(t.label))+2)
	}
	c.cols = c.width - c.left - 1
	c.labels()
	c.top = len(c.rows)
	c.row(c.top + c.height) // reserved, with the size axis
	c.frame(ticks)
	c.marks()
	c.curves()
	c.samples()
	c.foot()
	return c.screen
}

func limit(n, otherwise, least, most int) int {
	if n <= 0 {
		n = otherwise
	}
	return min(max(n, least), most)
}

func (c *chart) head() {
	if c.Seeded {
		for _, line := range wrap(seededText, c.width, 2) {
			c.add(line, inkWarning)
		}
	}
	if c.Title != "" {
		c.add(c.Title, inkBold)
	}
	for _, line := range wrap(c.Subtitle, c.width, 2) {
		c.add(line, inkFaint)
	}
	if len(c.rows) > 0 {
		c.add("", inkPlain)
	}
}

// labels writes what the safe and the broken size are, each on a row of its own above its column.
func (c *chart) labels() {
	if c.Broken > 0 {
		text := c.brokenText()
		if long := text + ": " + c.Failure; c.Failure != "" && len([]rune(long)) <= c.cols-2 {
			text = long
		} else if c.Failure != "" {
			c.notes = append([]string{text + ": " + c.Failure}, c.notes...)
		}
		c.label(text, c.col(float64(c.Broken)), c.set.broken, inkRed)
	}
	if c.Safe > 0 {
		c.label(c.safeText(), c.col(float64(c.Safe)), c.set.safe, inkGreen)
	}
}

// label ends at its column, or begins there where the room is.
func (c *chart) label(text string, col int, mark rune, k ink) {
	y := len(c.rows)
	if c.row(y); col-len([]rune(text))-1 >= 0 {
		c.write(col-len([]rune(text))-1, y, text, k)
	} else {
		c.write(col+2, y, cut(text, c.width-col-2), k)
	}
	c.put(col, y, mark, 0xFF, k)
	if y > 0 && mark == c.set.safe && c.Broken > 0 { // the row above belongs to the broken size
		c.put(c.col(float64(c.Broken)), y, c.set.broken, 0, inkRed)
	}
}

// frame draws both axes.
func (c *chart) frame(ticks []tick) {
	for y := range c.height {
		c.put(c.left, c.top+y, c.set.side, 0xFF, inkFaint)
	}
	free := c.top - 1 // labels go upwards; two never share a row
	for i := len(ticks) - 1; i >= 0; i-- {
		if y := c.line(ticks[i].value); ticks[i].label != "" && y > free {
			c.write(c.left-1-len([]rune(ticks[i].label)), y, ticks[i].label, inkPlain)
			c.put(c.left, y, c.set.tick, 0xFF, inkFaint)
			free = y
		}
	}
	floor := c.top + c.height
	c.put(c.left, floor, c.set.corner, 0xFF, inkFaint)
	for x := c.left + 1; x < c.width; x++ {
		c.put(x, floor, c.set.floor, 0xFE, inkFaint)
	}
	end := -1
	for _, t := range c.x.ticks(c.cols/7, size) {
		at, half := c.col(t.value), len([]rune(t.label))/2
		if from := min(at-half, c.width-len(t.label)); t.label != "" && from > end {
			c.put(at, floor, c.set.mark, 0xFF, inkFaint)
			end = c.write(from, floor+1, t.label, inkPlain)
		}
	}
	text := c.timeText() + " against " + c.Axis
	c.write(max(0, c.left+(c.cols-len([]rune(text)))/2), floor+2, cut(text, c.width), inkFaint)
}

// foot writes the legend, then the notes.
func (c *chart) foot() {
	marks := map[layer]struct {
		r rune
		k ink
	}{layerSamples: {c.set.sample, inkBlue}, layerMedian: {c.set.median, inkBlue}, layerFit: {c.set.fit, inkYellow},
		layerBudget: {c.set.budget, inkMagenta}, layerKnee: {c.set.knee, inkFaint}, layerFailed: {c.set.broken, inkRed}}
	x, y := 0, len(c.rows)
	for _, e := range c.legend() {
		m, n := marks[e.layer], 1
		if e.layer == layerFit || e.layer == layerBudget {
			n = 2
		}
		if x > 0 && x+n+1+len([]rune(e.text)) > c.width {
			x, y = 0, y+1
		}
		x = c.write(x, y, strings.Repeat(string(m.r), n), m.k)
		x = c.write(x+1, y, cut(plainIf(e.text, !c.set.dots), c.width-x-1), inkPlain) + 3
	}
	for _, note := range c.notes {
		for _, line := range wrap(note, c.width, 3) {
			c.add(line, inkFaint)
		}
	}
}

func plainIf(text string, ascii bool) string {
	if ascii {
		return plain(text)
	}
	return text
}
