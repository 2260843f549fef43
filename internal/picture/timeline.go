package picture

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Timeline is what many VMs did side by side: a row for each place in which one VM comes after the other, a bar for each VM.
type Timeline struct {
	Title, Subtitle string
	Arms            []string // what the bars of each arm are called
	Length          time.Duration
	Bars            []TimelineBar
	Seeded          bool // the failures are planted
}

// TimelineBar is one VM. Times are since the beginning.
type TimelineBar struct {
	Slot, Arm          int
	Start, Loaded, End time.Duration // Loaded is 0 for a VM that did not come so far
	Failure            string        // its signature; empty for none
	Lost               bool          // through our own fault
}

// TimelinePNG draws a timeline as an image of Width by Height pixels.
func TimelinePNG(w io.Writer, t Timeline) error {
	c := vgimg.PngCanvas{Canvas: vgimg.New(Width*px, Height*px)}
	p, err := newPen(c, true)
	if err != nil {
		return err
	}
	drawTimeline(p, t)
	if _, err := c.WriteTo(w); err != nil {
		return fmt.Errorf("write PNG: %w", err)
	}
	return nil
}

// TimelineSVG draws the same as SVG. Its text stays text, and it has a title for screen readers.
func TimelineSVG(w io.Writer, t Timeline) error {
	c := &svgCanvas{Canvas: vgsvg.New(Width*px, Height*px)}
	p, err := newPen(c, false)
	if err != nil {
		return err
	}
	drawTimeline(p, t)
	var text bytes.Buffer
	if _, err := c.WriteTo(&text); err != nil {
		return fmt.Errorf("write SVG: %w", err)
	}
	if _, err := w.Write(c.finish(text.Bytes(), t.spoken())); err != nil {
		return fmt.Errorf("write SVG: %w", err)
	}
	return nil
}

// spoken is the title for screen readers.
func (t Timeline) spoken() string {
	failed := 0
	for _, b := range t.Bars {
		if b.Failure != "" {
			failed++
		}
	}
	text := fmt.Sprintf("%s: %d VMs, %d failed", clean(t.Title), len(t.Bars), failed)
	if t.Seeded {
		text = seededText + ". " + text
	}
	return text
}

// lanes is a timeline while it is drawn.
type lanes struct {
	*pen
	Timeline
	plot  box
	slots int
	names []string // signatures, by the letters that mark them
}

// mostNames is how many signatures have a letter of their own.
const mostNames = 6

// armColors are told apart by their lightness, too.
var armColors = []color.NRGBA{blue, amber}

func drawTimeline(p *pen, t Timeline) {
	all := box{0, 0, Width, Height}
	p.fill(all, white, all.corners())
	l := &lanes{pen: p, Timeline: t, slots: 1}
	counts := map[string]int{}
	for _, b := range t.Bars {
		l.slots = max(l.slots, b.Slot+1)
		if b.Failure != "" {
			counts[b.Failure]++
		}
	}
	for name := range counts {
		l.names = append(l.names, name)
	}
	slices.SortFunc(l.names, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	g := page{pen: p, view: &view{Ramp: Ramp{Title: clean(t.Title), Subtitle: clean(t.Subtitle), Seeded: t.Seeded}}}
	l.plot = box{left: margin + 40, top: g.head() + 8, right: Width - margin, bottom: 0}
	l.plot.bottom = l.legend(counts) - 44
	l.axis()
	for _, b := range t.Bars {
		l.bar(b)
	}
}

// col is where a time is.
func (l *lanes) col(d time.Duration) float64 {
	at := min(max(float64(d)/float64(max(l.Length, 1)), 0), 1)
	return l.plot.left + at*(l.plot.right-l.plot.left)
}

// row is the part of the page that a slot has.
func (l *lanes) row(slot int) box {
	high := (l.plot.bottom - l.plot.top) / float64(l.slots)
	top := l.plot.top + float64(slot)*high
	return box{l.plot.left, top + min(4, high/6), l.plot.right, top + high - min(4, high/6)}
}

// bar draws a VM: pale while it boots, then in the colour of its arm, with a mark where it failed.
func (l *lanes) bar(b TimelineBar) {
	if b.Slot < 0 || b.Arm < 0 {
		return
	}
	row := l.row(b.Slot)
	boot := b.Loaded
	if boot == 0 {
		boot = b.End
	}
	k := color.Color(faint(armColors[b.Arm%len(armColors)], 0.55))
	if b.Lost {
		k = pale
	}
	for _, part := range []struct {
		from, to time.Duration
		k        color.Color
	}{{b.Start, boot, pale}, {boot, b.End, k}} {
		if bar := (box{l.col(part.from), row.top, l.col(part.to), row.bottom}); bar.right > bar.left {
			l.fill(l.plot, part.k, bar.corners())
		}
	}
	end := l.col(b.End)
	l.line(l.plot, stroke{color: white, width: 1}, xy{end, row.top}, xy{end, row.bottom})
	middle := (row.top + row.bottom) / 2
	switch {
	case b.Failure != "":
		at := xy{max(end-6, l.plot.left), middle}
		l.cross(at, 4.5, 2, red)
		if row.bottom-row.top >= 24 {
			l.text(xy{at.x - 4, middle + 18}, tickScript, l.letter(b.Failure))
		}
	case b.Lost:
		l.text(xy{max(end-10, l.plot.left), middle + 4.5}, tickScript, "?")
	}
}

// letter is what marks a signature: A for the most frequent one.
func (l *lanes) letter(name string) string {
	i := slices.Index(l.names, name)
	if i < 0 || i >= mostNames {
		return "*"
	}
	return string(rune('a' + i))
}

// axis draws the time and the numbers of the slots.
func (l *lanes) axis() {
	step := tickStep(l.Length)
	for d := time.Duration(0); d <= l.Length; d += step {
		x := sharp(l.col(d))
		l.line(box{0, 0, Width, Height}, stroke{color: pale, width: 1}, xy{x, l.plot.top}, xy{x, l.plot.bottom})
		text := shortTime(d)
		l.text(xy{min(x-l.width(tickScript, text)/2, Width-margin-l.width(tickScript, text)), l.plot.bottom + 18}, tickScript, text)
	}
	end := 0.0
	for i := range l.slots {
		row := l.row(i)
		if base := (row.top+row.bottom)/2 + 4.5; base-end >= smallestRow {
			text := fmt.Sprint(i + 1)
			l.text(xy{l.plot.left - 8 - l.width(tickScript, text), base}, tickScript, text)
			end = base
		}
	}
	label := "time of the host; one row for each VM at a time, pale while it boots"
	l.text(xy{(l.plot.left + l.plot.right - l.width(labelScript, label)) / 2, l.plot.bottom + 36}, labelScript, label)
}

// tickStep parts a time into 4 to 10 pieces.
func tickStep(length time.Duration) time.Duration {
	for _, step := range []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute,
		2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour} {
		if length/step <= 10 {
			return step
		}
	}
	return time.Duration(math.Ceil(length.Hours()/240)) * 24 * time.Hour
}

// shortTime is 1h30m for 1h30m0s.
func shortTime(d time.Duration) string {
	text := d.String()
	if short, ok := strings.CutSuffix(text, "m0s"); ok {
		text = short + "m"
	}
	if short, ok := strings.CutSuffix(text, "h0m"); ok {
		text = short + "h"
	}
	return text
}

// legend explains colours and letters from below upwards, and returns where it begins.
func (l *lanes) legend(counts map[string]int) (top float64) {
	y := float64(Height - 16)
	wide := Width - 2*margin - iconic - 8.0
	for i := min(len(l.names), mostNames) - 1; i >= 0; i-- {
		text := fmt.Sprintf("%s  %d x %s", l.letter(l.names[i]), counts[l.names[i]], clean(l.names[i]))
		l.cross(xy{margin + iconic/2, y - 4.5}, 4.5, 2, red)
		l.text(xy{margin + iconic + 8, y}, labelScript, l.cut(labelScript, text, wide))
		y -= rowHigh
	}
	if len(l.Arms) > 1 {
		for i := len(l.Arms) - 1; i >= 0; i-- {
			b := box{margin, y - 11, margin + iconic, y + 2}
			l.fill(b, faint(armColors[i%len(armColors)], 0.55), b.corners())
			l.text(xy{margin + iconic + 8, y}, labelScript, l.cut(labelScript, string(rune('A'+i))+": "+clean(l.Arms[i]), wide))
			y -= rowHigh
		}
	}
	return y
}
