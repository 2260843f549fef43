package bisect

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// plant is a history with a planted failure.
type plant struct {
	graph    *Graph
	first    int     // that has it; 0 when all do, -1 when none does
	p        float64 // probability that a bad candidate shows it
	stray    float64 // probability that a good one does
	other    float64 // probability of an unrelated crash
	skips    map[int]bool
	rng      *rand.Rand
	reversed bool
	fade     float64 // how much lower p is in the first bad one than in the bad end, falling evenly
}

func (k *plant) run(c int) Observation {
	switch {
	case k.skips[c]:
		return Observation{c, Skip, "does not build"}
	case k.rng.Float64() < k.other:
		return Observation{c, Other, "oops:elsewhere"}
	}
	bad := k.first >= 0 && k.graph.Inherits(c, k.first)
	p := k.stray
	if bad != k.reversed {
		p = k.p - k.fade*float64(k.graph.Bad()-c)/float64(max(k.graph.Bad()-k.first, 1))
	}
	if k.rng.Float64() < p {
		return Observation{c, Bad, ""}
	}
	return Observation{c, Good, ""}
}

// search runs it to its end, with k runs at a time. It returns the rounds, too.
func (k *plant) search(s Search, vms int) (r Result, rounds int) {
	var runs []Observation
	for {
		d := s.Next(runs, vms)
		if d.Done {
			return d.Result, rounds
		}
		rounds++
		for _, c := range d.Try {
			runs = append(runs, k.run(c))
		}
	}
}

// rule is what is compared with: so many runs a step, bad if any fails. It needs no ends. It returns what it takes for
// the first bad one, the runs, and how many they are when a step ends with its first failure.
func (k *plant) rule(perStep int) (first, runs, early int) {
	low, high := 0, k.graph.Bad()
	for high-low > 1 {
		middle, bad := (low+high)/2, false
		for range perStep {
			runs++
			if !bad {
				early++
			}
			bad = bad || k.run(middle).Answer == Bad
		}
		if bad {
			high = middle
		} else {
			low = middle
		}
	}
	return high, runs, early
}

func line(t testing.TB, n int) *Graph {
	t.Helper()
	g, err := Line(n)
	require.NoError(t, err)
	return g
}

// release is a history of n commits like that of a kernel: branches that start at some merge of the main line, get
// commits and are merged again, about one commit in ten being a merge.
func release(t testing.TB, n int, seed uint64) *Graph {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 3))
	parents := [][]int{nil}
	trunk := []int{0}
	var tips []int
	for len(parents) < n {
		c := len(parents)
		switch {
		case n-c <= len(tips) || len(tips) > 0 && rng.IntN(10) == 0:
			i := rng.IntN(len(tips))
			parents = append(parents, []int{trunk[len(trunk)-1], tips[i]})
			trunk = append(trunk, c)
			tips = append(tips[:i], tips[i+1:]...)
		case len(tips) < min(40, n-c-1) && rng.IntN(9) == 0:
			base := trunk[max(0, len(trunk)-1-rng.IntN(60))]
			parents = append(parents, []int{base})
			tips = append(tips, c)
		case len(tips) == 0:
			parents = append(parents, []int{trunk[len(trunk)-1]})
			trunk = append(trunk, c)
		default:
			i := rng.IntN(len(tips))
			parents = append(parents, []int{tips[i]})
			tips[i] = c
		}
	}
	g, err := NewGraph(parents)
	require.NoError(t, err)
	return g
}
