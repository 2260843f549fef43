package explain

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// arm is one with counts; the control when it has no factor.
func arm(f Factor, name string, failed, passed, other int) Arm {
	a := Arm{Setup: Setup{Name: name, Factor: f, Change: name}, Failed: failed, Passed: passed, Other: other}
	if f != Same {
		a.Base = "same"
	}
	for range other {
		a.Others = append(a.Others, "oops:elsewhere")
	}
	return a
}

func TestClass(t *testing.T) {
	same := func(failed, passed int) Arm { return arm(Same, "same", failed, passed, 0) }
	for name, c := range map[string]struct {
		arms    []Arm
		class   Class
		proven  bool
		changes []string
		why     string
	}{
		"smaller, two trials":      {[]Arm{same(2, 0), arm(Scale, "down", 0, 2, 0)}, "scale", false, []string{"down"}, "0 of 2 fail, without that 2 of 2; luck alone gives it with probability 0.17"},
		"smaller, three trials":    {[]Arm{same(3, 0), arm(Scale, "down", 0, 3, 0)}, "scale", true, []string{"down"}, "probability 0.05"},
		"of two changes":           {[]Arm{same(3, 0), arm(Scale, "down", 0, 3, 0), arm(Load, "slow", 2, 1, 0)}, "scale", true, []string{"down"}, "probability 0.05"},
		"one that does not matter": {[]Arm{same(3, 0), arm(Scale, "down", 0, 3, 0), arm(Load, "slow", 3, 0, 0)}, "scale", true, []string{"down"}, "probability 0.05"},
		"version says more":        {[]Arm{same(5, 0), arm(Scale, "down", 0, 5, 0), arm(Version, "old", 0, 5, 0)}, "version", true, []string{"old", "down"}, "old: 0 of 5"},
		"load":                     {[]Arm{same(4, 0), arm(Scale, "down", 4, 0, 0), arm(Load, "slow", 0, 4, 0)}, "load", true, []string{"slow"}, ""},
		"environment":              {[]Arm{same(4, 0), arm(Environment, "cpu", 0, 4, 0)}, "environment", true, []string{"cpu"}, ""},
		"nothing helps":            {[]Arm{same(2, 0), arm(Scale, "down", 2, 0, 0), arm(Version, "old", 1, 1, 0)}, NotExplained, false, nil, "none of 2 changes"},
		"nothing tried":            {[]Arm{same(2, 0)}, NotExplained, false, nil, "nothing else was tried"},
		"sometimes":                {[]Arm{same(1, 2), arm(Scale, "down", 0, 3, 0)}, Rare, true, nil, "1 of 3 fresh VMs with nothing changed (1% to 91%)"},
		"sometimes, but not below": {[]Arm{same(10, 10), arm(Scale, "down", 0, 20, 0)}, "scale", true, []string{"down"}, "0 of 20 fail, without that 10 of 20"},
		"does not come back":       {[]Arm{same(0, 2), arm(Scale, "down", 0, 2, 0)}, NotExplained, false, nil, "did not come back in 2 fresh VMs"},
		"otherwise is neither":     {[]Arm{same(2, 0), arm(Version, "old", 0, 0, 2)}, NotExplained, false, nil, "nothing else was tried"},
		"the control otherwise":    {[]Arm{arm(Same, "same", 0, 0, 2)}, NotExplained, false, nil, "failed otherwise (oops:elsewhere)"},
		"nothing":                  {nil, NotExplained, false, nil, "nothing was tried"},
	} {
		t.Run(name, func(t *testing.T) {
			x := Judge(c.arms)
			assert.Equal(t, c.class, x.Class)
			assert.Equal(t, c.proven, x.Proven)
			assert.Equal(t, append([]string{}, c.changes...), x.Changes)
			assert.Contains(t, x.Why, c.why)
		})
	}
}

func TestVerdicts(t *testing.T) {
	x := Judge([]Arm{arm(Same, "same", 20, 0, 0), arm(Scale, "gone", 0, 20, 0), arm(Load, "less", 4, 16, 0), arm(Version, "stays", 20, 0, 0),
		arm(Version, "perhaps", 0, 1, 0), arm(Version, "unclear", 19, 1, 0), arm(Version, "otherwise", 0, 0, 20), arm(Version, "untried", 0, 0, 0)})
	for i, want := range []Verdict{Control, Gone, Less, Stays, LikelyGone, Unclear, Otherwise, Untried} {
		assert.Equal(t, want, x.Arms[i].Verdict, x.Arms[i].Name)
	}
	assert.Equal(t, 121, x.Boots)
}

// TestForcedChangeIsTheControl: two vCPUs need real time; what real time does alone is not theirs.
func TestForcedChangeIsTheControl(t *testing.T) {
	two := arm(Environment, "two", 0, 4, 0)
	two.Base = "wall"
	x := Judge([]Arm{arm(Same, "same", 4, 0, 0), arm(Environment, "wall", 0, 4, 0), two})
	assert.Equal(t, []string{"wall"}, x.Changes)
	assert.Equal(t, Untried, x.Arms[2].Verdict)

	x = Judge([]Arm{arm(Same, "same", 5, 0, 0), arm(Environment, "wall", 5, 0, 0), two})
	assert.Equal(t, []string{"two"}, x.Changes)
}

func TestFisher(t *testing.T) {
	for _, c := range []struct {
		f0, p0, f1, p1 int
		want           float64
	}{
		{2, 0, 0, 2, 1. / 6}, {3, 0, 0, 3, 1. / 20}, {4, 0, 0, 4, 1. / 70}, {2, 0, 2, 0, 1}, {0, 2, 0, 2, 1}, {0, 0, 0, 2, 1}, {2, 0, 0, 0, 1},
		{3, 1, 1, 3, 17. / 70}, // the lady tasting tea
		{0, 3, 3, 0, 1},
	} {
		assert.InDelta(t, c.want, fisher(c.f0, c.p0, c.f1, c.p1), 1e-9, "%v", c)
	}
}

// TestFisherKeepsItsLevel sums up, for arms that do not differ, how often a proof would be claimed.
func TestFisherKeepsItsLevel(t *testing.T) {
	binomial := func(n, k int, p float64) float64 {
		return math.Exp(choose(n, k)) * math.Pow(p, float64(k)) * math.Pow(1-p, float64(n-k))
	}
	for n := 2; n <= 12; n++ {
		for _, p := range []float64{0.1, 0.3, 0.5, 0.7, 0.9} {
			claimed := 0.0
			for i := 0; i <= n; i++ {
				for j := 0; j <= n; j++ {
					if fisher(i, n-i, j, n-j) <= 1-level {
						claimed += binomial(n, i, p) * binomial(n, j, p)
					}
				}
			}
			assert.LessOrEqual(t, claimed, 1-level, "%d trials at %v", n, p)
		}
	}
}

func TestRate(t *testing.T) {
	r := rateOf(0, 3)
	assert.Zero(t, r.Low)
	assert.InDelta(t, 1-math.Pow(0.025, 1./3), r.High, 1e-9)
	r = rateOf(2, 0)
	assert.InDelta(t, math.Sqrt(0.025), r.Low, 1e-9)
	assert.Equal(t, 1.0, r.High)
	r = rateOf(5, 5) // as R's binom.test says
	assert.InDelta(t, 0.1870860, r.Low, 1e-6)
	assert.InDelta(t, 0.8129140, r.High, 1e-6)
	assert.Equal(t, Rate{High: 1}, rateOf(0, 0))
}

func TestNeeded(t *testing.T) {
	many := func(n int) []Arm {
		arms := []Arm{arm(Same, "same", n, 0, 0), arm(Scale, "down", 0, n, 0)}
		for i := range 10 {
			arms = append(arms, arm(Version, fmt.Sprint(i), n*(i%2), n*(1-i%2), 0))
		}
		return arms
	}
	for name, arms := range map[string]func(int) []Arm{"many": many, "one": func(n int) []Arm { return many(n)[:2] }} {
		x := Judge(arms(2))
		assert.Equal(t, 3, x.Repeat, name)
		assert.False(t, x.Proven, name)
		assert.InDelta(t, 1./6, x.Arms[1].PAll, 1e-9, name)
		assert.True(t, Judge(arms(3)).Proven, name)
	}
}

// TestLevel: an arm whose change does not matter is proven in less than 5% of the experiments, whatever the rate of the
// failure, the trials, the number of arms, and how many of the others do matter.
func TestLevel(t *testing.T) {
	const rounds = 100
	dice := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{3, 6} {
		for _, others := range []int{4, 10} {
			for _, p := range []float64{0.6, 0.85} {
				for _, matter := range []int{0, others / 2} {
					claimed := 0
					for range rounds {
						if wrongly(dice, n, others, matter, p) {
							claimed++
						}
					}
					assert.LessOrEqual(t, claimed, rounds*8/100, "of a hundred: %d trials in %d arms at %v", n, others, p)
				}
			}
		}
	}
}

// wrongly makes an experiment and reports whether an arm is proven that does not matter.
func wrongly(dice *rand.Rand, n, others, matter int, p float64) bool {
	arms := []Arm{arm(Same, "same", 0, 0, 0)}
	for i := range others {
		arms = append(arms, arm(Environment, fmt.Sprint(i), 0, 0, 0))
	}
	never := false
	for i := range arms {
		for range n {
			if (i == 0 || i > matter) && dice.Float64() < p {
				arms[i].Failed++
			} else {
				arms[i].Passed++
			}
		}
		never = never || i > matter && arms[i].Failed == 0
	}
	if !never {
		return false // there is nothing to claim
	}
	return slices.ContainsFunc(Judge(arms).Arms[matter+1:], func(c Comparison) bool { return c.Verdict == Gone })
}

func TestNext(t *testing.T) {
	left := arm(Version, "left", 0, 0, 0)
	skipped := arm(Load, "skipped", 0, 0, 0)
	skipped.Skipped = "no rate"
	two := arm(Environment, "two", 0, 0, 0)
	two.Base = "wall"
	for name, c := range map[string]struct {
		arms []Arm
		want string
	}{
		"the control first":       {[]Arm{arm(Same, "same", 1, 0, 0), arm(Scale, "down", 0, 0, 0)}, "same"},
		"then the others":         {[]Arm{arm(Same, "same", 2, 0, 0), arm(Scale, "down", 0, 0, 0)}, "down"},
		"by turns":                {[]Arm{arm(Same, "same", 2, 0, 0), arm(Scale, "down", 1, 0, 0), arm(Version, "old", 0, 0, 0)}, "old"},
		"in their order":          {[]Arm{arm(Same, "same", 2, 0, 0), arm(Scale, "down", 1, 0, 0), arm(Version, "old", 0, 0, 1)}, "down"},
		"until all are done":      {[]Arm{arm(Same, "same", 2, 0, 0), arm(Scale, "down", 0, 2, 0), arm(Version, "old", 0, 0, 2)}, ""},
		"not what was left out":   {[]Arm{arm(Same, "same", 2, 0, 0), skipped, left}, ""},
		"nothing without control": {[]Arm{arm(Same, "same", 0, 1, 1), arm(Scale, "down", 0, 0, 0)}, ""},
		"nor without its own":     {[]Arm{arm(Same, "same", 2, 0, 0), arm(Environment, "wall", 0, 2, 0), two}, ""},
		"a control of its own":    {[]Arm{arm(Same, "same", 2, 0, 0), arm(Environment, "wall", 1, 1, 0), two}, "two"},
		"nothing":                 {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a, ok := Next(c.arms, 2, map[string]bool{"left": true})
			assert.Equal(t, c.want, a.Name)
			assert.Equal(t, c.want != "", ok)
		})
	}
}
