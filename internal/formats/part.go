package formats

import (
	"cmp"
	"slices"
	"time"

	"brink/internal/judge"
	"brink/internal/summary"
)

// part is an op at one size.
type part struct {
	size   int64
	result result
	why    string
	point  *summary.Point // nil if nothing is known
}

// parts tells how the op did at each size of the ladder.
func parts(s summary.Summary, c check) []part {
	known := map[int64]part{}
	for _, n := range s.Scenario.Sizes {
		p := part{size: n}
		p.result, p.why = unmeasured(s)
		known[n] = p
	}
	for i := range c.op.Points {
		p := &c.op.Points[i]
		known[p.Size] = partOf(s, p)
	}
	for _, f := range c.findings { // a guest that died in the op left no point
		if p := known[seenAt(f)]; f.Kind.Kills() && p.point == nil {
			known[seenAt(f)] = part{size: seenAt(f), result: failed, why: line(f.Title)}
		}
	}
	var all []part
	for _, p := range known {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b part) int { return cmp.Compare(a.size, b.size) })
	return all
}

func partOf(s summary.Summary, p *summary.Point) part {
	out := part{size: p.Size, point: p, why: line(p.Text)}
	switch {
	case p.State == summary.OverBudget:
		out.result, out.why = failed, "a sample is over its budget of "+judge.Duration(time.Duration(p.BudgetNS))
	case p.State == summary.Late, p.State == summary.Refused:
		out.result = failed
	case p.State == summary.Skipped:
		out.result = skipped
	case p.State == summary.OK && len(p.Samples) > 0:
		out.result = passed
	default:
		out.result, out.why = unmeasured(s)
	}
	return out
}

// seenAt is the size of the ladder at which a finding showed; a search may have narrowed it since.
func seenAt(f summary.Finding) int64 {
	if f.Search != nil {
		return f.Search.Ladder[1]
	}
	return f.Broken
}

// sum is the result of an op from those at its sizes: one that failed counts most, then one that passed.
func sum(parts []part) (result, string) {
	for _, r := range []result{failed, passed, skipped, lost} {
		if i := slices.IndexFunc(parts, func(p part) bool { return p.result == r }); i >= 0 {
			return r, parts[i].why
		}
	}
	return 0, ""
}
