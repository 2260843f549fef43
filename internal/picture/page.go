package picture

import "math"

// The size of a picture in pixels.
const (
	Width  = 900
	Height = 600
)

// page is a picture while it is drawn: the whole, and the plot within it.
type page struct {
	*pen
	*view
	plot   box
	legend [][]placed
}

// placed is an entry of the legend on its row.
type placed struct {
	entry
	x float64
}

// Distances in pixels.
const (
	margin  = 24
	rowHigh = 20 // a row of the legend, of labels or of notes
	iconic  = 30 // the sample of a line in the legend
)

func drawPage(p *pen, v *view) {
	g := &page{pen: p, view: v, plot: box{left: 96, right: Width - margin}}
	all := box{0, 0, Width, Height}
	g.fill(all, white, all.corners())
	g.arrange()
	g.plot.top = g.head()
	g.plot.bottom = g.foot()
	if g.Broken > 0 {
		g.plot.top += rowHigh
	}
	if g.Safe > 0 {
		g.plot.top += rowHigh
	}
	g.beneath()
	g.axes()
	g.curves()
	g.samples()
	g.labels()
}

// head writes the title and returns where it ends.
func (g *page) head() (bottom float64) {
	y := 14.0
	if g.Seeded {
		g.fill(box{0, 0, Width, 28}, amber, box{0, 0, Width, 28}.corners())
		g.text(xy{margin, 19}, seededScript, seededText)
		y += 26
	}
	if g.Title != "" {
		y += 22
		g.text(xy{margin, y}, titleScript, g.cut(titleScript, g.Title, Width-2*margin))
	}
	if g.Subtitle != "" {
		y += 20
		g.text(xy{margin, y}, smallScript, g.cut(smallScript, g.Subtitle, Width-2*margin))
	}
	return y + 18
}

// arrange places the legend's entries in rows.
func (g *page) arrange() {
	x := g.plot.left
	g.legend = [][]placed{nil}
	for _, e := range g.view.legend() {
		e.text = g.cut(labelScript, e.text, g.plot.right-g.plot.left-iconic-8)
		wide := iconic + 8 + g.width(labelScript, e.text)
		if x > g.plot.left && x+wide > g.plot.right {
			x = g.plot.left
			g.legend = append(g.legend, nil)
		}
		g.legend[len(g.legend)-1] = append(g.legend[len(g.legend)-1], placed{e, x})
		x += wide + 22
	}
}

// foot writes notes, legend and the size axis's label from below upwards, and returns where the plot ends.
func (g *page) foot() (top float64) {
	y := float64(Height - 16)
	for i := len(g.notes) - 1; i >= 0; i-- {
		g.text(xy{g.plot.left, y}, smallScript, g.cut(smallScript, g.notes[i], g.plot.right-g.plot.left))
		y -= rowHigh
	}
	for i := len(g.legend) - 1; i >= 0; i-- {
		for _, e := range g.legend[i] {
			g.icon(e.layer, e.x, y-4.5)
			g.text(xy{e.x + iconic + 8, y}, labelScript, e.text)
		}
		y -= rowHigh
	}
	y -= 8
	axis := g.cut(labelScript, g.Axis, g.plot.right-g.plot.left)
	g.text(xy{(g.plot.left + g.plot.right - g.width(labelScript, axis)) / 2, y}, labelScript, axis)
	return y - 40
}

// icon is the sample of a layer in the legend.
func (g *page) icon(l layer, x, y float64) {
	b := box{x, y - 6, x + iconic, y + 6}
	middle := xy{x + iconic/2, y}
	switch l {
	case layerSamples:
		for _, dx := range []float64{-8, 0, 8} {
			g.disc(xy{middle.x + dx, y}, 2.8, faint(blue, 0.45))
		}
	case layerMedian:
		g.line(b, medianStroke, xy{b.left, y}, xy{b.right, y})
		g.ring(middle, 4.6, 1.5, blue)
	case layerFit:
		g.fill(b, faint(vermilion, 0.18), b.corners())
		g.line(b, fitStroke, xy{b.left, y}, xy{b.right, y})
	case layerBudget:
		g.line(b, budgetStroke, xy{b.left, y}, xy{b.right, y})
	case layerKnee:
		g.fill(b, faint(purple, 0.25), b.corners())
		g.line(b, kneeStroke, xy{middle.x, b.top}, xy{middle.x, b.bottom})
	case layerFailed:
		g.cross(middle, 5, 2, red)
	}
}

// col and row return where a size and a time are.
func (g *page) col(n float64) float64 { return g.plot.left + g.x.at(n)*(g.plot.right-g.plot.left) }

func (g *page) row(ns float64) float64 { return g.plot.bottom - g.y.at(ns)*(g.plot.bottom-g.plot.top) }

// sharp moves a coordinate to the middle of its pixel, so that a line of one pixel is not smeared over two.
func sharp(v float64) float64 { return math.Floor(v) + 0.5 }
