package bisect

import (
	"errors"
	"fmt"
)

// Graph is what can be tried, in an order in which nothing comes before its parents. Candidate 0 is the good end, the
// last one the bad end. A failure that candidate c introduced is in c and in everything that descends from it.
type Graph struct {
	parents [][]int
	// above holds for each candidate itself and its ancestors: those that give it the failure by introducing it. The
	// ancestors of a candidate have lower numbers, so its set is no longer than it needs.
	above []set
}

// Line is a list of n candidates in which each descends from the one before it: versions, or commits without merges.
func Line(n int) (*Graph, error) {
	parents := make([][]int, max(n, 0))
	for c := 1; c < n; c++ {
		parents[c] = []int{c - 1}
	}
	return NewGraph(parents)
}

// NewGraph takes the parents of each candidate. A candidate other than the first that has none descends from the good
// end: its parents are older than that. It fails when a parent does not come before its child, or when something is no
// ancestor of the last candidate, which then could not have caused what is seen there.
func NewGraph(parents [][]int) (*Graph, error) {
	if len(parents) < 2 {
		return nil, errors.New("read candidates: a good and a bad end are needed")
	}
	g := &Graph{parents: make([][]int, len(parents)), above: make([]set, len(parents))}
	g.above[0] = newSet(1)
	g.above[0].add(0)
	for c := 1; c < len(parents); c++ {
		g.parents[c] = parents[c]
		if len(parents[c]) == 0 {
			g.parents[c] = []int{0}
		}
		g.above[c] = newSet(c + 1)
		g.above[c].add(c)
		for _, p := range g.parents[c] {
			if p < 0 || p >= c {
				return nil, fmt.Errorf("read candidates: %d has the parent %d, which does not come before it", c, p)
			}
			g.above[c].join(g.above[p])
		}
	}
	if len(parents[0]) > 0 {
		return nil, errors.New("read candidates: the good end must have no parents")
	}
	if others := g.Len() - g.above[g.Bad()].count(); others > 0 {
		return nil, fmt.Errorf("read candidates: %d of %d are no ancestors of the bad end: leave them out", others, g.Len())
	}
	return g, nil
}

// Len is the number of candidates, both ends included.
func (g *Graph) Len() int { return len(g.above) }

// Bad is the bad end. The good end is 0.
func (g *Graph) Bad() int { return len(g.above) - 1 }

// Parents are the candidates that c directly descends from.
func (g *Graph) Parents(c int) []int { return g.parents[c] }

// Inherits reports whether c has what candidate from introduced.
func (g *Graph) Inherits(c, from int) bool { return g.above[c].has(from) }
