package bisect

import (
	"cmp"
	"fmt"
	"slices"
)

// Commit is a commit and its parents, as `git rev-list --parents GOOD..BAD` prints them.
type Commit struct {
	ID      string
	Parents []string
}

// Commits makes candidates of the commits that are ancestors of the bad one and no ancestors of the good one, which
// itself is not among them. It returns the ID of each candidate, too; the good commit is the first. The order is the
// same for the same commits, whatever order they come in. Parents that are not listed are taken to be no newer than the
// good end; where that one is no ancestor of the bad commit, their merge base is the good end to give.
func Commits(good, bad string, commits []Commit) (*Graph, []string, error) {
	known := make(map[string]Commit, len(commits))
	children := make(map[string][]string, len(commits))
	for _, c := range commits {
		if _, twice := known[c.ID]; twice || c.ID == good {
			return nil, nil, fmt.Errorf("read commits: %s is listed twice, or is the good end", c.ID)
		}
		known[c.ID] = c
	}
	if _, ok := known[bad]; !ok {
		return nil, nil, fmt.Errorf("read commits: the bad end %s is not listed: is it an ancestor of the good end?", bad)
	}
	waits := make(map[string]int, len(commits))
	var ready []string
	for _, c := range commits {
		for _, p := range c.Parents {
			if _, ok := known[p]; ok {
				children[p] = append(children[p], c.ID)
				waits[c.ID]++
			}
		}
		if waits[c.ID] == 0 {
			ready = append(ready, c.ID)
		}
	}
	order := arrange(ready, waits, children)
	if len(order) < len(commits) {
		return nil, nil, fmt.Errorf("read commits: %d of %d are their own ancestors", len(commits)-len(order), len(commits))
	}
	if last := order[len(order)-1]; last != bad {
		return nil, nil, fmt.Errorf("read commits: %s is no ancestor of the bad end: list only %s..%s", last, good, bad)
	}
	return graph(append([]string{good}, order...), known)
}

// arrange puts commits after all their parents. A branch is followed as long as it lasts, so that neighbours in the
// order are neighbours in the history: what does not build is rarely alone.
func arrange(ready []string, waits map[string]int, children map[string][]string) (order []string) {
	slices.SortFunc(ready, func(a, b string) int { return cmp.Compare(b, a) })
	for len(ready) > 0 {
		id := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		order = append(order, id)
		next := slices.Clone(children[id])
		slices.SortFunc(next, func(a, b string) int { return cmp.Compare(b, a) })
		for _, c := range next {
			if waits[c]--; waits[c] == 0 {
				ready = append(ready, c)
			}
		}
	}
	return order
}

func graph(ids []string, known map[string]Commit) (*Graph, []string, error) {
	number := make(map[string]int, len(ids))
	for i, id := range ids {
		number[id] = i
	}
	parents := make([][]int, len(ids))
	for i, id := range ids {
		for _, p := range known[id].Parents {
			if n, ok := number[p]; ok {
				parents[i] = append(parents[i], n)
			}
		}
	}
	g, err := NewGraph(parents)
	return g, ids, err
}
