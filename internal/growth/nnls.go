package growth

import "math"

// maxTerms is the most terms a model has.
const maxTerms = 8

// normal holds normal equations: gram = X'WX and right = X'Wy, of k columns.
type normal struct {
	k     int
	gram  [maxTerms][maxTerms]float64
	right [maxTerms]float64
}

// solve returns the coefficients, none negative, with the smallest sum of squares, and by how much they lower it.
// With so few columns every choice of columns can be tried: the best one whose plain solution is positive is the
// optimum (the Kuhn-Tucker conditions of Lawson, Hanson: Solving least squares problems, chapter 23).
func (e *normal) solve() (best [maxTerms]float64, gain float64) {
	full := 1<<e.k - 1
	if x, g, ok := e.subset(full); ok {
		return x, g // nothing is bound, so nothing smaller is better
	}
	for set := 1; set < full; set++ {
		if x, g, ok := e.subset(set); ok && g > gain {
			best, gain = x, g
		}
	}
	return best, gain
}

// subset solves for the columns in the bit set alone, by Cholesky. It is not ok when a coefficient is negative or the
// columns cannot be told apart.
func (e *normal) subset(set int) (x [maxTerms]float64, gain float64, ok bool) {
	var at [maxTerms]int
	k := 0
	for i := range e.k {
		if set&(1<<i) != 0 {
			at[k] = i
			k++
		}
	}
	var l [maxTerms][maxTerms]float64
	var b [maxTerms]float64
	for i := range k {
		for j := range i + 1 {
			sum := e.gram[at[i]][at[j]]
			for m := range j {
				sum -= l[i][m] * l[j][m]
			}
			if i != j {
				l[i][j] = sum / l[j][j]
				continue
			}
			if sum <= 1e-12*e.gram[at[i]][at[i]] {
				return x, 0, false
			}
			l[i][i] = math.Sqrt(sum)
		}
		sum := e.right[at[i]]
		for m := range i {
			sum -= l[i][m] * b[m]
		}
		b[i] = sum / l[i][i]
		gain += b[i] * b[i]
	}
	for i := k - 1; i >= 0; i-- {
		for m := i + 1; m < k; m++ {
			b[i] -= l[m][i] * b[m]
		}
		b[i] /= l[i][i]
		if b[i] < 0 {
			return x, 0, false
		}
		x[at[i]] = b[i]
	}
	return x, gain, true
}
