package growth

import (
	"math"
	"math/rand/v2"
)

// Verdict says whether the growth could be told.
type Verdict string

// The verdicts of a fit.
const (
	Told       Verdict = "told"
	CannotTell Verdict = "cannot tell"
)

// Result is what a series shows about the growth of a cost.
type Result struct {
	Verdict Verdict `json:"verdict"`
	Class   Class   `json:"class,omitempty"` // empty if it cannot be told; with a knee, the class after it
	// Confidence that Class (if not told, the first of Plausible) is right among all candidates, 0 to 1.
	Confidence float64   `json:"confidence"`
	Plausible  []Class   `json:"plausible,omitempty"` // the classes that the data do not rule out, likeliest first
	Exponent   *Exponent `json:"exponent,omitempty"`  // nil if there are fewer than four sizes
	// Coefficients are the terms of the best model; At evaluates them. The fixed cost of a free power may be slightly
	// negative: it is the cost at size 1 that may not be.
	Coefficients []Term  `json:"coefficients,omitempty"`
	Knee         *Knee   `json:"knee,omitempty"`
	Local        []Local `json:"local,omitempty"`
	R2           float64 `json:"r2"` // share of the variance of log cost between sizes that the model explains
	// Prediction is the relative error at a size when the model is fitted without it, root mean square.
	Prediction float64  `json:"prediction"`
	Noise      float64  `json:"noise"` // relative standard deviation of one sample; 0 with one sample a size
	Above      []Above  `json:"above,omitempty"`
	Warnings   []string `json:"warnings,omitempty"`
}

// weak is the confidence below which the class is not told.
const weak = 0.7

// Fit finds the growth of a cost. The same points and seed give the same result.
func Fit(points []Point, seed uint64) Result {
	s := newSeries(points)
	r := Result{Verdict: CannotTell, Noise: s.spread, Warnings: s.warnings()}
	if len(s.n) < 2 {
		return r
	}
	plain := s.family(nil)
	models, e := s.choose(s.candidates(plain))
	best := models[0]
	r.Confidence, r.Plausible = confidence(models)
	r.Coefficients = best.terms
	r.R2, r.Prediction = s.quality(best)
	phi, df := e.dispersion(best.fit.rss, best.params)
	r.Local = s.locals(phi, df)
	if err := s.error(phi); err > noisy {
		r.Warnings = append(r.Warnings, "too noisy: the cost at a size is known within "+percent(err)+" only")
	}
	if best.knees != nil {
		k := s.locate(best.knees, e)
		k.Before, k.After = best.sides()
		r.Knee = &k
	}
	if best.class == "" {
		r.Warnings = append(r.Warnings, "no single law: a mixture of several fits best")
	}
	if len(s.n) >= enough && best.class != "" && s.span() >= narrow && r.Confidence >= weak {
		r.Verdict, r.Class = Told, best.class
	}
	if len(s.n) > 3 {
		r.exponent(s, best, e, seed)
	}
	return r
}

// exponent fills in what comes from the free power: its interval, and the tests against what a spec expects.
func (r *Result) exponent(s *series, best *model, e evidence, seed uint64) {
	f := s.family(best.knee())
	if len(s.n) <= f.params() {
		return
	}
	p, fit := f.best()
	r.Above = f.above(p, fit, e)
	if r.Class == Constant {
		r.Exponent = &Exponent{High: s.slope(best, e)}
		return
	}
	x := f.interval(p, fit, e, rand.New(rand.NewPCG(seed, uint64(len(s.n)))))
	r.Exponent = &x
}

// At returns the predicted cost in ns at size n, NaN if there is no model.
func (r Result) At(n float64) float64 {
	if len(r.Coefficients) == 0 || n < 1 {
		return math.NaN()
	}
	return evaluate(r.Coefficients, n)
}
