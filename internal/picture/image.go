package picture

import (
	"bytes"
	"fmt"
	"html"
	"io"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// PNG draws a ramp as an image of Width by Height pixels.
func PNG(w io.Writer, r Ramp) error {
	c := vgimg.PngCanvas{Canvas: vgimg.New(Width*px, Height*px)}
	p, err := newPen(c, true)
	if err != nil {
		return err
	}
	drawPage(p, look(r))
	if _, err := c.WriteTo(w); err != nil {
		return fmt.Errorf("write PNG: %w", err)
	}
	return nil
}

// SVG draws the same as SVG. Its text stays text, and it has a title for screen readers.
func SVG(w io.Writer, r Ramp) error {
	c := &svgCanvas{Canvas: vgsvg.New(Width*px, Height*px)}
	p, err := newPen(c, false)
	if err != nil {
		return err
	}
	v := look(r)
	drawPage(p, v)
	var page bytes.Buffer
	if _, err := c.WriteTo(&page); err != nil {
		return fmt.Errorf("write SVG: %w", err)
	}
	if _, err := w.Write(c.finish(page.Bytes(), v.spoken())); err != nil {
		return fmt.Errorf("write SVG: %w", err)
	}
	return nil
}

// spoken is the title for screen readers.
func (v *view) spoken() string {
	title := v.Title + ", " + v.timeText() + " against " + v.Axis
	if v.Seeded {
		title = seededText + ". " + title
	}
	return title
}

// svgCanvas remembers how wide each text was measured.
type svgCanvas struct {
	*vgsvg.Canvas
	widths []float64
}

// FillString is vg.Canvas's.
func (c *svgCanvas) FillString(f font.Face, at vg.Point, text string) {
	c.widths = append(c.widths, f.Width(text).Points())
	c.Canvas.FillString(f, at, text)
}

// finish adds what vgsvg leaves out: a title, and for where Liberation is not installed other fonts and the width that every text
// must be fitted to. What is looked for has a bracket or a quotation mark, which are escaped in texts.
func (c *svgCanvas) finish(svg []byte, title string) []byte {
	const root, text, family = `xmlns:xlink="http://www.w3.org/1999/xlink">`, "<text ", `style="font-family:Liberation Sans;`
	var out bytes.Buffer
	before, after, _ := bytes.Cut(svg, []byte(root))
	fmt.Fprintf(&out, "%s%s\n<title>%s</title>", before, root, html.EscapeString(title))
	for i, part := range bytes.Split(after, []byte(text)) {
		if i > 0 {
			fmt.Fprintf(&out, `%slengthAdjust="spacingAndGlyphs" textLength="%.2f" `, text, c.widths[i-1])
		}
		out.Write(part)
	}
	return bytes.ReplaceAll(out.Bytes(), []byte(family), []byte(`style="font-family:'Liberation Sans',Arimo,Arial,Helvetica,sans-serif;`))
}
