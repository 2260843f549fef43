package growth

import (
	"math"

	"brink/internal/scenario"
)

// Change says whether the growth differs.
type Change struct {
	Verdict  Verdict   `json:"verdict"` // told, or cannot tell
	Changed  bool      `json:"changed"`
	From     Class     `json:"from,omitempty"`
	To       Class     `json:"to,omitempty"`
	Exponent *Exponent `json:"exponent,omitempty"` // of b less that of a
}

// apart widens an interval from 95% to 99.5%, by the normal quantiles.
const apart = 2.81 / 1.96

// change compares two growths: the interval of the difference of the exponents (MOVER: Zou, Donner: Construction of
// confidence limits about effect measures, Statistics in Medicine 2008) leaves out 0, or one cost is constant and the
// other surely not. Classes alone do not decide: n and n log n may be told from the same data with luck.
func change(a, b Result) Change {
	c := Change{Verdict: CannotTell, From: a.Class, To: b.Class}
	if a.Exponent == nil || b.Exponent == nil {
		return c
	}
	told := a.Verdict == Told && b.Verdict == Told
	if (a.Class == Constant) != (b.Class == Constant) {
		upA, _ := a.Exceeds(scenario.Constant)
		upB, _ := b.Exceeds(scenario.Constant)
		if told && upA != upB {
			c.Verdict, c.Changed = Told, true
		}
		return c
	}
	d := b.Exponent.Value - a.Exponent.Value
	low := math.Hypot(b.Exponent.Value-b.Exponent.Low, a.Exponent.High-a.Exponent.Value)
	high := math.Hypot(b.Exponent.High-b.Exponent.Value, a.Exponent.Value-a.Exponent.Low)
	c.Exponent = &Exponent{d, d - low, d + high}
	switch {
	case !(Exponent{Low: d - apart*low, High: d + apart*high}).Contains(0):
		c.Verdict, c.Changed = Told, true
	case told && (a.Class == b.Class || high+low < 1):
		c.Verdict = Told
	}
	return c
}
