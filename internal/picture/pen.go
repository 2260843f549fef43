package picture

import (
	"fmt"
	"image/color"
	"strings"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	stdfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// px is a CSS pixel in points.
const px = 0.75

// xy is a place in pixels from the top left corner, as on a page.
type xy struct{ x, y float64 }

func (a xy) vg() vg.Point { return vg.Point{X: vg.Length(a.x * px), Y: vg.Length((Height - a.y) * px)} }

// box is a part of the page.
type box struct{ left, top, right, bottom float64 }

func (b box) corners() []xy {
	return []xy{{b.left, b.top}, {b.right, b.top}, {b.right, b.bottom}, {b.left, b.bottom}}
}

// pen draws on a canvas in pixels, clipped to a box where one is given.
type pen struct {
	vg            vg.Canvas
	regular, bold *opentype.Font
	pixels        bool
}

func newPen(c vg.Canvas, pixels bool) (*pen, error) {
	p := &pen{vg: c, pixels: pixels}
	for _, f := range []struct {
		to  **opentype.Font
		ttf []byte
	}{{&p.regular, liberationsansregular.TTF}, {&p.bold, liberationsansbold.TTF}} {
		face, err := opentype.Parse(f.ttf)
		if err != nil {
			return nil, fmt.Errorf("read font: %w", err)
		}
		*f.to = face
	}
	return p, nil
}

// stroke is how a line looks; lengths in pixels.
type stroke struct {
	color  color.Color
	width  float64
	dashes []float64
}

func (p *pen) canvas(clip box) draw.Canvas {
	return draw.Canvas{Canvas: p.vg, Rectangle: vg.Rectangle{Min: xy{clip.left, clip.bottom}.vg(), Max: xy{clip.right, clip.top}.vg()}}
}

func points(from []xy) []vg.Point {
	to := make([]vg.Point, len(from))
	for i, a := range from {
		to[i] = a.vg()
	}
	return to
}

// line draws the part of a line that is in the box.
func (p *pen) line(clip box, s stroke, through ...xy) {
	c := p.canvas(clip)
	style := draw.LineStyle{Color: s.color, Width: vg.Length(s.width * px)}
	for _, d := range s.dashes {
		style.Dashes = append(style.Dashes, vg.Length(d*px))
	}
	c.StrokeLines(style, c.ClipLinesXY(points(through))...)
}

// fill fills the part of a polygon that is in the box.
func (p *pen) fill(clip box, k color.Color, outline []xy) {
	c := p.canvas(clip)
	c.FillPolygon(k, c.ClipPolygonXY(points(outline)))
}

// disc draws a filled circle.
func (p *pen) disc(at xy, radius float64, k color.Color) {
	p.glyph(at, radius, k, draw.CircleGlyph{})
}

// ring draws a circle.
func (p *pen) ring(at xy, radius, width float64, k color.Color) {
	p.vg.SetColor(k)
	p.vg.SetLineWidth(vg.Length(width * px))
	p.vg.SetLineDash(nil, 0)
	var path vg.Path
	center, r := at.vg(), vg.Length(radius*px)
	path.Move(vg.Point{X: center.X + r, Y: center.Y})
	path.Arc(center, r, 0, 6.283185307179586)
	path.Close()
	p.vg.Stroke(path)
}

func (p *pen) glyph(at xy, radius float64, k color.Color, shape draw.GlyphDrawer) {
	c := draw.Canvas{Canvas: p.vg}
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: k, Radius: vg.Length(radius * px), Shape: shape}, at.vg())
}

// cross draws a × of two strokes.
func (p *pen) cross(at xy, radius, width float64, k color.Color) {
	all := box{0, 0, Width, Height}
	s := stroke{color: k, width: width}
	p.line(all, s, xy{at.x - radius, at.y - radius}, xy{at.x + radius, at.y + radius})
	p.line(all, s, xy{at.x - radius, at.y + radius}, xy{at.x + radius, at.y - radius})
}

// script is how a text looks.
type script struct {
	size  float64 // in pixels
	bold  bool
	color color.Color
}

func (p *pen) face(s script) font.Face {
	f := font.Face{Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Length(s.size * px)}, Face: p.regular}
	if s.bold {
		f.Font.Weight, f.Face = stdfont.WeightBold, p.bold
	}
	return f
}

// width returns how wide a text is, in pixels.
func (p *pen) width(s script, text string) (sum float64) {
	f := p.face(s)
	for _, run := range p.runs(text) {
		sum += f.Width(run).Points() / px
	}
	return sum
}

// runs divides a text where two ones meet: Liberation draws them so close that at this size they look like one sign.
func (p *pen) runs(text string) (out []string) {
	for p.pixels {
		i := strings.Index(text, "11")
		if i < 0 {
			break
		}
		out, text = append(out, text[:i+1]), text[i+1:]
	}
	return append(out, text)
}

// cut shortens a text to a width.
func (p *pen) cut(s script, text string, width float64) string {
	runes := []rune(text)
	for n := len(runes); n > 0 && p.width(s, text) > width; {
		n = min(n-1, int(float64(n)*max(0.5, width/p.width(s, text)))+1)
		text = strings.TrimRight(string(runes[:n]), " ") + "…"
	}
	return text
}

// text writes on a baseline that begins at a place.
func (p *pen) text(at xy, s script, text string) {
	p.vg.SetColor(s.color)
	f := p.face(s)
	for _, run := range p.runs(text) {
		if run != "" {
			p.vg.FillString(f, at.vg(), run)
		}
		at.x += f.Width(run).Points() / px
	}
}

// upwards writes a text that is read from below, its middle at a place.
func (p *pen) upwards(middle xy, s script, text string) {
	p.vg.Push()
	p.vg.Translate(xy{middle.x, middle.y + p.width(s, text)/2}.vg())
	p.vg.Rotate(1.5707963267948966)
	p.vg.SetColor(s.color)
	p.vg.FillString(p.face(s), vg.Point{}, text)
	p.vg.Pop()
}
