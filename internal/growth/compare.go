package growth

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Difference is how the second of two series compares with the first.
type Difference string

// The differences.
const (
	NotDifferent Difference = "not different"
	Faster       Difference = "faster"
	Slower       Difference = "slower"
	Undecided    Difference = "cannot tell"
)

const (
	// drift is the relative standard deviation between two runs of the same kernel that no repetition within a run
	// shows: under the instruction clock, runs with other random seeds are up to 0.5% apart.
	drift = 0.003
	// trifle is the relative change that does not matter, however certain it is.
	trifle = 0.01
	// alike is the relative change that must be ruled out before two series count as not different.
	alike = 0.1
	// certain is the confidence that faster and slower need, singly the one at which a single size decides. More than
	// the 95% of the intervals, because a nightly run compares many ops.
	certain = 0.995
	singly  = 0.99
)

// Ratio is cost in b divided by cost in a. Low and High hold 95%.
type Ratio struct {
	N     int64   `json:"n,omitempty"`
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Comparison is what two series of one op show.
type Comparison struct {
	Difference Difference `json:"difference"`
	Confidence float64    `json:"confidence"` // in Difference, 0 to 1; of "cannot tell", in the likeliest of the others
	Ratio      Ratio      `json:"ratio"`      // over all common sizes, the mean of the logarithms
	Sizes      []Ratio    `json:"sizes,omitempty"`
	Growth     Change     `json:"growth"`
	Warnings   []string   `json:"warnings,omitempty"`
}

// Compare sets b against a at the sizes that both have. The same points and seed give the same result.
func Compare(a, b []Point, seed uint64) Comparison {
	fa, fb := Fit(a, seed), Fit(b, seed)
	c := Comparison{Difference: Undecided, Growth: change(fa, fb)}
	d := pair(newSeries(a), newSeries(b), fa, fb)
	if len(d) == 0 {
		c.Warnings = append(c.Warnings, "no common sizes")
		return c
	}
	for _, x := range d {
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: x.df}.Quantile((1 + level) / 2)
		e := t * math.Hypot(x.sd, drift)
		c.Sizes = append(c.Sizes, Ratio{x.n, factor(x.log), factor(x.log - e), factor(x.log + e)})
	}
	draws := overall(d, rand.New(rand.NewPCG(seed, uint64(len(d)))))
	slices.Sort(draws)
	at := func(q float64) float64 { return factor(draws[int(q*float64(len(draws)-1))]) }
	c.Ratio = Ratio{Value: at(0.5), Low: at((1 - level) / 2), High: at((1 + level) / 2)}
	c.decide(draws)
	c.single(d)
	return c
}

// factor is exp, kept finite: two samples that are far apart give an interval beyond all numbers.
func factor(log float64) float64 { return math.Exp(max(-700, min(700, log))) }

// delta is the log ratio at one size.
type delta struct {
	n           int64
	log, sd, df float64
}

// pair takes the differences at common sizes. Where repetitions do not tell the noise, the misses of the fits do.
func pair(a, b *series, fa, fb Result) (out []delta) {
	for i, n := range a.n {
		j, ok := slices.BinarySearch(b.n, n)
		if !ok {
			continue
		}
		v := variance(a, i, fa) + variance(b, j, fb)
		df := max(2, float64(a.reps+b.reps))
		out = append(out, delta{int64(n), b.z[j] - a.z[i], math.Sqrt(v), df})
	}
	return out
}

func variance(s *series, i int, r Result) float64 {
	if s.reps > 0 {
		return s.v[i]
	}
	return max(s.v[i], r.Prediction*r.Prediction)
}

// overall draws the mean log ratio: a random-effects mean (DerSimonian, Laird: Meta-analysis in clinical trials,
// 1986), so that sizes that differ among themselves widen it; plus what differs from run to run.
func overall(d []delta, rng *rand.Rand) []float64 {
	weigh := func(tau2 float64, x func(int) float64) (mean, sum float64) {
		for i := range d {
			w := 1 / (d[i].sd*d[i].sd + tau2)
			mean += w * x(i)
			sum += w
		}
		return mean / sum, sum
	}
	log := func(i int) float64 { return d[i].log }
	fixed, sum := weigh(0, log)
	q, squares := 0.0, 0.0
	for _, x := range d {
		w := 1 / (x.sd * x.sd)
		q += w * (x.log - fixed) * (x.log - fixed)
		squares += w * w
	}
	tau2 := 0.0
	if spread := sum - squares/sum; spread > 0 {
		tau2 = max(0, (q-float64(len(d)-1))/spread)
	}
	center, _ := weigh(tau2, log)
	df := d[0].df
	if tau2 > 0 {
		df = max(2, float64(len(d)-1))
	}
	chi := distuv.ChiSquared{K: df, Src: rng}
	draws := make([]float64, 5*resamples)
	for r := range draws {
		scale := math.Sqrt(df / chi.Rand())
		m, _ := weigh(tau2, func(i int) float64 { return scale * math.Sqrt(d[i].sd*d[i].sd+tau2) * rng.NormFloat64() })
		draws[r] = center + m + drift*rng.NormFloat64()
	}
	return draws
}

// decide turns the draws of the log ratio into a word. Faster and slower ask that the draws are on one side and the
// ratio is no trifle; not different asks that they leave out a change of 10% either way.
func (c *Comparison) decide(draws []float64) {
	up, down, same := 0.0, 0.0, 0.0
	for _, x := range draws {
		if x > 0 {
			up++
		} else {
			down++
		}
		if math.Abs(x) < math.Log1p(alike) {
			same++
		}
	}
	n := float64(len(draws))
	up, down, same = up/n, down/n, same/n
	switch r := c.Ratio; {
	case up >= certain && r.Value > 1+trifle:
		c.Difference, c.Confidence = Slower, up
	case down >= certain && r.Value < 1-trifle:
		c.Difference, c.Confidence = Faster, down
	case same >= level:
		c.Difference, c.Confidence = NotDifferent, same
	default:
		c.Confidence = max(up, down)
	}
}

// single looks at the sizes one by one: a change of growth may show at the largest ones only, and leave the mean
// undecided. The level is shared among the sizes (Bonferroni).
func (c *Comparison) single(d []delta) {
	faster, slower := 0.0, 0.0
	for _, x := range d {
		t := distuv.StudentsT{Mu: 0, Sigma: math.Hypot(x.sd, drift), Nu: x.df}
		sure := 1 - float64(len(d))*t.CDF(trifle-math.Abs(x.log))
		if x.log > 0 {
			slower = max(slower, sure)
		} else {
			faster = max(faster, sure)
		}
	}
	switch isFaster, isSlower := faster > singly, slower > singly; {
	case isFaster && isSlower:
		c.Difference, c.Confidence = Undecided, max(faster, slower)
		c.Warnings = append(c.Warnings, "slower at some sizes and faster at others")
	case c.Difference == Faster || c.Difference == Slower:
	case isSlower:
		c.Difference, c.Confidence = Slower, slower
	case isFaster:
		c.Difference, c.Confidence = Faster, faster
	}
}
