package soak

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/mathext"
)

// Versus compares the second arm (B) with the first (A).
//
// VMs run in pairs with the same seed, one of each. A race is lost by the one that fails at the younger age, in VM
// time; it is over when the other one has come to that age, and the next pair starts. If the kernels are alike, each
// loses half of the races, whatever the lives are like, whatever seeds do to them, and however long a boot takes.
// That is all the test needs: no constant rate.
type Versus struct {
	Verdict Verdict `json:"verdict"` // Better, Worse or Undecided: is B better?
	// P is the anytime-valid p-value of "both fail equally soon": it may be looked at whenever one likes. At 0.05 the
	// verdict falls.
	P float64 `json:"p"`
	// A and B are how many races each has lost, Draws in how many both failed at the same age, but for 2%: those say
	// nothing.
	A     int `json:"a"`
	B     int `json:"b"`
	Draws int `json:"draws,omitempty"`
	// Ratio is how many times as often B loses as A: of constant rates, their ratio. It is 0 where A has lost none.
	// Low and High hold it with 95% confidence whenever one looks; High is 0 when there is no upper end.
	Ratio float64 `json:"ratio"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// tie is by which part of the older age two ages differ at least: less is what a clock does.
const tie = 0.02

// outcome is what came of a race.
type outcome int

const (
	open outcome = iota // or given up
	lostByA
	lostByB
	draw
)

// race is two VMs with the same seed.
type race struct {
	vm    [2]Result
	known [2]bool
}

func (r *race) set(x Result) {
	if x.Arm < len(r.vm) {
		r.vm[x.Arm], r.known[x.Arm] = x, true
	}
}

// outcome is known when the older one is older than the failure of the younger.
func (r race) outcome() outcome {
	a, b := r.vm[0], r.vm[1]
	switch {
	case !r.known[0] || !r.known[1] || !a.counts() || !b.counts():
		return open
	case failed(a) && older(b, a):
		return lostByA
	case failed(b) && older(a, b):
		return lostByB
	case failed(a) && failed(b):
		return draw
	}
	return open
}

// failed says that it has, and at which age is known.
func failed(r Result) bool { return r.Failure != nil && !r.Partial }

func older(a, b Result) bool { return float64(a.Time)*(1-tie) > float64(b.Time) }

// over is when that was known, by the ages: it must not depend on who lost.
func (r race) over() time.Duration {
	return max(r.vm[0].Loaded, r.vm[1].Loaded) + min(r.vm[0].Time, r.vm[1].Time)
}

// late says that the question was answered before.
func (r race) late() bool { return r.vm[0].Late || r.vm[1].Late }

// races pairs the latest results, in the order in which they were over.
func races(results []Result) []race {
	index, list := map[int]int{}, []race(nil)
	for _, r := range results {
		if r.Race == 0 {
			continue
		}
		i, ok := index[r.Race]
		if !ok {
			i = len(list)
			index[r.Race], list = i, append(list, race{})
		}
		list[i].set(r)
	}
	slices.SortStableFunc(list, func(a, b race) int { return cmp.Compare(a.over(), b.over()) })
	return list
}

// enough is the logarithm of the evidence that leaves an error of 5%.
var enough = math.Log(1 / (1 - level))

// newVersus goes through the races until there is enough evidence. What comes later must not take the answer back.
func newVersus(results []Result) Versus {
	v, most := Versus{Verdict: Undecided}, 0.0
	for _, r := range races(results) {
		if r.late() {
			continue
		}
		switch r.outcome() {
		case lostByA:
			v.A++
		case lostByB:
			v.B++
		case draw:
			v.Draws++
		}
		if most = max(most, evidence(float64(v.A), float64(v.B), 0.5)); most >= enough {
			break
		}
	}
	v.P = math.Exp(-most)
	if v.A > 0 {
		v.Ratio = float64(v.B) / float64(v.A)
	}
	v.Low, v.High = ratios(float64(v.A), float64(v.B))
	switch {
	case most < enough:
	case v.B < v.A:
		v.Verdict = Better
	default:
		v.Verdict = Worse
	}
	return v
}

// evidence is the logarithm of the e-process against "B loses this share of the races": the likelihood ratio averaged
// over shares with the arcsine law (Robbins' mixture, with the prior of Jeffreys).
func evidence(a, b, share float64) float64 {
	return mathext.Lbeta(a+0.5, b+0.5) - mathext.Lbeta(0.5, 0.5) - a*math.Log1p(-share) - b*math.Log(share)
}

// ratios holds the ratios against which there is not enough evidence. High is 0 when there is no upper end.
func ratios(a, b float64) (low, high float64) {
	out := func(share float64) bool { return evidence(a, b, share) >= enough }
	const edge = 1e-9
	middle := (b + 0.5) / (a + b + 1)
	if b > 0 {
		low = odds(root(edge, middle, func(x float64) bool { return !out(x) }))
	}
	if a > 0 {
		high = odds(root(middle, 1-edge, out))
	}
	return low, high
}

func odds(share float64) float64 { return share / (1 - share) }

// String is "B failed first 0.2 times as often as A (0.029 to 0.96 with 95% confidence, whenever one looks), p 0.04,
// in 12 races".
func (v Versus) String() string {
	what, interval := fmt.Sprintf("B failed first %s times as often as A", figure(v.Ratio)), figure(v.Low)+" to "+figure(v.High)
	switch {
	case v.A+v.B == 0:
		return "no race was decided" + v.draws()
	case v.A == 0:
		what, interval = "only B failed first", "at least "+figure(v.Low)+" times as often as A"
	case v.B == 0:
		what, interval = "only A failed first", "B at most "+figure(v.High)+" times as often"
	}
	return fmt.Sprintf("%s (%s with 95%% confidence, whenever one looks), p %s, in %s%s", what, interval, figure(v.P),
		count(v.A+v.B), v.draws())
}

func (v Versus) draws() string {
	if v.Draws == 0 {
		return ""
	}
	return fmt.Sprintf(", and %s without a difference", count(v.Draws))
}

func count(races int) string {
	if races == 1 {
		return "1 race"
	}
	return fmt.Sprintf("%d races", races)
}
