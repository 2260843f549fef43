package explain

import (
	"fmt"
	"slices"
	"strings"
)

// otherSide fills in P and PAll of the arms that begin from a healthy one: the probability that they differ from it only by
// luck. Numbers tell more than counts.
func (x *Explanation) otherSide(sd, df float64) {
	turned := slices.Clone(x.Arms) // what fails passes: the tests ask whether an arm passes more often than its control
	var tried []int
	for i, c := range x.Arms {
		turned[i].Failed, turned[i].Passed = c.Passed, c.Failed
		base, ok := x.named(c.Base)
		if !c.otherSide() || !ok || c.usable() == 0 || base.usable() == 0 || base.Failed > 0 {
			continue
		}
		tried = append(tried, i)
		turned[i].P = fisher(base.Passed, base.Failed, c.Passed, c.Failed)
	}
	inView(turned, tried)
	for _, at := range tried {
		c := &x.Arms[at]
		c.P, c.PAll = turned[at].P, turned[at].PAll
		base, _ := x.named(c.Base)
		if ratio(c.Arm, base.Arm, sd, df) != nil {
			c.P = apart(c.Arm, base.Arm, sd, df)
			c.PAll = min(1, float64(len(tried))*c.P)
		}
	}
}

func (x *Explanation) named(name string) (Comparison, bool) {
	for _, c := range x.Arms {
		if c.Name == name {
			return c, true
		}
	}
	return Comparison{}, false
}

// back is the verdict on an arm that begins from a healthy one.
func (c Comparison) back() Verdict {
	switch {
	case c.Failed == 0:
		return Stays
	case c.Target.Measure == nil && (c.Passed == 0 || c.PAll <= chance):
		return BringsBack
	case c.Ratio != nil && c.Ratio.same():
		return BringsBack
	case c.Ratio != nil && c.Ratio.differs():
		return Unlike
	}
	return Unclear
}

// broughtBack returns the arms whose missing feature makes a healthy guest fail as the failing one does.
func (x *Explanation) broughtBack() (back []Comparison) {
	for _, c := range x.Arms {
		base, _ := x.named(c.Base)
		if c.Verdict == BringsBack && base.gone() && !x.inUse(c.Feature) {
			back = append(back, c)
		}
	}
	return back
}

// narrowest leaves out features without which another one of them is missing, too: without XSAVE there is no AVX.
func narrowest(all []Comparison) []Comparison {
	return slices.DeleteFunc(slices.Clone(all), func(c Comparison) bool {
		return slices.ContainsFunc(all, func(o Comparison) bool { return c.Feature != "" && o.Feature != "" && covers(c.Feature, o.Feature) })
	})
}

// byFeature takes the class from the features that bring the failure back.
func (x *Explanation) byFeature(back []Comparison) {
	least := narrowest(back)
	best := least[0]
	base, _ := x.named(best.Base)
	luck := max(base.PAll, best.PAll)
	x.Class, x.Proven, x.Confidence = Class(Environment), base.Verdict == Gone && luck <= chance, 1-luck
	var names, texts []string
	for _, c := range least {
		x.Features = append(x.Features, c.Feature)
		names, texts = append(names, upper(c.Feature)), append(texts, x.without(c, base))
	}
	x.Why = "feature " + and(names) + ": " + strings.Join(texts, "; ") + x.wider(back, least) + x.use() + x.told()
	if len(least) > 1 {
		x.Why += "; these features cannot be told apart"
	}
}

// without says what a healthy guest does without a feature.
func (x *Explanation) without(c, base Comparison) string {
	m, control := c.Target.Measure, x.Arms[0]
	if m == nil || c.Ratio == nil {
		return fmt.Sprintf("without %s the healthy guest (%s) fails in %d of %d, with it in %d of %d, the failing guest in %d of %d", upper(c.Feature),
			base.Change, c.Failed, c.usable(), base.Failed, base.usable(), control.Failed, control.usable())
	}
	return fmt.Sprintf("without %s the healthy guest (%s) has %s, with it %s; the failing guest has %s: %v", upper(c.Feature),
		base.Change, m.Say(c.Typical()), m.Value(base.Typical()), m.Value(control.Typical()), *c.Ratio)
}

// wider names those that bring it back only because another one needs them.
func (x *Explanation) wider(back, least []Comparison) string {
	var names []string
	for _, c := range back {
		if !slices.ContainsFunc(least, func(o Comparison) bool { return o.Name == c.Name }) {
			names = append(names, upper(c.Feature))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; so without " + and(names) + ", because " + upper(least[0].Feature) + " needs it"
}

// use says which CPU features the failing guest uses, as far as its number tells.
func (x *Explanation) use() string {
	var used, idle []string
	for _, c := range x.Arms {
		switch {
		case c.Feature == "" || c.Added || c.otherSide() || c.Ratio == nil:
		case c.Ratio.same():
			idle = append(idle, fmt.Sprintf("%s (factor %.2f)", upper(c.Feature), c.Ratio.Value))
		case c.Ratio.differs():
			used = append(used, fmt.Sprintf("%s (factor %.2f)", upper(c.Feature), c.Ratio.Value))
		}
	}
	text := ""
	if len(idle) > 0 {
		text += "; the failing guest does not change without " + and(idle)
	}
	if len(used) > 0 {
		text += "; it does without " + and(used)
	}
	return text
}

// lowers names the changes that make the number smaller, if not small enough.
func (x *Explanation) lowers() string {
	var texts []string
	for _, c := range x.Arms {
		if c.Ratio != nil && c.Ratio.High < 1/alike && !c.otherSide() {
			texts = append(texts, fmt.Sprintf("%s with %s", x.Arms[0].Target.Measure.Value(c.Typical()), c.Change))
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return fmt.Sprintf("; %s becomes smaller, though not small enough: ", x.Arms[0].Target.Measure.Name) + and(texts)
}

// told says what the failing guest's own cpuinfo says of the features that explain it.
func (x *Explanation) told() string {
	var names []string
	for _, f := range x.Features {
		if x.Arms[0].tells(f) {
			names = append(names, f)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; its cpuinfo says " + and(names) + ": it is there, and is not used"
}

// and lists words.
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
