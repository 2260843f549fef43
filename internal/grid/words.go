package grid

import (
	"fmt"
	"math"
	"strings"

	"brink/internal/judge"
)

// words names the axes in sentences.
type words struct{ ramped, second string }

func (w words) few(points []Point) string {
	for _, p := range points {
		if p.Broken > 0 && p.Safe == 0 {
			return fmt.Sprintf("cannot tell: it shows at the smallest %s already with %s=%s, begin lower (--from)",
				w.ramped, w.second, judge.Count(p.Value))
		}
	}
	return "cannot tell: one threshold says nothing about what it depends on"
}

func (w words) power(s Slope) string {
	two := func(v float64) float64 { return math.Round(v*100)/100 + 0 } // no -0.00
	return fmt.Sprintf("%s^%.2f (%.2f to %.2f)", w.second, two(s.Value), two(s.Low), two(s.High))
}

func (w words) sentence(l Law) string {
	power := "threshold ~ " + w.power(*l.Slope)
	switch l.Of {
	case OfRamped:
		return fmt.Sprintf("the threshold is one of %s: about %s whatever the %s; %s", w.ramped, rough(l.Constant), w.second, power)
	case OfProduct:
		return fmt.Sprintf("the threshold is one of %s x %s: about %s; %s", w.ramped, w.second, rough(l.Constant), power)
	case OfNeither:
		return fmt.Sprintf("the threshold is neither one of %s (power 0) nor of %s x %s (power -1): %s",
			w.ramped, w.ramped, w.second, power)
	}
	return fmt.Sprintf("cannot tell whether the threshold is one of %s (power 0) or of %s x %s (power -1): %s; "+
		"give more values, or a narrower search (--precision, --max-boots)", w.ramped, w.ramped, w.second, power)
}

func (w words) but(against []Point) string {
	var parts []string
	for _, p := range against {
		if p.Broken == 0 {
			parts = append(parts, fmt.Sprintf("%s=%s has none up to %s", w.second, judge.Count(p.Value), judge.Count(p.Upto)))
		} else {
			parts = append(parts, fmt.Sprintf("%s=%s has it at %s already", w.second, judge.Count(p.Value), judge.Count(p.Broken)))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "; but " + strings.Join(parts, ", ")
}

// rough writes an estimated size with three digits.
func rough(v float64) string {
	step := math.Pow(10, max(0, math.Floor(math.Log10(v))-2))
	return judge.Count(int64(math.Round(v/step) * step))
}
