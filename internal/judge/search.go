package judge

import (
	"fmt"
	"slices"

	"brink/internal/scenario"
	"brink/internal/threshold"
	"brink/internal/trial"
)

// Search is what fresh VMs, each loaded straight to one size, said of a finding.
type Search struct {
	Verdict    threshold.Verdict `json:"verdict"`
	Why        string            `json:"why"`
	Confidence float64           `json:"confidence"` // that the threshold is above Safe and at most Broken
	Rate       float64           `json:"rate"`       // share of the VMs at or above it that fail, with its interval
	RateLow    float64           `json:"rate_low"`
	RateHigh   float64           `json:"rate_high"`
	Boots      int               `json:"boots"`
	Ladder     [2]int64          `json:"ladder"` // the safe and the broken size that the search began with
}

// Probe is a fresh VM of a search, and how it ended.
type Probe struct {
	Trial    int
	Size     int64
	Findings []Finding
	Outcome  trial.Outcome
	Twin     *trial.Twin // how the VM beside it ended; nil: there was none
}

// Shows reports whether the VM showed the finding: the same thing in the same way.
func (p Probe) Shows(what string, kind trial.Kind) bool {
	return slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.What == what && f.Kind == kind })
}

// lost reports whether the VM did not come to its end, whatever of: the size is not safe, and what was looked for had no
// chance to show.
func (p Probe) lost() bool {
	return p.Outcome.Kind.Kills() || p.Outcome.Kind == trial.OpRefused || p.Outcome.Kind == trial.Deadline
}

// Target returns the finding whose threshold is worth searching: the one at the smallest size, and of several the worst.
func (t *Table) Target() (Finding, bool) {
	found := t.climbed()
	var best Finding
	for _, f := range found {
		op, _ := t.Spec.Op(f.Op)
		switch {
		case f.Kind == Growth: // is no size
		case op.From == scenario.Smaller && !f.Kind.Kills(): // where the state comes from matters, and a fresh VM has none
		case best.What == "", f.Broken < best.Broken, f.Broken == best.Broken && f.Kind.Kills() && !best.Kind.Kills():
			best = f
		}
	}
	return best, best.What != ""
}

// Next decides which size to load in a fresh VM to narrow a finding down; done says that there is nothing to do.
func (t *Table) Next(f Finding, width float64, budget int) threshold.Decision {
	s := threshold.New(f.Safe, f.Broken)
	s.Ladder, s.Width, s.Budget = t.below(f.Broken), width, budget
	return s.Next(t.probesOf(f))
}

// below returns the sizes of the ladder under n.
func (t *Table) below(n int64) []int64 {
	return slices.DeleteFunc(slices.Clone(t.Head.Sizes), func(size int64) bool { return size >= n })
}

func (t *Table) probesOf(f Finding) []threshold.Probe {
	var probes []threshold.Probe
	for _, p := range t.Probes {
		if p.Outcome.Kind != trial.Harness {
			probes = append(probes, threshold.Probe{Size: p.Size, Failed: p.Shows(f.What, f.Kind) || p.lost()})
		}
	}
	return probes
}

// narrowed puts what the fresh VMs said into the findings of the ladder. The search was for one of them; for the others
// the same VMs are evidence, too.
func (t *Table) narrowed(found []Finding) []Finding {
	if len(t.Probes) == 0 {
		return found
	}
	target, _ := t.Target()
	for i := range found {
		f := &found[i]
		if f.What == target.What && f.Kind == target.Kind {
			t.conclude(f)
			continue
		}
		for _, p := range t.Probes {
			if p.Shows(f.What, f.Kind) && p.Size > f.Safe {
				f.Broken = min(f.Broken, p.Size)
			}
		}
		for _, p := range t.Probes {
			if !p.lost() && p.Outcome.Kind != trial.Harness && !p.Shows(f.What, f.Kind) && p.Size < f.Broken {
				f.Safe = max(f.Safe, p.Size)
			}
		}
	}
	return append(found, t.onlyProbes(found)...)
}

// onlyProbes returns what fresh VMs showed and the ladder did not.
func (t *Table) onlyProbes(found []Finding) (more []Finding) {
	for _, p := range t.Probes {
		for _, f := range p.Findings {
			same := func(g Finding) bool { return g.What == f.What && g.Kind == f.Kind }
			if f.Kind == Growth || slices.ContainsFunc(found, same) || slices.ContainsFunc(more, same) {
				continue
			}
			for _, q := range t.Probes {
				if q.Shows(f.What, f.Kind) {
					f.Broken = min(f.Broken, q.Size)
				}
			}
			f.Safe, f.Trial, f.Seeded, f.Basis = 0, p.Trial, t.Head.Seeded, "fresh VMs"
			for _, n := range t.Sizes {
				if n < f.Broken {
					f.Safe = max(f.Safe, n)
				}
			}
			f.Text += " (in a fresh VM)"
			more = append(more, f)
		}
	}
	return more
}

func (t *Table) conclude(f *Finding) {
	r := t.Next(*f, t.Head.Width, t.Head.MaxBoots).Result
	f.Search = &Search{Verdict: r.Verdict, Why: r.Why, Confidence: r.Confidence, Rate: r.Rate, RateLow: r.RateLow,
		RateHigh: r.RateHigh, Boots: r.Boots, Ladder: [2]int64{f.Safe, f.Broken}}
	f.Confidence, f.Basis = r.Confidence, "fresh VMs"
	f.Text += fmt.Sprintf(" (seen at %s on the ladder)", Count(f.Broken))
	if r.High > 0 && r.Verdict != threshold.NotConfirmed && r.Verdict != threshold.Unusable {
		f.Safe, f.Broken = r.Low, r.High
	}
}

// split parts the events of the search from those of the climb.
func split(events []trial.Event) (climb []trial.Event, probes [][]trial.Event) {
	probing := map[int]int{} // trial → index
	for _, e := range events {
		if e.Type == trial.EventTrial && e.Plan.Probe != nil {
			probing[e.Trial] = len(probes)
			probes = append(probes, nil)
		}
		if i, ok := probing[e.Trial]; ok {
			probes[i] = append(probes[i], e)
		} else {
			climb = append(climb, e)
		}
	}
	return climb, probes
}

// probe reads one trial of a search; ok is false while it has no outcome.
func (t *Table) probe(events []trial.Event) (Probe, bool) {
	p := Probe{Trial: events[0].Trial, Size: events[0].Plan.Probe.Size}
	for _, e := range events {
		if e.Type == trial.EventOutcome {
			p.Outcome = *e.Outcome
		}
	}
	head := t.Head
	head.Sizes = []int64{p.Size}
	one := &Table{Spec: t.Spec, Head: head, Sizes: head.Sizes, cells: map[key]*Cell{}, ladder: t}
	one.read(events)
	p.Findings = one.climbed()
	if twin, ok := one.twins[p.Trial]; ok {
		p.Twin = &twin
	}
	return p, p.Outcome.Kind != ""
}
