package picture

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/palette/brewer"
)

// Grid is one quantity over two axes: a heat map, and a table at the same time, for the number stands in each cell.
type Grid struct {
	Title    string // the op or signal
	Subtitle string // scenario, kernel, machine, clock
	Rows     string // the axis that goes down: pps
	Columns  string // the axis that goes to the right: containers
	// RowNames and ColumnNames are the sizes and values; Cells holds a row for each of RowNames, of a cell for each of ColumnNames.
	RowNames, ColumnNames []string
	Cells                 [][]GridCell
	Seeded                bool // the failures are planted
}

// GridCell is a quantity at one size and value.
type GridCell struct {
	Value  float64 // decides the shade, on a logarithmic scale; what is 0 or less is in the palest
	Text   string  // the value with its unit, or why there is none
	Known  bool    // there is a value
	Over   bool    // it is more than is allowed, and gets an exclamation mark
	Broken bool    // something has failed here
}

// shades is how many steps the scale has.
const shades = 9

// heat is a grid made ready: texts cleaned, rows as long as the head says, the scale chosen.
type heat struct {
	Grid
	lo, hi         float64 // of the values above 0; 0 if there are none
	loText, hiText string
	broken         bool // any cell is
}

func ready(g Grid) *heat {
	h := &heat{Grid: g}
	h.Title, h.Subtitle, h.Rows, h.Columns = clean(g.Title), clean(g.Subtitle), clean(g.Rows), clean(g.Columns)
	h.RowNames, h.ColumnNames, h.Cells = cleaned(g.RowNames), cleaned(g.ColumnNames), nil
	for y := range h.RowNames {
		row := make([]GridCell, len(h.ColumnNames))
		for x := range row {
			if y < len(g.Cells) && x < len(g.Cells[y]) {
				row[x] = g.Cells[y][x]
			}
			h.take(&row[x])
		}
		h.Cells = append(h.Cells, row)
	}
	return h
}

func cleaned(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = clean(text)
	}
	return out
}

// take cleans a cell and lets it count for the scale.
func (h *heat) take(c *GridCell) {
	c.Text = clean(c.Text)
	h.broken = h.broken || c.Broken
	c.Known = c.Known && !math.IsNaN(c.Value) && !math.IsInf(c.Value, 0)
	if c.Known && good(c.Value) {
		if h.lo == 0 || c.Value < h.lo {
			h.lo, h.loText = c.Value, c.Text
		}
		if c.Value > h.hi {
			h.hi, h.hiText = c.Value, c.Text
		}
	}
	if c.Over {
		c.Text = "!" + c.Text
	}
}

// shade is the step of the scale that a cell is on, of so many; ok is false where nothing is known.
func (h *heat) shade(c GridCell, steps int) (step int, ok bool) {
	return h.step(c.Value, steps), c.Known
}

// widely is the ratio between the ends of the scale, at least: values that hardly differ have shades that hardly differ.
const widely = 4

// step is the shade of a value, of so many.
func (h *heat) step(value float64, steps int) int {
	if !good(value) || value <= h.lo {
		return 0
	}
	at := math.Log(value/h.lo) / math.Log(max(h.hi/h.lo, widely))
	return min(steps-1, int(at*float64(steps)))
}

const (
	gridBroken  = "something has failed at this size or a smaller one"
	gridNothing = "nothing was measured"
)

// spoken is the title for screen readers.
func (h *heat) spoken() string {
	title := h.Title + ", by " + h.Rows + " and " + h.Columns
	if h.Seeded {
		title = seededText + ". " + title
	}
	return title
}

// blues are the steps of a scale of one hue, which differ in lightness: they are told apart with any colour vision, and on a grey
// print. (Brewer, Harrower: ColorBrewer.org, The Cartographic Journal 40, 2003)
func blues() ([]color.Color, error) {
	p, err := brewer.GetPalette(brewer.TypeSequential, "Blues", shades)
	if err != nil {
		return nil, err
	}
	return p.Colors(), nil
}
