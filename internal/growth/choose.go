package growth

import (
	"cmp"
	"math"
	"slices"
)

// model is a candidate after its fit.
type model struct {
	class  Class  // empty for the mixture
	terms  []Term // with their coefficients
	unit   []Term // with unit coefficients, as fitted
	fit    fitted
	params int // the variance not counted
	knees  []*knee
	power  float64 // exponent, of a free power
	extra  float64 // reluctance
	score  float64 // AICc plus reluctance
}

func (m *model) scale() {
	m.terms = slices.Clone(m.unit)
	for i := range m.terms {
		m.terms[i].NS *= m.fit.coef[i]
	}
}

// candidates fits every model without a knee.
func (s *series) candidates(f *family) (out []*model) {
	for _, k := range smooth {
		m := &model{class: k.class, unit: append([]Term{one}, k.grow...), extra: k.reluctance}
		if len(m.unit) >= len(s.n) {
			continue
		}
		m.params = len(m.unit)
		m.fit = s.solve(s.columns(m.unit))
		m.scale()
		out = append(out, m)
	}
	if len(s.n) > 3 {
		p, fit := f.best()
		if p > 0.01 {
			m := &model{class: Power, terms: f.terms(p, fit), fit: fit, params: 3, power: p, extra: powerReluctance}
			out = append(out, m)
		}
	}
	return append(out, s.mixture())
}

// kneed is the model with the best knee, nil if there is none.
func (s *series) kneed() *model {
	ks := s.knees()
	if len(ks) == 0 || !ks[0].matters(s.n) {
		return nil
	}
	m := &model{unit: ks[0].terms, fit: ks[0].fit, params: ks[0].params(), knees: ks}
	m.scale()
	m.class = classOf(m.after())
	return m
}

// mixture is the sum of all terms. It has no class; it stands for every smooth growth that the simple models miss.
func (s *series) mixture() *model {
	root, mid := Term{NS: 1, Power: 0.5}, Term{NS: 1, Power: 1.5}
	m := &model{unit: []Term{one, logN, root, linN, linLogN, mid, square, cube}, extra: mixtureReluctance}
	m.fit = s.solve(s.columns(m.unit))
	m.scale()
	m.params = max(3, m.fit.active()) + 1
	m.terms = slices.DeleteFunc(m.terms, func(t Term) bool { return t.NS == 0 })
	return m
}

// choose scores the candidates and sorts them, best first. One with a knee comes to the front if it beats every
// smooth curve. The evidence is weighed by the model that fits best for its number of parameters, a smooth one at
// first.
//
// When no smooth curve explains the data and a knee does, the repetitions may still not be independent, and then
// every size errs on its own and a knee always fits: it must win by more.
func (s *series) choose(plain []*model) ([]*model, evidence) {
	e := s.evidence(plain)
	if e.reps > 0 && !s.wins(0, 4, plain, e, kneeMargin) { // not even one that fits exactly
		return rank(plain, e), e
	}
	k := s.kneed()
	if k == nil {
		return rank(plain, e), e
	}
	if s.wins(k.fit.rss, k.params, plain, e, kneeMargin) && s.beatsSwell(k, e, kneeMargin) {
		return rank(append(plain, k), e), e
	}
	own := s.weigh(k.fit.rss, k.params, 0.01)
	doubt := e.reps == 0 && own.reps > 0
	if doubt && s.wins(k.fit.rss, k.params, plain, own, kneeDoubt) && s.beatsSwell(k, own, kneeDoubt) {
		return rank(append(plain, k), own), own
	}
	return rank(plain, e), e
}

// evidence is weighed by the best of the models.
func (s *series) evidence(models []*model) (e evidence) {
	least := math.Inf(1)
	for _, m := range models {
		df := float64(len(s.n) - m.params)
		if r := m.fit.rss / df; df >= 1 && r < least {
			least, e = r, s.weigh(m.fit.rss, m.params, lackOfFit)
		}
	}
	return e
}

// wins reports whether a knee with such a fit beats every smooth model by the margin, their reluctance not counted.
func (s *series) wins(rss float64, params int, plain []*model, e evidence, margin float64) bool {
	limit := e.aicc(rss, params) + margin
	return !slices.ContainsFunc(plain, func(m *model) bool { return e.aicc(m.fit.rss, m.params) <= limit })
}

func (s *series) beatsSwell(k *model, e evidence, margin float64) bool {
	rss, params := s.swell()
	return params >= len(s.n) || e.aicc(rss, params) > e.aicc(k.fit.rss, k.params)+margin
}

func rank(models []*model, e evidence) []*model {
	for _, m := range models {
		m.score = e.aicc(m.fit.rss, m.params) + m.extra
	}
	slices.SortStableFunc(models, func(a, b *model) int { return cmp.Compare(a.score, b.score) })
	return models
}

// confidence is the Akaike weight of the best model's class among all candidates (Burnham, Anderson: Model selection
// and multimodel inference, 2002), with the margins of the simpler models counted as prior odds; and which classes
// the data do not rule out.
func confidence(models []*model) (weight float64, plausible []Class) {
	total, best := 0.0, models[0].score
	weights := map[Class]float64{}
	for _, m := range models {
		w := math.Exp((best - m.score) / 2)
		if m.class == "" || math.IsNaN(w) {
			continue
		}
		total += w
		weights[m.class] += w
		if w > 0.05 && !slices.Contains(plausible, m.class) {
			plausible = append(plausible, m.class)
		}
	}
	if len(plausible) == 0 {
		return 0, nil
	}
	return weights[plausible[0]] / total, plausible
}

// knee is the model's knee, nil for none.
func (m *model) knee() *knee {
	if len(m.knees) == 0 {
		return nil
	}
	return m.knees[0]
}
