package growth

import "math"

// maxPower is the largest exponent looked for; what grows faster is no power.
const maxPower = 6

// family is the free power with an additive constant, over all exponents p:
//
//	c + b*(n^p - 1)/p
//
// c is the cost at size 1, c and b are not negative. This is a + b'*n^p in the form of Box and Cox (An analysis of
// transformations, 1964): it passes smoothly into c + b*ln(n) at p = 0, so that log n is a member and not a case of
// its own, and asks for a fixed cost that is not negative at size 1 rather than at size 0, where nothing was
// measured.
//
// Columns that a knee adds are fitted along. With from, the power grows above that size only.
type family struct {
	*series
	logs []float64
	base [][]float64
	from float64
}

func (s *series) family(k *knee) *family {
	f := &family{series: s, base: [][]float64{one.column(s.n)}}
	for _, n := range s.n {
		f.logs = append(f.logs, math.Log(n))
	}
	if k == nil {
		return f
	}
	for _, t := range k.terms[1:] {
		switch {
		case t.From > 0 && t.grows():
			f.from = t.From
		case t.From > 0, t.Upto > 0, k.shape.steep != nil:
			f.base = append(f.base, t.column(s.n))
		}
	}
	return f
}

// params is the number of parameters of a member, exponent and knee included.
func (f *family) params() int {
	extra := len(f.base) - 1
	if extra > 0 || f.from > 0 {
		extra++
	}
	return 3 + extra
}

func boxCox(logN, p float64) float64 {
	if p < 1e-9 {
		return logN
	}
	return math.Expm1(p*logN) / p
}

// cols are the columns of the member with exponent p, the growing one last.
func (f *family) cols(p float64) [][]float64 {
	grow := make([]float64, len(f.n))
	for i, n := range f.n {
		switch {
		case f.from == 0:
			grow[i] = boxCox(f.logs[i], p)
		case n > f.from:
			grow[i] = boxCox(f.logs[i], p) - boxCox(math.Log(f.from), p)
		}
	}
	return append(f.base[:len(f.base):len(f.base)], grow)
}

func (f *family) at(p float64) fitted { return f.solve(f.cols(p)) }

// best returns the exponent with the smallest sum of squares: a coarse grid, then golden sections around its minimum.
func (f *family) best() (p float64, fit fitted) {
	const step = 0.1
	fit.rss = math.Inf(1)
	for g := 0.0; g <= maxPower+step/2; g += step {
		if x := f.at(g); x.rss < fit.rss {
			p, fit = g, x
		}
	}
	lo, hi := max(0, p-step), min(maxPower, p+step)
	const gold = 0.3819660112501051
	for range 24 {
		l, r := lo+gold*(hi-lo), hi-gold*(hi-lo)
		x, y := f.at(l), f.at(r)
		if x.rss < fit.rss {
			p, fit = l, x
		}
		if y.rss < fit.rss {
			p, fit = r, y
		}
		if x.rss < y.rss {
			hi = r
		} else {
			lo = l
		}
	}
	return p, fit
}

// edge returns the exponent on one side of p at which the sum of squares passes the limit; to is the end of the search.
func (f *family) edge(p, to, limit float64) float64 {
	if f.at(to).rss <= limit {
		return to
	}
	in, out := p, to
	for range 30 {
		mid := (in + out) / 2
		if f.at(mid).rss <= limit {
			in = mid
		} else {
			out = mid
		}
	}
	return in
}

// terms writes a member as a + b*n^p.
func (f *family) terms(p float64, fit fitted) []Term {
	c, b := fit.coef[0], fit.coef[len(f.base)]
	return []Term{{NS: c - b/p}, {NS: b / p, Power: p}}
}
