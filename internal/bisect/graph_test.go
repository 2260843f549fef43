package bisect

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLine(t *testing.T) {
	g := line(t, 200)
	assert.Equal(t, 200, g.Len())
	assert.Equal(t, []int{129}, g.Parents(130))
	for _, c := range []struct {
		candidate, from int
		want            bool
	}{{130, 130, true}, {130, 129, true}, {129, 130, false}, {199, 0, true}, {63, 64, false}, {64, 63, true}} {
		assert.Equal(t, c.want, g.Inherits(c.candidate, c.from), "%d from %d", c.candidate, c.from)
	}
}

func TestGraphRefuses(t *testing.T) {
	for want, parents := range map[string][][]int{
		"a good and a bad end are needed":          {nil},
		"1 has the parent 2, which does not come":  {nil, {2}, {1}},
		"1 has the parent -1":                      {nil, {-1}},
		"the good end must have no parents":        {{0}, {0}},
		"1 of 4 are no ancestors of the bad end":   {nil, {0}, {0}, {2}},
		"2 of 5 are no ancestors of the bad end: ": {nil, {0}, {1}, {0}, {3}},
	} {
		_, err := NewGraph(parents)
		assert.ErrorContains(t, err, want)
	}
	_, err := Line(1)
	assert.Error(t, err)
	_, err = Line(-1)
	assert.Error(t, err)
}

// TestInheritsFollowsEveryParent compares with a walk over the parents.
func TestInheritsFollowsEveryParent(t *testing.T) {
	g := release(t, 300, 4)
	for c := range g.Len() {
		seen := map[int]bool{}
		walk := []int{c}
		for len(walk) > 0 {
			x := walk[0]
			walk = walk[1:]
			if !seen[x] {
				seen[x] = true
				walk = append(walk, g.Parents(x)...)
			}
		}
		for from := range g.Len() {
			require.Equal(t, seen[from], g.Inherits(c, from), "%d from %d", c, from)
		}
	}
}

// TestMerges: two branches of which one brings the failure. First parents alone would blame the merge.
func TestMerges(t *testing.T) {
	//   1 - 2 - 3
	//  /         \
	// 0 - 4 - 5 - 6 - 7
	g, err := NewGraph([][]int{nil, {0}, {1}, {2}, nil, {4}, {5, 3}, {6}})
	require.NoError(t, err)
	for first := 1; first < g.Len(); first++ {
		k := &plant{graph: g, first: first, p: 1, rng: rand.New(rand.NewPCG(1, 2))}
		r, _ := k.search(New(g), 1)
		require.Equal(t, Found, r.Verdict, r.Why)
		assert.Equal(t, first, r.FirstBad)
		assert.Equal(t, g.Parents(first), r.LastGood)
	}
}

// TestRelease is the small form of BenchmarkRelease.
func TestRelease(t *testing.T) {
	g := release(t, 1000, 5)
	for _, p := range []float64{1, 0.4} {
		right, runs := 0, 0
		for seed := range uint64(20) {
			rng := rand.New(rand.NewPCG(seed, 9))
			k := &plant{graph: g, first: 1 + rng.IntN(g.Len()-1), p: p, other: 0.05, rng: rng}
			r, _ := k.search(New(g), 1)
			runs += r.Runs
			if r.Verdict == Found && r.FirstBad == k.first {
				right++
			}
		}
		assert.GreaterOrEqual(t, right, 18, "p = %v", p)
		assert.Less(t, runs, 20*100, "p = %v", p)
	}
}

// TestBranchThatDoesNotBuild: what cannot be tried on a branch that nothing else tells apart is a range.
func TestBranchThatDoesNotBuild(t *testing.T) {
	g, err := NewGraph([][]int{nil, {0}, {1}, {2}, nil, {4}, {5, 3}, {6}})
	require.NoError(t, err)
	k := &plant{graph: g, first: 2, p: 1, rng: rand.New(rand.NewPCG(1, 2)), skips: map[int]bool{2: true, 3: true}}
	r, _ := k.search(New(g), 1)
	require.Equal(t, Range, r.Verdict, r.Why)
	var suspects []int
	for _, x := range r.Suspects {
		suspects = append(suspects, x.Candidate)
	}
	// 6 is the merge: it is bad, its parent 5 is good, and of its parent 3 nothing is known.
	assert.Equal(t, []int{2, 3, 6}, suspects)
}

func TestCommits(t *testing.T) {
	commits := []Commit{
		{"tip", []string{"merge"}},
		{"merge", []string{"b", "a2"}},
		{"a2", []string{"a1"}},
		{"b", []string{"older"}},
		{"a1", []string{"good"}},
	}
	g, ids, err := Commits("good", "tip", commits)
	require.NoError(t, err)
	assert.Equal(t, []string{"good", "a1", "a2", "b", "merge", "tip"}, ids)
	assert.Equal(t, []int{3, 2}, g.Parents(4))
	assert.Equal(t, []int{0}, g.Parents(3), "its parent is older than the good end")

	slices.Reverse(commits)
	_, again, err := Commits("good", "tip", commits)
	require.NoError(t, err)
	assert.Equal(t, ids, again)
}

func TestCommitsRefuses(t *testing.T) {
	for want, commits := range map[string][]Commit{
		"the bad end tip is not listed":            {{"a", nil}},
		"good is listed twice, or is the good end": {{"good", nil}, {"tip", nil}},
		"tip is listed twice":                      {{"tip", nil}, {"tip", nil}},
		"2 of 3 are their own ancestors":           {{"a", []string{"b"}}, {"b", []string{"a"}}, {"tip", nil}},
		"list only good..tip":                      {{"tip", nil}, {"next", []string{"tip"}}},
		"1 of 3 are no ancestors of the bad end":   {{"a", nil}, {"tip", nil}},
	} {
		_, _, err := Commits("good", "tip", commits)
		assert.ErrorContains(t, err, want)
	}
}

// TestCommitsOfARelease: thousands in any order give candidates that descend from each other as they did.
func TestCommitsOfARelease(t *testing.T) {
	g := release(t, 2000, 6)
	name := func(c int) string { return fmt.Sprintf("%08x", uint32(c)*2654435761) }
	var commits []Commit
	for c := 1; c < g.Len(); c++ {
		x := Commit{ID: name(c)}
		for _, p := range g.Parents(c) {
			x.Parents = append(x.Parents, name(p))
		}
		commits = append(commits, x)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	rng.Shuffle(len(commits), func(i, j int) { commits[i], commits[j] = commits[j], commits[i] })
	got, ids, err := Commits(name(0), name(g.Bad()), commits)
	require.NoError(t, err)
	number := map[string]int{}
	for i, id := range ids {
		number[id] = i
	}
	for range 5000 {
		a, b := rng.IntN(g.Len()), rng.IntN(g.Len())
		require.Equal(t, g.Inherits(a, b), got.Inherits(number[name(a)], number[name(b)]))
	}
}
