package growth

import (
	"math"

	"brink/internal/scenario"
)

// Class is how a cost grows.
type Class string

// The classes, from slowest to fastest. A power has an exponent of its own, see Result.Exponent.
const (
	Constant     Class = "constant"
	Log          Class = "log"
	Linear       Class = "linear"
	Linearithmic Class = "linearithmic"
	Quadratic    Class = "quadratic"
	Cubic        Class = "cubic"
	Power        Class = "power"
)

// kind is a candidate: a constant plus these growing terms.
type kind struct {
	class Class
	grow  []Term
	// reluctance is what the candidate must win by, in units of AICc, on top of the price of its parameters. A growth
	// that is not there is a worse mistake than a small one overlooked; n log n is rarer in kernels than n and easily
	// mimicked by it.
	reluctance float64
}

var (
	one     = Term{NS: 1}
	logN    = Term{NS: 1, Log: 1}
	linN    = Term{NS: 1, Power: 1}
	linLogN = Term{NS: 1, Power: 1, Log: 1}
	square  = Term{NS: 1, Power: 2}
	cube    = Term{NS: 1, Power: 3}
)

// smooth are the candidates without a free power. A sum of two growing terms has the class of the faster one.
var smooth = []kind{
	{Constant, nil, 0},
	{Log, []Term{logN}, 7},
	{Linear, []Term{linN}, 7},
	{Linearithmic, []Term{linLogN}, 8},
	{Quadratic, []Term{square}, 7},
	{Cubic, []Term{cube}, 7},
	{Linear, []Term{logN, linN}, 16},
	{Quadratic, []Term{linN, square}, 16},
	{Quadratic, []Term{logN, square}, 16},
	{Cubic, []Term{linN, cube}, 16},
	{Cubic, []Term{square, cube}, 16},
}

const (
	powerReluctance   = 13
	mixtureReluctance = 20
	termReluctance    = 4  // of each term of a knee
	kneeMargin        = 10 // over every smooth curve, the mixture included, their reluctance not counted
	kneeDoubt         = 15 // the same, where the repetitions may not be independent
)

// expects is the exponent of the growth that a spec allows; NaN for one this package does not know.
func expects(g scenario.Growth) float64 {
	switch g {
	case scenario.Constant, scenario.Log:
		return 0
	case scenario.Linear:
		return 1
	}
	return math.NaN()
}

// rank orders growing terms by how fast they grow.
func (t Term) rank() float64 { return t.Power + 0.5*float64(t.Log) }

// classOf is the class of the fastest of the terms.
func classOf(terms []Term) Class {
	fastest := one
	for _, t := range terms {
		if t.NS > 0 && t.rank() > fastest.rank() {
			fastest = t
		}
	}
	for _, k := range smooth {
		if len(k.grow) == 1 && k.grow[0].rank() == fastest.rank() {
			return k.class
		}
	}
	if fastest.rank() == 0 {
		return Constant
	}
	return Power
}
