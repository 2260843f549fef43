package explain

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Class says what a failure depends on.
type Class string

// The classes. Those that name a factor are its.
const (
	Rare         Class = "rare"          // shows only sometimes, and no change is known to matter
	NotExplained Class = "not explained" // no change makes it go away
)

// Verdict is what an arm says.
type Verdict string

// The verdicts on an arm.
const (
	Gone       Verdict = "goes away"   // proven
	LikelyGone Verdict = "likely goes" // never failed where its control always does, but that may be luck
	Less       Verdict = "less often"  // proven
	Stays      Verdict = "stays"
	Unclear    Verdict = "unclear" // fewer failures than its control, which luck explains as well
	Otherwise  Verdict = "fails otherwise"
	BringsBack Verdict = "brings it back"       // on the healthy side: the same failure, with the same number if it has one
	Unlike     Verdict = "fails, but unlike it" // on the healthy side: with another number
	Untried    Verdict = "not tried"
	Control    Verdict = "control"
)

// level is the confidence of intervals, and what a proof needs.
const level = 0.95

// chance is the probability of luck that a proof may leave, rounding forgiven: three against three leave 1 in 20.
const chance = 1 - level + 1e-9

// Comparison is an arm against its control.
type Comparison struct {
	Arm
	Verdict Verdict `json:"verdict"`
	Rate    Rate    `json:"rate"`
	// P is the probability of its counts and its control's if the change does not matter (Fisher's exact test,
	// one-sided; on the healthy side, of its numbers if it has them). PAll is the same in view of all arms: that several were tried is counted in.
	P    float64 `json:"p"`
	PAll float64 `json:"p_all"`
	// Ratio is how much larger its number is than the control's; absent where there is none, or no arm was tried twice.
	Ratio *Ratio `json:"ratio,omitempty"`
}

// Explanation is what the experiment says.
type Explanation struct {
	Target Target `json:"target"`
	Class  Class  `json:"class"`
	Proven bool   `json:"proven"` // at 95%, with all that was tried counted in
	// Features are the CPU features that explain it: one, or several that cannot be told apart. None for other causes.
	Features []string `json:"features,omitempty"`
	// Confidence is 1 - the probability that luck alone gives the counts behind the class, with all that was tried
	// counted in. It is 0 for a class without a change.
	Confidence float64      `json:"confidence"`
	Why        string       `json:"why"`
	Changes    []string     `json:"changes"` // those that make it go away, best first
	Boots      int          `json:"boots"`
	Repeat     int          `json:"repeat_to_prove,omitempty"` // trials an arm that would prove it, if it goes on like this
	Back       bool         `json:"back"`                      // the failure came back in the control
	Arms       []Comparison `json:"arms"`
}

// Judge draws the conclusion. The control comes first.
func Judge(arms []Arm) Explanation {
	x := Explanation{Class: NotExplained, Changes: []string{}}
	if len(arms) == 0 {
		x.Why = "nothing was tried"
		return x
	}
	sd, df := spread(arms)
	for _, a := range arms {
		c := compare(arms, a)
		c.Ratio = ratio(a, arms[0], sd, df)
		x.Arms = append(x.Arms, c)
		x.Boots += a.Boots()
	}
	tried := triedOf(x.Arms)
	inView(x.Arms, tried)
	x.otherSide(sd, df)
	for i := range x.Arms {
		x.Arms[i].Verdict = x.Arms[i].verdict(arms)
	}
	x.Target, x.Back = arms[0].Target, arms[0].Failed > 0
	x.classify(arms[0], len(tried))
	return x
}

func compare(arms []Arm, a Arm) Comparison {
	c := Comparison{Arm: a, P: 1, PAll: 1, Rate: rateOf(a.Failed, a.Passed)}
	if base, ok := find(arms, a.Base); ok && base.Failed > 0 && !a.otherSide() {
		c.P = fisher(base.Failed, base.Passed, a.Failed, a.Passed)
	}
	return c
}

// triedOf returns the places of the changes that were tried. What begins from a healthy arm is not one of them.
func triedOf(all []Comparison) (tried []int) {
	for i, c := range all {
		if c.Base != "" && c.usable() > 0 && !c.otherSide() {
			tried = append(tried, i)
		}
	}
	return tried
}

// inView fills in PAll of those that were tried.
func inView(all []Comparison, tried []int) {
	most := 0
	for _, at := range tried {
		most = max(most, all[at].usable())
	}
	if len(tried) <= closedArms && most <= closedTrials {
		for i, p := range closed(all, tried) {
			all[tried[i]].PAll = p
		}
		return
	}
	tried = slices.Clone(tried)
	slices.SortStableFunc(tried, func(a, b int) int { return cmp.Compare(all[a].P, all[b].P) })
	worst := 0.0
	for i, at := range tried { // Holm
		worst = min(1, max(worst, float64(len(tried)-i)*all[at].P))
		all[at].PAll = worst
	}
}

func (c Comparison) verdict(arms []Arm) Verdict {
	base, hasBase := find(arms, c.Base)
	switch {
	case c.Base == "":
		return Control
	case c.usable() == 0 && c.Other > 0:
		return Otherwise
	case c.usable() == 0 || !hasBase || c.otherSide() == (base.Failed > 0):
		return Untried
	case c.otherSide():
		return c.back()
	case c.PAll <= chance && c.Failed == 0:
		return Gone
	case c.PAll <= chance:
		return Less
	case c.Failed == 0 && base.Passed == 0:
		return LikelyGone
	case c.Failed*base.usable() < base.Failed*c.usable():
		return Unclear
	}
	return Stays
}

// classify names the class. Of several changes that help, the one that says most names it: a smaller size helps against
// most failures, another kernel only against its own bugs.
func (x *Explanation) classify(control Arm, tried int) {
	if control.usable() == 0 {
		x.Why = "the control says nothing: " + untold(control)
		return
	}
	if control.Failed == 0 {
		x.Why = fmt.Sprintf("the failure did not come back in %s loaded straight to %d: the history of the ladder caused it, or it shows in less than %.0f%% of them",
			vms(control.Passed), control.Size, 100*rateOf(0, control.Passed).High)
		return
	}
	helps := x.helping()
	rare := control.Passed > 0
	often := fmt.Sprintf("it fails in %d of %s with nothing changed (%.0f%% to %.0f%%)", control.Failed, vms(control.usable()),
		100*rateOf(control.Failed, control.Passed).Low, 100*rateOf(control.Failed, control.Passed).High)
	back := x.broughtBack()
	switch {
	case len(back) > 0:
		x.byFeature(back)
	case len(helps) > 0:
		x.byChange(helps, tried)
	case rare:
		x.Class, x.Proven = Rare, true // both were seen; how often is in the interval
		x.Why = often + ", and no change is known to make it go away"
	case tried == 0:
		x.Why = often + ", and nothing else was tried"
	default:
		x.Why = often + fmt.Sprintf(", and none of %d changes makes it go away", tried) + x.lowers() + x.use()
	}
	for _, h := range helps {
		x.Changes = append(x.Changes, h.Change)
	}
	if len(helps) > 0 && !x.Proven {
		x.Repeat = x.needed(helps[0])
	}
}

// byChange takes the class from the change that says most.
func (x *Explanation) byChange(helps []Comparison, tried int) {
	best := helps[0]
	x.Class, x.Proven, x.Confidence = Class(best.Factor), best.Verdict == Gone, 1-best.PAll
	x.Why = fmt.Sprintf("%s: %d of %d fail, without that %s; luck alone gives it with probability %.2g", best.Change,
		best.Failed, best.usable(), base(x.Arms, best), best.P)
	if tried > 1 && best.PAll > best.P {
		x.Why += fmt.Sprintf(" (%.2g in view of all %d changes that were tried)", best.PAll, tried)
	}
	if m := x.Arms[0].Target.Measure; m != nil && best.Ratio != nil {
		x.Why += fmt.Sprintf("; %s, without that %s: %v", m.Say(best.Typical()), m.Say(x.Arms[0].Typical()), *best.Ratio)
	}
	for _, c := range narrowest(helps) {
		if c.Factor == best.Factor && c.Feature != "" && best.Feature != "" {
			x.Features = append(x.Features, c.Feature)
		}
	}
}

// helping returns the arms that make it go away, the one that says most first. Of the environment's, that is a CPU feature.
func (x *Explanation) helping() []Comparison {
	var helps []Comparison
	for _, c := range x.Arms {
		if c.gone() {
			helps = append(helps, c)
		}
	}
	slices.SortStableFunc(helps, func(a, b Comparison) int { return a.says() - b.says() })
	return helps
}

// gone reports whether the failure is away, proven or not.
func (c Comparison) gone() bool { return c.Verdict == Gone || c.Verdict == LikelyGone }

// says is the less, the more the change says.
func (c Comparison) says() int {
	n := 100 * slices.Index([]Factor{Version, Environment, Setting, Load, Scale}, c.Factor)
	if c.Feature == "" {
		return n + 99
	}
	return n + len(closure(c.Feature))
}

// base is the counts an arm is compared with.
func base(all []Comparison, c Comparison) string {
	for _, b := range all {
		if b.Name == c.Base {
			return fmt.Sprintf("%d of %d", b.Failed, b.usable())
		}
	}
	return "none"
}

// needed is how many trials each arm must have to prove that one helps, if all go on as they began; 0 if more than twenty.
func (x *Explanation) needed(helps Comparison) int {
	for n := helps.usable() + 1; n <= 20; n++ {
		more := make([]Arm, len(x.Arms))
		for i, c := range x.Arms {
			if more[i] = c.Arm; c.usable() > 0 {
				more[i].Failed = int(math.Round(c.Rate.Value * float64(n)))
				more[i].Passed = n - more[i].Failed
			}
		}
		all := make([]Comparison, len(more))
		for i := range more {
			all[i] = compare(more, more[i])
		}
		inView(all, triedOf(all))
		if i := slices.IndexFunc(all, func(c Comparison) bool { return c.Name == helps.Name }); all[i].PAll <= chance {
			return n
		}
	}
	return 0
}

func untold(a Arm) string {
	switch {
	case a.Other > 0:
		return "its trials failed otherwise (" + a.Others[0] + ")"
	case a.Harness > 0:
		return "the harness failed (" + a.Fault + ")"
	}
	return "it was not tried yet"
}

func vms(n int) string {
	if n == 1 {
		return "1 fresh VM"
	}
	return fmt.Sprintf("%d fresh VMs", n)
}
