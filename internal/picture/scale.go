package picture

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// scale is a logarithmic axis from lo to hi, both above 0.
type scale struct{ lo, hi float64 }

// at returns the place of a value on the axis, 0 at its beginning, 1 at its end.
func (s scale) at(v float64) float64 { return math.Log(v/s.lo) / math.Log(s.hi/s.lo) }

// value is the inverse of at.
func (s scale) value(at float64) float64 { return s.lo * math.Pow(s.hi/s.lo, at) }

func (s scale) holds(v float64) bool { return v >= s.lo && v <= s.hi }

func (s scale) decades() float64 { return math.Log10(s.hi / s.lo) }

// widen makes the axis at least so many decades long, about its middle.
func (s scale) widen(decades float64) scale {
	if missing := decades - s.decades(); missing > 0 {
		f := math.Pow(10, missing/2)
		return scale{s.lo / f, s.hi * f}
	}
	return s
}

// pad adds parts of its length at the beginning and the end.
func (s scale) pad(before, after float64) scale { return scale{s.value(-before), s.value(1 + after)} }

// tick is a mark on an axis; a minor one has no label.
type tick struct {
	at    float64
	value float64
	label string
}

// ticks marks the decades, and 2 and 5 within them where at most most labels come of it. Minor ticks fill the gaps.
func (s scale) ticks(most int, label func(float64) string) []tick {
	first, last := int(math.Floor(math.Log10(s.lo))), int(math.Ceil(math.Log10(s.hi)))
	steps := []int{1, 2, 5}
	if s.decades()*3 > float64(most) {
		steps = steps[:1]
	}
	every := max(1, int(math.Ceil(s.decades()/float64(max(1, most)))))
	var out []tick
	for e := first; e <= last; e++ {
		for m := 1; m <= 9; m++ {
			v, err := strconv.ParseFloat(fmt.Sprintf("%de%d", m, e), 64) // exact where math.Pow is not
			if err != nil || !s.holds(v) {
				continue
			}
			t := tick{at: s.at(v), value: v}
			for _, step := range steps {
				if m == step && e%every == 0 {
					t.label = label(v)
				}
			}
			if t.label != "" || every == 1 {
				out = append(out, t)
			}
		}
	}
	return out
}

// duration names a round time given in ns: 20 µs, 1,000 s.
func duration(ns float64) string {
	for _, u := range []struct {
		ns   float64
		name string
	}{{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}} {
		if ns >= u.ns {
			if v := ns / u.ns; v >= 1e4 {
				return si(v, 1e4) + " " + u.name
			}
			return number(ns/u.ns) + " " + u.name
		}
	}
	return number(ns) + " ns"
}

// size names a round size: 500, 100,000, 20M. There is none below 1.
func size(n float64) string {
	if n < 1 {
		return ""
	}
	return si(n, 1e6)
}

// si writes a number with a prefix from a limit on.
func si(v, from float64) string {
	if v >= from {
		for _, p := range []struct {
			factor float64
			name   string
		}{{1e18, "E"}, {1e15, "P"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
			if v >= p.factor {
				return number(v/p.factor) + p.name
			}
		}
	}
	return number(v)
}

// number writes a number with at most three digits behind the point and its thousands separated.
func number(v float64) string {
	whole, frac, _ := strings.Cut(strconv.FormatFloat(v, 'f', 3, 64), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if frac = strings.TrimRight(frac, "0"); frac != "" {
		return whole + "." + frac
	}
	return whole
}
