package explain

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// What an encrypted MiB costs against a plain one in a guest with ZFS 2.1.11 on 6.1, by the features that its CPU lacks: ms of
// the kernel threads' CPU, encrypted over plain.
const (
	allFeatures  = 8.8 / 4.9
	withoutAVX   = 31.6 / 5.2
	withoutXSAVE = 31.7 / 5.3
	withoutAES   = 67.2 / 4.7
	withoutMUL   = 171.9 / 4.9
	withoutMOVBE = 9.0 / 4.9
	limit        = 3
)

var ratioTarget = Target{What: "slow-crypto", Kind: judge.OverLimit, Safe: 16, Broken: 32, At: 32, Measure: &Measure{Name: "ratio", Worst: true}}

// costs is an arm whose trials have a number a little beside the given one.
func costs(f Factor, name string, number float64, trials int) Arm {
	a := arm(f, name, 0, 0, 0)
	a.Target = ratioTarget
	for i := range trials {
		a.Numbers = append(a.Numbers, number*(1+0.004*float64(i%3-1)))
		if number > limit {
			a.Failed++
		} else {
			a.Passed++
		}
	}
	return a
}

// lacks is an arm that takes a feature from another one.
func lacks(base, feature string, number float64, trials int) Arm {
	a := costs(Environment, base+" without "+feature, number, trials)
	a.Base, a.Feature = base, feature
	return a
}

// failing is the failing side of the seeded run: AVX is there and not used.
func failing() []Arm {
	control := costs(Same, "same", withoutAVX, 3)
	control.Facts = map[string]string{"cpuinfo": "aes avx movbe pclmulqdq xsave", "zfs": "2.1.11"}
	return []Arm{control, costs(Setting, "osxsave=shown", allFeatures, 3), costs(Environment, "memory", withoutAVX, 3),
		lacks("same", "avx", withoutAVX, 2), lacks("same", "aes", withoutAES, 2), lacks("same", "pclmulqdq", withoutMUL, 2),
		lacks("same", "movbe", withoutAVX, 2), lacks("same", "xsave", withoutXSAVE, 2)}
}

func TestFeature(t *testing.T) {
	added := costs(Environment, "with avx", allFeatures, 3)
	added.Feature, added.Added = "avx", true
	one := failing()
	for i := range one { // one trial each: nothing says how much they differ
		one[i] = costs(one[i].Factor, one[i].Name, one[i].Numbers[0], 1)
	}
	without := func(feature string, counts ...int) Arm {
		a := arm(Environment, "without "+feature, counts[0], counts[1], 0)
		a.Feature = feature
		return a
	}
	from := func(a Arm, base string) Arm { a.Base = base; return a }
	for name, c := range map[string]struct {
		arms     []Arm
		class    Class
		features []string
		proven   bool
		why      []string
	}{
		"the seeded run": {append(failing(), lacks("osxsave=shown", "avx", withoutAVX, 2), lacks("osxsave=shown", "xsave", withoutXSAVE, 2),
			lacks("osxsave=shown", "movbe", withoutMOVBE, 2)), "environment", []string{"avx"}, true,
			[]string{"feature AVX: without AVX the healthy guest (osxsave=shown) has ratio 6.06, with it 1.8; the failing guest has 6.08: factor 1.00 (0.99 to 1.00)",
				"so without XSAVE, because AVX needs it", "does not change without AVX (factor 1.00), MOVBE (factor 1.00) and XSAVE (factor 0.98)",
				"it does without AES (factor 2.35) and PCLMULQDQ (factor 5.76)", "its cpuinfo says avx: it is there, and is not used"}},
		"another kernel is the healthy one": {[]Arm{costs(Same, "same", withoutAVX, 3), costs(Version, "kernel fixed", allFeatures, 3),
			lacks("kernel fixed", "avx", withoutAVX, 2)}, "environment", []string{"avx"}, true, []string{"the healthy guest (kernel fixed)"}},
		"AVX was left out": {[]Arm{costs(Same, "same", withoutAVX, 3), added, lacks("same", "aes", withoutAES, 2)}, "environment",
			[]string{"avx"}, true, []string{"with avx: 0 of 3 fail, without that 3 of 3", "ratio 1.8, without that ratio 6.08: factor 0.30 (0.29 to 0.30)"}},
		"none brings it back": {append(failing(), lacks("osxsave=shown", "avx", allFeatures, 2)), "setting", nil, true, []string{"osxsave=shown: 0 of 3 fail"}},
		"none brings this number back": {append(failing(), lacks("osxsave=shown", "avx", withoutAES, 2)), "setting", nil, true,
			[]string{"osxsave=shown: 0 of 3 fail"}},
		"what the failing guest uses is not what it lacks": {append(failing(), lacks("osxsave=shown", "aes", withoutAVX, 2)), "setting", nil, true, nil},
		"only the failing side": {append(failing()[:1], failing()[2:]...), NotExplained, nil, false,
			[]string{"none of 6 changes makes it go away; the failing guest does not change without AVX", "; it does without AES"}},
		"one trial each": {append(one, lacks("osxsave=shown", "avx", withoutAVX, 1)), "setting", nil, false, nil},
		"by counts": {[]Arm{arm(Same, "same", 3, 0, 0), arm(Setting, "off", 0, 3, 0), from(without("avx", 3, 0), "off"), from(without("aes", 0, 3), "off")},
			"environment", []string{"avx"}, true, []string{"without AVX the healthy guest (off) fails in 3 of 3, with it in 0 of 3, the failing guest in 3 of 3"}},
		"by too few counts": {[]Arm{arm(Same, "same", 2, 0, 0), arm(Setting, "off", 0, 2, 0), from(without("avx", 2, 0), "off")},
			"environment", []string{"avx"}, false, nil},
		"what is rare, by counts": {[]Arm{arm(Same, "same", 10, 10, 0), arm(Setting, "off", 0, 20, 0), without("avx", 9, 11), from(without("avx", 8, 12), "off")},
			"environment", []string{"avx"}, true, []string{"fails in 8 of 20, with it in 0 of 20, the failing guest in 10 of 20"}},
		"two by counts": {[]Arm{arm(Same, "same", 3, 0, 0), arm(Setting, "off", 0, 3, 0), from(without("avx", 3, 0), "off"), from(without("aes", 3, 0), "off")},
			"environment", []string{"avx", "aes"}, true, []string{"cannot be told apart"}},
		"it cures": {[]Arm{arm(Same, "same", 3, 0, 0), without("xsave", 0, 3), without("avx", 0, 3), without("aes", 3, 0)},
			"environment", []string{"avx"}, true, []string{"without avx: 0 of 3 fail"}},
		"two cure": {[]Arm{arm(Same, "same", 3, 0, 0), without("aes", 0, 3), without("pclmulqdq", 0, 3)}, "environment", []string{"aes", "pclmulqdq"}, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			x := Judge(c.arms)
			assert.Equal(t, c.class, x.Class, x.Why)
			assert.Equal(t, c.features, x.Features)
			assert.Equal(t, c.proven, x.Proven)
			for _, why := range c.why {
				assert.Contains(t, x.Why, why)
			}
			_, err := json.Marshal(x)
			require.NoError(t, err, "no number that JSON cannot hold")
		})
	}
}

func TestVerdictsOfTheHealthySide(t *testing.T) {
	x := Judge(append(failing(), lacks("osxsave=shown", "avx", withoutAVX, 2), lacks("osxsave=shown", "aes", withoutAES, 2),
		lacks("osxsave=shown", "movbe", withoutMOVBE, 2), lacks("memory", "avx", withoutAVX, 2), lacks("osxsave=shown", "xsave", withoutXSAVE*1.12, 2)))
	for i, want := range []Verdict{BringsBack, Unlike, Stays, Untried, Unclear} {
		c := x.Arms[8+i]
		assert.Equal(t, want, c.Verdict, c.Name)
		if want == BringsBack || want == Unlike {
			assert.Less(t, c.PAll, 1e-6, "numbers tell more than two VMs can by counts")
		}
	}
}

// TestHealthySideDoesNotWeaken: what is tried on the healthy side does not count among the changes.
func TestHealthySideDoesNotWeaken(t *testing.T) {
	before := Judge(failing())
	after := Judge(append(failing(), lacks("osxsave=shown", "avx", withoutAVX, 2), lacks("osxsave=shown", "movbe", withoutMOVBE, 2)))
	for i, c := range before.Arms {
		assert.Equal(t, c.PAll, after.Arms[i].PAll, c.Name)
		assert.Equal(t, c.Verdict, after.Arms[i].Verdict, c.Name)
	}
}

func ratioQuestion() Question {
	q := question()
	q.Spec.Options = append(q.Spec.Options, scenario.Option{Name: "osxsave", Kind: scenario.Choice, Default: "shown", Choices: []string{"shown", "hidden"}})
	q.Head.Settings["osxsave"] = "hidden"
	q.Target, q.Features = ratioTarget, []string{"avx", "aes", "pclmulqdq", "movbe", "xsave"}
	q.CPUs = CPUs("max", q.Features)
	return q
}

func byName(setups []Setup) map[string]Setup {
	all := map[string]Setup{}
	for _, s := range setups {
		all[s.Name] = s
	}
	return all
}

func TestFeaturesOneByOne(t *testing.T) {
	q := ratioQuestion()
	q.Has = map[string]bool{"avx": true, "avx2": true, "aes": true, "pclmulqdq": true, "xsave": true}
	got := byName(Design(q))
	assert.Equal(t, "max,-avx,-avx2", got["without avx"].Machine.CPU)
	assert.Equal(t, []any{"avx", 2, false}, []any{got["without avx"].Feature, got["without avx"].Enough, got["without avx"].Added})
	assert.Contains(t, got["without movbe"].Skipped, "CPU max has no MOVBE")
	assert.NotContains(t, got, "cpu qemu64")
	assert.Equal(t, "shown", got["osxsave=shown"].Settings["osxsave"])
	assert.Equal(t, Setting, got["osxsave=shown"].Factor)
	assert.NotContains(t, got, "pps=1000", "the rate is halved, which is its arm")

	q.Head.Machine.Clock = trial.ClockWall
	assert.Zero(t, byName(Design(q))["without avx"].Enough, "real time differs from run to run")
}

func TestFeaturesThatWereLeftOut(t *testing.T) {
	q := ratioQuestion()
	q.Head.Machine.CPU, q.CPUs = "max,-avx,-avx2", CPUs("max,-avx,-avx2", q.Features)
	q.Has = map[string]bool{"aes": true, "pclmulqdq": true, "xsave": true, "movbe": true, "avx": false}
	got := byName(Design(q))
	back := got["with avx"]
	assert.Equal(t, []any{"max", "avx", true, 0}, []any{back.Machine.CPU, back.Feature, back.Added, back.Enough})
	assert.NotContains(t, got, "without avx")
	assert.NotContains(t, got, "cpu max", "it is the same as with AVX again")
	assert.Equal(t, "max,-avx,-avx2,-aes", got["without aes"].Machine.CPU)

	q.Has = nil
	assert.NotContains(t, byName(Design(q)), "without avx", "whether or not it is known what the CPU has")
	q.Head.Machine.CPU, q.CPUs = "max,-avx,-aes", CPUs("max,-avx,-aes", nil)
	got = byName(Design(q))
	assert.Equal(t, "max,-aes", got["with avx"].Machine.CPU)
	assert.Contains(t, got, "cpu max")
}

func TestSettingsAtTheirDefault(t *testing.T) {
	q := ratioQuestion()
	q.Only = []Factor{Setting}
	q.Spec.Options = append(q.Spec.Options, scenario.Option{Name: "share", Kind: scenario.Float, Default: "0.50", Max: 1},
		scenario.Option{Name: "newer", Kind: scenario.Int, Default: "1", Max: 9})
	q.Head.Settings["share"] = "0.5"
	got := byName(Design(q))
	require.Len(t, got, 2, "0.50 is 0.5, and the record knows nothing of the last option")
	assert.Contains(t, got, "osxsave=shown")
	assert.Equal(t, "hidden", q.Head.Settings["osxsave"], "the run's own are as they were")
	q.Head.Settings["osxsave"] = "shown"
	assert.Contains(t, byName(Design(q))["settings"].Skipped, "each option is at its default")
	q.Only = nil
	assert.NotContains(t, byName(Design(q)), "settings")
}

func TestHealthy(t *testing.T) {
	q := ratioQuestion()
	at := func(arms []Arm) map[string]Setup {
		for i := range arms {
			arms[i].Machine, arms[i].Settings = q.Head.Machine, scenario.Settings{"osxsave": "hidden"}
			if arms[i].Factor == Setting {
				arms[i].Settings = scenario.Settings{"osxsave": "shown"}
			}
		}
		return byName(Healthy(q, arms))
	}
	got := at(failing())
	require.Len(t, got, 3, "AES and PCLMULQDQ are in use: the failing guest does not lack them")
	s := got["osxsave=shown without avx"]
	assert.Equal(t, []any{Environment, "osxsave=shown", "avx", "shown", 2, "osxsave=shown, and CPU without AVX"},
		[]any{s.Factor, s.Base, s.Feature, s.Settings["osxsave"], s.Enough, s.Change})
	assert.Equal(t, "max,-avx,-avx2,-fma,-vaes,-vpclmulqdq,-avx512f", s.Machine.CPU)
	assert.Contains(t, got, "osxsave=shown without movbe")
	assert.Contains(t, got, "osxsave=shown without xsave")
	again := at(append(failing(), lacks("osxsave=shown", "avx", withoutAVX, 1)))
	assert.Equal(t, got, again, "what is known of that side changes nothing")

	q.Only = []Factor{Setting}
	assert.Empty(t, at(failing()))
	q.Only = nil
	assert.Empty(t, at(append(failing()[:1], failing()[2:]...)), "nothing is healthy")
	cured := lacks("same", "avx", allFeatures, 3)
	assert.Empty(t, at(append(failing(), cured)), "the feature is named already")
	below := failing()
	below[1].Factor = Scale
	assert.Empty(t, at(below), "a smaller size is healthy with any CPU")
}

func TestNextOnTheHealthySide(t *testing.T) {
	control, healthy := arm(Same, "same", 3, 0, 0), arm(Setting, "off", 0, 3, 0)
	lacking := arm(Environment, "off without avx", 0, 0, 0)
	lacking.Base, lacking.Feature, lacking.Enough = "off", "avx", 2
	a, ok := Next([]Arm{control, healthy, lacking}, 3, nil)
	assert.True(t, ok)
	assert.Equal(t, "off without avx", a.Name)
	lacking.Failed = 2
	_, ok = Next([]Arm{control, healthy, lacking}, 3, nil)
	assert.False(t, ok, "two are enough")
	healthy.Failed, lacking.Failed = 1, 0
	_, ok = Next([]Arm{control, healthy, lacking}, 4, map[string]bool{"same": true, "off": true})
	assert.False(t, ok, "it was not healthy after all")
}

func TestRatio(t *testing.T) {
	arms := []Arm{{Numbers: []float64{6.0, 6.1, 6.2}}, {Numbers: []float64{6.1}}, {Numbers: []float64{1.8, 1.83}}, {}}
	sd, df := spread(arms)
	assert.EqualValues(t, 3, df)
	assert.InDelta(t, math.Sqrt((2*0.000268763+1*0.00013662)/3), sd, 1e-5)
	same := ratio(arms[1], arms[0], sd, df)
	require.NotNil(t, same)
	assert.InDelta(t, 1, same.Value, 0.001)
	assert.True(t, same.same())
	assert.False(t, same.differs())
	assert.True(t, ratio(arms[2], arms[0], sd, df).differs())
	assert.Nil(t, ratio(arms[3], arms[0], sd, df))
	assert.Nil(t, ratio(arms[1], arms[0], 0, 0))
	wide := ratio(arms[1], arms[0], 0.2, 1)
	assert.False(t, wide.same() || wide.differs())
	far := ratio(Arm{Numbers: []float64{1e300}}, Arm{Numbers: []float64{1e-300}}, 100, 1)
	_, err := json.Marshal(far)
	assert.NoError(t, err)
	assert.Equal(t, "factor 1.00 (1.00 to 1.00)", ratio(arms[1], arms[1], 0, 1).String(), "to the last digit")
	assert.EqualValues(t, 1, apart(arms[1], arms[1], 0, 1))
	assert.Zero(t, apart(arms[2], arms[1], 0, 1))
}
