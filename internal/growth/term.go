package growth

import (
	"fmt"
	"math"
	"strings"
)

// Term is one part of a cost in ns: NS * n^Power * ln(n)^Log.
//
// From and Upto are the marks of a knee. A growing term with From grows only above that size, NS * (g(n) - g(From)),
// and one with Upto grows only up to it. A constant term with From begins there (a jump), one with Upto ends there (a
// drop).
type Term struct {
	NS    float64 `json:"ns"`
	Power float64 `json:"power"`
	Log   int     `json:"log,omitempty"`
	From  float64 `json:"from,omitempty"`
	Upto  float64 `json:"upto,omitempty"`
}

func (t Term) grows() bool { return t.Power != 0 || t.Log != 0 }

// At returns what the term adds to the cost at size n, in ns.
func (t Term) At(n float64) float64 {
	switch {
	case t.From > 0 && n <= t.From:
		return 0
	case t.From > 0 && t.grows():
		return t.NS * (t.g(n) - t.g(t.From))
	case t.Upto > 0 && n > t.Upto:
		if !t.grows() {
			return 0
		}
		n = t.Upto
	}
	return t.NS * t.g(n)
}

// marginal is the derivative of At.
func (t Term) marginal(n float64) float64 {
	if t.From > 0 && n <= t.From || t.Upto > 0 && n > t.Upto {
		return 0
	}
	if t.Log == 0 {
		return t.NS * t.Power * math.Pow(n, t.Power-1)
	}
	return t.NS * math.Pow(n, t.Power-1) * (t.Power*math.Log(n) + 1)
}

func (t Term) g(n float64) float64 {
	g := 1.0
	switch t.Power { // exact, and much faster than Pow
	case 0:
	case 1:
		g = n
	case 2:
		g = n * n
	case 3:
		g = n * n * n
	default:
		g = math.Pow(n, t.Power)
	}
	if t.Log == 1 {
		g *= math.Log(n)
	}
	return g
}

// column is the term at all sizes.
func (t Term) column(n []float64) []float64 {
	c := make([]float64, len(n))
	for i, x := range n {
		c[i] = t.At(x)
	}
	return c
}

// String writes the term as in "3.2 n^2 above 4000".
func (t Term) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%.4g", t.NS)
	switch t.Power {
	case 0:
	case 1:
		b.WriteString(" n")
	default:
		fmt.Fprintf(&b, " n^%.3g", t.Power)
	}
	if t.Log == 1 {
		b.WriteString(" ln n")
	}
	if t.From > 0 {
		fmt.Fprintf(&b, " above %.4g", t.From)
	}
	if t.Upto > 0 {
		fmt.Fprintf(&b, " up to %.4g", t.Upto)
	}
	return b.String()
}

// evaluate is the sum of the terms at n.
func evaluate(terms []Term, n float64) (ns float64) {
	for _, t := range terms {
		ns += t.At(n)
	}
	return ns
}
