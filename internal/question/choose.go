package question

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"brink/internal/growth"
	"brink/internal/judge"
	"brink/internal/scenario"
)

// Difference is something that the newer of two kernels does otherwise than the older.
type Difference struct {
	Question Question `json:"question"`
	Text     string   `json:"text"` // what was seen on both
	// Clarity says how well single runs tell the two apart: of a cost it is how many times it doubles.
	Clarity float64 `json:"clarity"`
}

// The clarities of what is there or not. A kernel that dies is clearer than any cost.
const (
	clearDeath   = 100
	clearFailure = 8
	clearBudget  = 5
)

// least is the smallest factor between two costs that is worth a bisection: samples of fresh VMs vary by less.
const least = 1.2

// Choose finds what differs between two runs of the same ladder, the clearest first. Either direction counts.
func Choose(older, newer *judge.Table) []Difference {
	all := append(findings(older, newer, false), findings(newer, older, true)...)
	all = append(all, moved(older, newer)...)
	all = append(all, costs(older, newer)...)
	slices.SortStableFunc(all, func(a, b Difference) int { return cmp.Compare(b.Clarity, a.Clarity) })
	return all
}

// findings are those of one run that the other has not, though it was at that size. Fixed says that one is the older.
func findings(without, with *judge.Table, fixed bool) (all []Difference) {
	others := without.Findings()
	for _, f := range with.Findings() {
		same := func(g judge.Finding) bool { return g.What == f.What && g.Kind == f.Kind }
		q, clarity, ok := about(with.Spec, f)
		if !ok || slices.ContainsFunc(others, same) || !reached(without, f.Broken) || has(all, q) {
			continue
		}
		q.Fixed = fixed
		ends := []string{"only the newer end", "the older end was at that size without it"}
		if fixed {
			ends = []string{"only the older end", "the newer end was at that size without it"}
		}
		all = append(all, Difference{Question: q, Clarity: clarity,
			Text: fmt.Sprintf("%s: %s at %s (%s); %s", ends[0], f.Kind, judge.Count(f.Broken), f.Text, ends[1])})
	}
	return all
}

// about is the question that a finding answers with yes.
func about(spec scenario.Spec, f judge.Finding) (q Question, clarity float64, ok bool) {
	q = Question{Size: f.Broken}
	name, canary := strings.CutPrefix(f.What, "canary ")
	op, known := spec.Op(f.What)
	switch {
	case f.Kind == judge.Growth, known && op.From == scenario.Smaller, f.Broken < 1:
		return q, 0, false
	case f.Kind == judge.OverLimit && collapses(spec, f.Signature): // needs smaller sizes, which a fresh VM has not
		return q, 0, false
	case canary:
		q.Kind, q.What, clarity = Canary, name, clearFailure
	case f.Kind == judge.Budget:
		q.Kind, q.What, clarity = Fails, f.What, clearBudget
	case f.Kind.Kills():
		q.Kind, q.What, clarity = Signature, f.What, clearDeath
	case f.Signature != "":
		q.Kind, q.What, clarity = Signature, f.Signature, clearFailure
	default:
		q.Kind, q.What, clarity = Fails, f.What, clearFailure
	}
	return q, clarity, q.What != ""
}

// collapses reports whether a signature is that of a signal's collapse, which no single size shows.
func collapses(spec scenario.Spec, signature string) bool {
	return slices.ContainsFunc(spec.Limits, func(l scenario.Limit) bool {
		return l.Form == scenario.Collapse && signature == judge.LimitSignature(spec, l.Name)
	})
}

func has(all []Difference, q Question) bool {
	return slices.ContainsFunc(all, func(d Difference) bool { return d.Question == q })
}

// reached reports whether a run was at the size, and its VM lived on.
func reached(t *judge.Table, size int64) bool {
	for _, e := range t.Ends {
		if e.Outcome.Kind.Kills() && e.Outcome.Size <= size {
			return false
		}
	}
	return slices.ContainsFunc(t.Rests, func(r judge.Rest) bool { return r.Size == size && r.After })
}

// moved are findings of both runs whose thresholds lie apart.
func moved(older, newer *judge.Table) (all []Difference) {
	for _, c := range judge.Compare(older, newer).Findings {
		if c.In != "both" {
			continue
		}
		worse, better, fixed := c.Finding, *c.Other, false
		if better.Broken < worse.Broken {
			worse, better, fixed = better, worse, true
		}
		q, _, ok := about(newer.Spec, worse)
		if !ok {
			continue
		}
		q.Fixed = fixed
		all = append(all, Difference{Question: q, Clarity: min(clearFailure, math.Log2(float64(better.Broken)/float64(worse.Broken))),
			Text: fmt.Sprintf("%s %s: at %s on the older end, at %s on the newer",
				worse.Kind, worse.What, judge.Count(c.Other.Broken), judge.Count(c.Finding.Broken))})
	}
	return all
}

// costs are ops whose cost differs beyond doubt, at a size where it differs most.
func costs(older, newer *judge.Table) (all []Difference) {
	for _, c := range judge.Compare(older, newer).Ops {
		op, _ := newer.Spec.Op(c.Op)
		if op.From == scenario.Smaller || c.Difference != growth.Slower && c.Difference != growth.Faster || len(c.Sizes) == 0 {
			continue
		}
		r := telling(c.Sizes)
		times := max(r.Value, 1/r.Value)
		if times < least {
			continue
		}
		factor := min(1.5, math.Floor(math.Sqrt(times)*100)/100)
		q := Question{Kind: Cost, What: c.Op, Size: r.N, Factor: factor, Fixed: r.Value < 1}
		if q.Fixed {
			q.Factor = math.Ceil(1000/factor) / 1000
		}
		all = append(all, Difference{Question: q, Clarity: math.Log2(times),
			Text: fmt.Sprintf("%s at %s takes %s on the older end, %s on the newer: %.3gx",
				c.Op, judge.Count(r.N), median(older, c.Op, r.N), median(newer, c.Op, r.N), r.Value)})
	}
	return all
}

// nearly is the share of the largest difference that is as good: smaller sizes take less time.
const nearly = 0.9

// telling is the smallest size at which a cost differs nearly as much as it does anywhere.
func telling(sizes []growth.Ratio) growth.Ratio {
	apart := func(r growth.Ratio) float64 { return math.Abs(math.Log(r.Value)) }
	most := 0.0
	for _, r := range sizes {
		most = max(most, apart(r))
	}
	i := slices.IndexFunc(sizes, func(r growth.Ratio) bool { return apart(r) >= nearly*most })
	return sizes[i]
}

func median(t *judge.Table, op string, size int64) string {
	s, ok := t.Cell(size, op).Median()
	if !ok {
		return "?"
	}
	return judge.Duration(s.Wall())
}
