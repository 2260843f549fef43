package store

import (
	"cmp"
	"slices"
)

// lastOfEach keeps the last line of each VM, in the order of their numbers.
func lastOfEach(lines []SoakLine) []SoakLine {
	at := map[int]int{}
	var kept []SoakLine
	for _, l := range lines {
		i, ok := at[l.Ordinal]
		if !ok {
			i, kept = len(kept), append(kept, l)
			at[l.Ordinal] = i
		}
		kept[i] = l
	}
	slices.SortStableFunc(kept, func(a, b SoakLine) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
	return kept
}
