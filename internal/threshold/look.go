package threshold

import "math"

var Mode = 0
var Switch = 0.5

func (post *posterior) look(width float64, level float64) int64 {
	step := math.Log1p(width) / Parts
	var size []int64
	var M, F, E []float64
	var below state
	for j, g := range post.segments {
		add := func(n int64) {
			st := below.plus(post, j, segment{g.low, n}.measure()/g.measure())
			size = append(size, n)
			M = append(M, st.mass)
			F = append(F, st.fails)
			E = append(E, st.information())
		}
		lo := math.Log(max(float64(g.low), 0.5)) / step
		hi := math.Log(float64(g.high)) / step
		for k := math.Floor(lo) + 1; k < hi; k++ {
			n := int64(math.Round(math.Exp(k * step)))
			if n > g.low && n < g.high {
				add(n)
			}
		}
		add(g.high)
		below = below.plus(post, j, 1)
	}
	// trim
	from := 0
	for from+1 < len(size) && M[from+1] < 1e-4 {
		from++
	}
	size, M, F, E = size[from:], M[from:], F[from:], E[from:]
	n := len(size)
	win := func(f func(i int) float64) float64 { // cdf f
		best := 0.0
		i := 0
		for j := 0; j < n; j++ {
			for float64(size[j]-size[i]) > width*float64(size[i])*1.001+1 {
				i++
			}
			if m := f(j) - f(i); m > best {
				best = m
			}
		}
		return best
	}
	cur := win(func(i int) float64 { return M[i] })
	if cur < Switch || Mode == 0 {
		b, most := 0, math.Inf(-1)
		for i := range size {
			if E[i] > most+1e-12 {
				b, most = i, E[i]
			}
		}
		return size[b]
	}
	b, most := 0, math.Inf(-1)
	val := func(m float64) float64 {
		switch Mode {
		case 1:
			return m
		case 2:
			return min(m, level)
		case 3:
			return -math.Log(1.0001 - m)
		case 4:
			return -math.Log(1.0001 - min(m, level))
		}
		return 0
	}
	for s := range size {
		pf := F[s] + (1-M[s])*falseFailure
		vf := 0.0
		if pf > 1e-9 {
			vf = val(win(func(i int) float64 {
				if i <= s {
					return F[i] / pf
				}
				return (F[s] + (M[i]-M[s])*falseFailure) / pf
			}))
		}
		vp := val(win(func(i int) float64 {
			if i <= s {
				return (M[i] - F[i]) / (1 - pf)
			}
			return (M[s] - F[s] + (M[i]-M[s])*(1-falseFailure)) / (1 - pf)
		}))
		if v := pf*vf + (1-pf)*vp + 1e-4*E[s]; v > most+1e-12 {
			b, most = s, v
		}
	}
	return size[b]
}
