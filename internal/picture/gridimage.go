package picture

import (
	"bytes"
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// GridPNG draws a grid as an image of Width by Height pixels.
func GridPNG(w io.Writer, g Grid) error {
	c := vgimg.PngCanvas{Canvas: vgimg.New(Width*px, Height*px)}
	p, err := newPen(c, true)
	if err != nil {
		return err
	}
	if err := drawGrid(p, ready(g)); err != nil {
		return err
	}
	if _, err := c.WriteTo(w); err != nil {
		return fmt.Errorf("write PNG: %w", err)
	}
	return nil
}

// GridSVG draws the same as SVG. Its text stays text, and it has a title for screen readers.
func GridSVG(w io.Writer, g Grid) error {
	c := &svgCanvas{Canvas: vgsvg.New(Width*px, Height*px)}
	p, err := newPen(c, false)
	if err != nil {
		return err
	}
	h := ready(g)
	if err := drawGrid(p, h); err != nil {
		return err
	}
	var text bytes.Buffer
	if _, err := c.WriteTo(&text); err != nil {
		return fmt.Errorf("write SVG: %w", err)
	}
	if _, err := w.Write(c.finish(text.Bytes(), h.spoken())); err != nil {
		return fmt.Errorf("write SVG: %w", err)
	}
	return nil
}

// sheet is the picture of a grid while it is drawn.
type sheet struct {
	*pen
	*heat
	shades []color.Color
	plot   box
}

// smallestRow is the height in px below which a number does not fit.
const smallestRow = 15.0

// numberOn is the colour of a number on a step of the scale.
func numberOn(step int) color.NRGBA {
	if step > 5 { // the lightest on which white has a contrast of 4.5
		return white
	}
	return black
}

func drawGrid(p *pen, h *heat) error {
	shades, err := blues()
	if err != nil {
		return fmt.Errorf("draw grid: %w", err)
	}
	s := &sheet{pen: p, heat: h, shades: shades}
	all := box{0, 0, Width, Height}
	s.fill(all, white, all.corners())
	g := page{pen: p, view: &view{Ramp: Ramp{Title: h.Title, Subtitle: h.Subtitle, Seeded: h.Seeded}}}
	s.plot = box{left: margin + 20, top: g.head() + 34, right: Width - margin, bottom: Height - 58}
	for _, name := range h.RowNames {
		s.plot.left = max(s.plot.left, margin+32+p.width(tickScript, name))
	}
	s.names()
	s.cells()
	s.legend()
	return nil
}

// cell returns where a cell is.
func (s *sheet) cell(x, y int) box {
	wide, high := (s.plot.right-s.plot.left)/float64(len(s.ColumnNames)), (s.plot.bottom-s.plot.top)/float64(len(s.RowNames))
	return box{s.plot.left + float64(x)*wide, s.plot.top + float64(y)*high, s.plot.left + float64(x+1)*wide, s.plot.top + float64(y+1)*high}
}

// names writes sizes and values beside the cells, and the axes' names. Where they would meet, some are left out.
func (s *sheet) names() {
	columns := s.cut(labelScript, s.Columns, s.plot.right-s.plot.left)
	s.text(xy{(s.plot.left + s.plot.right - s.width(labelScript, columns)) / 2, s.plot.top - 24}, labelScript, columns)
	s.upwards(xy{margin + 6, (s.plot.top + s.plot.bottom) / 2}, labelScript, s.Rows)
	end := 0.0
	for x, name := range s.ColumnNames {
		b, wide := s.cell(x, 0), s.width(tickScript, name)
		if from := (b.left + b.right - wide) / 2; from > end {
			s.text(xy{from, b.top - 7}, tickScript, s.cut(tickScript, name, Width-from))
			end = from + wide + 8
		}
	}
	end = 0
	for y, name := range s.RowNames {
		b := s.cell(0, y)
		if base := (b.top+b.bottom)/2 + 4.5; base-end >= smallestRow {
			s.text(xy{s.plot.left - 8 - s.width(tickScript, name), base}, tickScript, name)
			end = base
		}
	}
}

// middle writes a text between two edges, cut where it does not fit.
func (s *sheet) middle(left, right, base float64, how script, text string) {
	text = s.cut(how, text, right-left-6)
	s.text(xy{(left + right - s.width(how, text)) / 2, base}, how, text)
}

func (s *sheet) cells() {
	for y, row := range s.Cells {
		for x, c := range row {
			b := s.cell(x, y)
			k, how := color.Color(paler), smallScript
			if step, ok := s.shade(c, shades); ok {
				k, how = s.shades[step], script{tickScript.size, false, numberOn(step)}
			}
			s.fill(b, k, b.corners())
			s.line(b, stroke{color: pale, width: 1.5}, append(b.corners(), xy{b.left, b.top})...)
			if b.bottom-b.top >= smallestRow {
				s.middle(b.left, b.right, (b.top+b.bottom)/2+4.5, how, c.Text)
			}
			if c.Broken {
				s.mark(b)
			}
		}
	}
}

// mark frames a cell in which something has failed, and crosses its corner.
func (s *sheet) mark(b box) {
	in := box{b.left + 2.5, b.top + 2.5, b.right - 2.5, b.bottom - 2.5}
	s.line(b, stroke{color: red, width: 2}, append(in.corners(), xy{in.left, in.top})...)
	if in.right-in.left > 24 && in.bottom-in.top > 12 {
		at := xy{in.right - 7, in.top + 7}
		s.disc(at, 6, white)
		s.cross(at, 3.6, 2, red)
	}
}

// legend explains shades and marks.
func (s *sheet) legend() {
	y, x := float64(Height-26), s.plot.left
	least, most := s.loText, s.hiText
	if least == "" {
		s.text(xy{x, y}, labelScript, gridNothing)
		return
	}
	s.text(xy{x, y}, labelScript, least)
	x += s.width(labelScript, least) + 8
	for _, k := range s.shades[:s.step(s.hi, shades)+1] {
		b := box{x, y - 12, x + 18, y + 2}
		s.fill(b, k, b.corners())
		x += 18
	}
	s.text(xy{x + 8, y}, labelScript, most)
	x += 8 + s.width(labelScript, most) + 28
	if s.broken {
		s.mark(box{x, y - 17, x + 34, y + 7})
		s.text(xy{x + 42, y}, labelScript, s.cut(labelScript, gridBroken, Width-margin-x-42))
	}
}
