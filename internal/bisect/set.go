package bisect

import "math/bits"

// set is a set of candidates, one bit each. What lies past its end is not in it.
type set []uint64

func newSet(n int) set { return make(set, (n+63)/64) }

func (s set) add(c int) { s[c/64] |= 1 << (c % 64) }

func (s set) has(c int) bool { return c/64 < len(s) && s[c/64]>>(c%64)&1 == 1 }

// join adds a set that is not longer.
func (s set) join(o set) {
	for i, w := range o {
		s[i] |= w
	}
}

func (s set) count() (n int) {
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// split parts the set in two: what o has too, and what it has not.
func (s set) split(o set) (in, out set) {
	in, out = make(set, len(s)), make(set, len(s))
	for i, w := range s {
		if i < len(o) {
			in[i] = w & o[i]
		}
		out[i] = w &^ in[i]
	}
	return in, out
}

// shared counts what is in both, from word from of the set on.
func (s set) shared(o set, from int) (n int) {
	end := min(len(s), len(o))
	if from >= end {
		return 0
	}
	a, b := s[from:end], o[from:end]
	for i, w := range a {
		n += bits.OnesCount64(w & b[i])
	}
	return n
}

// first is the number of leading empty words.
func (s set) first() int {
	for i, w := range s {
		if w != 0 {
			return i
		}
	}
	return len(s)
}

// trim drops trailing empty words.
func (s set) trim() set {
	for len(s) > 0 && s[len(s)-1] == 0 {
		s = s[:len(s)-1]
	}
	return s
}

// members lists it, ascending.
func (s set) members() []int {
	var all []int
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			all = append(all, 64*i+bits.TrailingZeros64(w))
		}
	}
	return all
}
