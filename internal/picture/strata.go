package picture

// The layers of a page, lowest first.

// beneath draws the regions: the knee's interval, and what lies behind the broken size.
func (g *page) beneath() {
	if k := g.knee; k != nil {
		b := box{g.col(k.Low), g.plot.top, g.col(k.High), g.plot.bottom}
		if b.right-b.left < 3 {
			b.left, b.right = b.left-1.5, b.right+1.5
		}
		g.fill(g.plot, faint(purple, 0.25), b.corners())
		x := sharp(g.col(k.At))
		g.line(g.plot, kneeStroke, xy{x, g.plot.bottom}, xy{x, g.plot.top})
	}
	if g.Broken > 0 {
		x := g.col(float64(g.Broken))
		beyond := box{x, g.plot.top, g.plot.right, g.plot.bottom}
		g.fill(beyond, faint(red, 0.05), beyond.corners())
		edge := beyond
		edge.right = min(x+12, g.plot.right)
		high := edge.bottom - edge.top
		for y := edge.top; y < edge.bottom+high; y += 8 {
			g.line(edge, stroke{color: faint(red, 0.55), width: 1}, xy{edge.left, y}, xy{edge.left + high, y - high})
		}
	}
}

// axes draws the grid, the axes and their labels.
func (g *page) axes() {
	for _, t := range g.y.ticks(int(g.plot.bottom-g.plot.top)/30, g.quantity) {
		y := sharp(g.row(t.value))
		g.gridline(t, xy{g.plot.left, y}, xy{g.plot.right, y})
		if t.label != "" {
			g.text(xy{g.plot.left - 8 - g.width(tickScript, t.label), y + 4.5}, tickScript, t.label)
		}
	}
	end := 0.0
	for _, t := range g.x.ticks(int(g.plot.right-g.plot.left)/64, size) {
		x := sharp(g.col(t.value))
		g.gridline(t, xy{x, g.plot.bottom}, xy{x, g.plot.top})
		wide := g.width(tickScript, t.label)
		if from := min(x-wide/2, Width-4-wide); t.label != "" && from > end {
			g.text(xy{from, g.plot.bottom + 18}, tickScript, t.label)
			end = from + wide + 8
		}
	}
	all := box{0, 0, Width, Height}
	left, bottom := sharp(g.plot.left), sharp(g.plot.bottom)
	g.line(all, stroke{color: grey, width: 1}, xy{left, g.plot.top}, xy{left, bottom}, xy{g.plot.right, bottom})
	g.upwards(xy{margin + 6, (g.plot.top + g.plot.bottom) / 2}, labelScript, g.timeText())
}

func (g *page) gridline(t tick, from, to xy) {
	k := paler
	if t.label != "" {
		k = pale
	}
	g.line(g.plot, stroke{color: k, width: 1}, from, to)
}

// curves draws the fit with its interval, dotted where it is a guess, and the budget.
func (g *page) curves() {
	if g.Model != nil {
		part, guess := g.inside()
		for _, outline := range g.band(part) {
			g.fill(g.plot, faint(vermilion, 0.18), g.points(outline))
		}
		for _, outline := range g.band(guess) {
			g.fill(g.plot, faint(vermilion, 0.09), g.points(outline))
		}
		g.curve(g.mid, part, fitStroke)
		g.curve(g.mid, guess, guessStroke)
	}
	g.curve(g.budget, g.x, budgetStroke)
}

func (g *page) curve(f func(float64) float64, part scale, s stroke) {
	if part.lo < part.hi {
		for _, line := range g.trace(f, part) {
			g.line(g.plot, s, g.points(line)...)
		}
	}
}

func (g *page) points(of []dot) []xy {
	to := make([]xy, len(of))
	for i, d := range of {
		to[i] = xy{g.col(d.n), g.row(d.ns)}
	}
	return to
}

// samples draws every sample, and the medians with a line through them.
func (g *page) samples() {
	var medians []dot
	for _, m := range g.sizes {
		for _, s := range m.samples {
			g.disc(xy{g.col(float64(m.n)), g.row(s)}, 2.8, faint(blue, 0.45))
		}
		medians = append(medians, dot{float64(m.n), m.median()})
	}
	g.line(g.plot, medianStroke, g.points(medians)...)
	for _, at := range g.points(medians) {
		g.ring(at, 4.6, 1.5, blue)
	}
	for _, n := range g.failed {
		g.cross(xy{g.col(float64(n)), g.plot.top + 9}, 5, 2, red)
	}
}

// labels marks the broken and the safe size and says what they are, each on a row of its own above the plot.
func (g *page) labels() {
	all := box{0, 0, Width, Height}
	y := g.plot.top - 8
	if g.Broken > 0 {
		y := y
		if g.Safe > 0 {
			y -= rowHigh
		}
		x := sharp(g.col(float64(g.Broken)))
		g.line(all, brokenStroke, xy{x, g.plot.bottom}, xy{x, y + 2})
		g.cross(xy{x, y - 4.5}, 5, 2.4, red)
		text := g.brokenText()
		if g.Failure != "" {
			text += ": " + g.Failure
		}
		g.label(xy{x, y}, brokenScript, text)
	}
	if g.Safe > 0 {
		x := sharp(g.col(float64(g.Safe)))
		g.line(all, safeStroke, xy{x, g.plot.bottom}, xy{x, y})
		g.fill(all, green, []xy{{x - 5.5, y - 9}, {x + 5.5, y - 9}, {x, y}})
		g.label(xy{x, y}, safeScript, g.safeText())
	}
}

// label ends before a mark, or begins after it where more room is.
func (g *page) label(mark xy, s script, text string) {
	const gap = 11
	before, after := mark.x-gap-margin, Width-margin-mark.x-gap
	wide := g.width(s, text)
	at := xy{mark.x - gap - wide, mark.y}
	if wide > before {
		if wide > after && before > after {
			text = g.cut(s, text, before)
			at.x = mark.x - gap - g.width(s, text)
		} else {
			text = g.cut(s, text, after)
			at.x = mark.x + gap
		}
	}
	if s == safeScript && g.Broken > 0 { // the line of the broken size may pass behind
		paper := box{at.x - 2, at.y - 12, at.x + g.width(s, text) + 2, at.y + 4}
		g.fill(box{0, 0, Width, Height}, white, paper.corners())
	}
	g.text(at, s, text)
}
