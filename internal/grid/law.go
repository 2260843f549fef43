package grid

import (
	"fmt"

	"brink/internal/growth"
	"brink/internal/judge"
	"brink/internal/scenario"
)

// Of says what a threshold is a constant of.
type Of string

// What a threshold can be a constant of.
const (
	OfRamped   Of = "ramped"      // it lies at the same size, whatever the other axis is
	OfSecond   Of = "second"      // at any size, as soon as the other axis has passed a value
	OfProduct  Of = "product"     // where size times value reach a number
	OfNeither  Of = "neither"     // it moves with the value, in another way
	CannotTell Of = "cannot tell" // too few values, or thresholds that are known too roughly
)

// Law is how a threshold depends on the value at which the other axis stands: threshold ~ value^Slope.
type Law struct {
	Of    Of     `json:"of"`
	Slope *Slope `json:"slope,omitempty"` // nil with fewer than two thresholds that have a safe size below them
	// Constant is the size (OfRamped), or the product (OfProduct), at which it comes: the geometric mean.
	Constant float64 `json:"constant,omitempty"`
	Text     string  `json:"text"` // all of it in a sentence
}

// Slope is the power of a law. Low and High hold 95%; of two thresholds they are the powers that their safe and broken sizes
// allow.
type Slope struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

func (s Slope) contains(x float64) bool { return s.Low <= x && x <= s.High }

// told is how many thresholds an interval needs.
const told = 3

// law reads the law off the thresholds of several values. The points are in rising order of their values.
func law(points []Point, axis scenario.Axis, second string) Law {
	w := words{axis.Name, second}
	if low, high, ok := step(points); ok {
		text := fmt.Sprintf("the threshold is one of %s: none up to %s, and from %s on at the smallest %s already",
			second, judge.Count(low), judge.Count(high), axis.Name)
		return Law{Of: OfSecond, Text: text}
	}
	f, n := fit(points)
	if n < 2 {
		return Law{Of: CannotTell, Text: w.few(points)}
	}
	l := Law{Of: CannotTell, Slope: &Slope{Value: f.slope}}
	if n < told {
		l.Slope.Low, l.Slope.High = f.ends()
		l.Text = fmt.Sprintf("cannot tell: threshold ~ %s between two values, "+
			"as far as their safe and broken sizes tell; three values or more show whether that is a law", w.power(*l.Slope))
		return l
	}
	l.Slope.Low, l.Slope.High = f.interval()
	l.Of, l.Constant = f.of(*l.Slope)
	against := f.against(points)
	if len(against) > 0 && l.Of != CannotTell {
		l.Of, l.Constant = OfNeither, 0
	}
	l.Text = w.sentence(l) + cost(points, axis) + w.but(against)
	return l
}

// step finds a threshold of the second axis alone: nothing fails up to a value, and from the next one on everything does.
func step(points []Point) (low, high int64, ok bool) {
	for _, p := range points {
		switch {
		case p.Broken == 0 && p.Upto == 0: // not known
		case p.Broken == 0 && high == 0:
			low = p.Value
		case p.Broken > 0 && p.Safe == 0:
			if high == 0 {
				high = p.Value
			}
		default:
			return 0, 0, false
		}
	}
	return low, high, low > 0 && high > 0
}

// fewest is how many thresholds a law of growth needs.
const fewest = 5

// cost says how the time that is left for one unit of a rate grows with the value: a threshold at 10,000 a second is 100 µs each.
func cost(points []Point, axis scenario.Axis) string {
	var each []growth.Point
	for _, p := range points {
		if p.Safe > 0 && p.Broken > 0 {
			each = append(each, growth.Point{N: p.Value, Samples: []float64{1e9 / float64(p.Broken), 1e9 / float64(p.Safe)}})
		}
	}
	if !axis.Load || len(each) < fewest {
		return ""
	}
	r := growth.Fit(each, 1)
	if r.Verdict != growth.Told {
		return ""
	}
	return "; time for each at the threshold: " + judge.Model(r)
}
