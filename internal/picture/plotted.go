package picture

import "math"

// col returns the column of a size, line the row of a time; both may lie outside the chart.
func (c *chart) col(n float64) int { return c.left + 1 + int(math.Floor(c.x.at(n)*float64(c.cols))) }

func (c *chart) line(ns float64) int {
	return c.top + c.height - 1 - int(math.Floor(c.y.at(ns)*float64(c.height)))
}

// draw puts a cell between the axes.
func (c *chart) draw(x, y int, r rune, top uint8, k ink) {
	if x > c.left && x <= c.left+c.cols && y >= c.top && y < c.top+c.height {
		c.put(x, y, r, top, k)
	}
}

// marks draws the columns of the knee, the safe and the broken size, and the sizes that failed.
func (c *chart) marks() {
	for y := c.top; y < c.top+c.height; y++ {
		if c.knee != nil {
			for x := c.col(c.knee.Low); x <= c.col(c.knee.High); x++ {
				c.draw(x, y, c.set.knee, topKnee, inkFaint)
			}
		}
		if c.Safe > 0 {
			c.draw(c.col(float64(c.Safe)), y, c.set.safe, topSafe, inkGreen)
		}
		if c.Broken > 0 {
			c.draw(c.col(float64(c.Broken)), y, c.set.broken, topBroken, inkRed)
		}
	}
	for _, n := range c.failed {
		c.draw(c.col(float64(n)), c.top, c.set.broken, topBroken, inkRed)
	}
}

func (c *chart) samples() {
	for _, m := range c.sizes {
		for _, s := range m.samples {
			c.draw(c.col(float64(m.n)), c.line(s), c.set.sample, topSample, inkBlue)
		}
		c.draw(c.col(float64(m.n)), c.line(m.median()), c.set.median, topMedian, inkBlue)
	}
}

// curves draws the budget a cell a column, and the fit in dots, with gaps where it is a guess.
func (c *chart) curves() {
	for x := c.left + 1; x <= c.left+c.cols; x++ {
		n := c.x.value((float64(x-c.left-1) + 0.5) / float64(c.cols))
		if ns := c.budget(n); good(ns) {
			c.draw(x, c.line(ns), c.set.budget, topBudget, inkMagenta)
		}
	}
	part, guess := c.inside()
	c.curve(c.mid, part, false)
	c.curve(c.mid, guess, true)
}

// curve draws a line of dots without gaps, or with gaps all along if it is dotted.
func (c *chart) curve(f func(float64) float64, part scale, dotted bool) {
	if part.lo >= part.hi {
		return
	}
	wide, high, every := 1, 1, 2
	if c.set.dots {
		wide, high, every = 2, 4, 3
	}
	bits := map[[2]int]uint8{}
	last, started, nth := 0, false, 0
	for x := range c.cols * wide {
		n := c.x.value((float64(x) + 0.5) / float64(c.cols*wide))
		ns := f(n)
		if n < part.lo || n > part.hi || !good(ns) {
			started = false
			continue
		}
		y := int(math.Floor((1 - c.y.at(ns)) * float64(c.height*high)))
		y = min(max(y, -1), c.height*high)
		if !started {
			last, started = y, true
		}
		for _, y := range between(last, y) {
			if nth++; dotted && nth%every != 0 || y < 0 || y >= c.height*high {
				continue
			}
			bits[[2]int{x / wide, y / high}] |= braille[y%high*(4/high)][x%wide]
		}
		last = y
	}
	for at, b := range bits {
		r := rune(0x2800) + rune(b)
		if !c.set.dots && dotted {
			r = c.set.guess
		} else if !c.set.dots {
			r = c.set.fit
		}
		x, y := c.left+1+at[0], c.top+at[1]
		if was := c.row(y)[x]; c.set.dots && was.top == topFit && was.r > 0x2800 {
			r |= was.r // where the fit ends and the guess begins
		}
		c.draw(x, y, r, topFit, inkYellow)
	}
}

// between returns the steps after one height up to another.
func between(from, to int) (out []int) {
	switch {
	case from == to:
		return []int{to}
	case from < to:
		for y := from + 1; y <= to; y++ {
			out = append(out, y)
		}
	default:
		for y := from - 1; y >= to; y-- {
			out = append(out, y)
		}
	}
	return out
}
