package bisect

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFindsTheFirstBad is the small form of BenchmarkLine: the limits are those of the issue with room for luck.
func TestFindsTheFirstBad(t *testing.T) {
	for _, c := range []struct{ p, other, ofRule float64 }{
		{1, 0, 0.6}, {0.5, 0, 0.6}, {0.3, 0, 1}, {1, 0.1, 0.6}, {0.5, 0.1, 0.6}, {0.3, 0.1, 1},
	} {
		t.Run(fmt.Sprintf("p=%v/other=%v", c.p, c.other), func(t *testing.T) {
			got := simulate(t, 60, 1, usual, func(k *plant) { k.p, k.other = c.p, c.other })
			assert.GreaterOrEqual(t, got.right, 56)
			assert.Less(t, got.mean()*60, c.ofRule*float64(got.rule))
		})
	}
}

// TestFewRunsWhereFailuresAreCertain: bisection takes 8 runs for 256, both ends one each.
func TestFewRunsWhereFailuresAreCertain(t *testing.T) {
	got := simulate(t, 60, 1, usual, func(*plant) {})
	assert.Equal(t, 60, got.right)
	assert.Less(t, got.mean(), 20.0)
}

func one(t *testing.T, n int, s func(*Search), set func(*plant)) Result {
	t.Helper()
	g := line(t, n)
	k := &plant{graph: g, first: n / 3, p: 1, rng: rand.New(rand.NewPCG(1, 2))}
	set(k)
	ask := New(g)
	s(&ask)
	r, _ := k.search(ask, 1)
	return r
}

func TestEndsAreTriedFirst(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*plant)
		want Verdict
		why  string
		most int // runs
	}{
		{"both good", func(k *plant) { k.first = -1 }, EndsGood, "the bad end does not show the failure: 0 of 29; the good end: 0 of 14", 43},
		{"both bad", func(k *plant) { k.first = 0 }, EndsBad, "the good end shows the failure as well: ", 10},
		{"both bad, rarely", func(k *plant) { k.first, k.p = 0, 0.3 }, EndsBad, "the good end shows the failure as well: ", 60},
		{"swapped", func(k *plant) { k.reversed = true }, Swapped, "it is the good end that shows the failure: ", 15},
		{"swapped, rarely", func(k *plant) { k.reversed, k.p = true, 0.3 }, Swapped, "it is the good end that shows the failure: ", 80},
		{"bad end not to be tried", func(k *plant) { k.skips = map[int]bool{99: true} }, NotReproduced, "the bad end cannot be tried: no answer, 3 skipped", 5},
		{"bad end not to be tried, good end bad", func(k *plant) { k.first, k.skips = 0, map[int]bool{99: true} }, NotReproduced,
			"the bad end cannot be tried: no answer, 3 skipped; the good end: ", 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := one(t, 100, usual, c.set)
			assert.Equal(t, c.want, r.Verdict, r.Why)
			assert.Contains(t, r.Why, c.why)
			assert.LessOrEqual(t, r.Runs, c.most)
			assert.Zero(t, r.FirstBad)
		})
	}
}

func TestBudget(t *testing.T) {
	r := one(t, 100, func(s *Search) { s.Budget = 5 }, func(*plant) {})
	assert.Equal(t, Budget, r.Verdict)
	assert.Equal(t, 5, r.Runs)
	assert.Less(t, r.Confidence, 0.5)
	assert.Contains(t, r.Why, "all 5 runs are spent; the likeliest is ")

	r = one(t, 100, func(s *Search) { s.Budget = 5 }, func(k *plant) { k.first = -1 })
	assert.Equal(t, NotReproduced, r.Verdict)
	assert.Contains(t, r.Why, "no run of 5 showed the failure")
}

func TestNothingBetweenTheEnds(t *testing.T) {
	r := one(t, 2, usual, func(k *plant) { k.first = 1 })
	require.Equal(t, Found, r.Verdict, r.Why)
	assert.Equal(t, 1, r.FirstBad)
	assert.Equal(t, []int{0}, r.LastGood)
	assert.LessOrEqual(t, r.Runs, 4)
}

func TestWhatCannotBeTriedMakesARange(t *testing.T) {
	for _, p := range []float64{1, 0.5} {
		r := one(t, 100, usual, func(k *plant) {
			k.p, k.skips = p, map[int]bool{30: true, 31: true, 32: true, 33: true, 34: true, 60: true}
		})
		require.Equal(t, Range, r.Verdict, r.Why)
		assert.Equal(t, 30, r.FirstBad)
		assert.Equal(t, []int{29}, r.LastGood)
		var suspects []int
		for _, x := range r.Suspects {
			suspects = append(suspects, x.Candidate)
			assert.InDelta(t, r.Confidence/6, x.Probability, 1e-9)
		}
		assert.Equal(t, []int{30, 31, 32, 33, 34, 35}, suspects)
		assert.GreaterOrEqual(t, r.Confidence, 0.95)
	}
}

// TestAHundredThatDoNotBuild: they are not tried one by one.
func TestAHundredThatDoNotBuild(t *testing.T) {
	skips := map[int]bool{}
	for c := 300; c < 400; c++ {
		skips[c] = true
	}
	r := one(t, 1000, usual, func(k *plant) { k.skips = skips })
	require.Equal(t, Range, r.Verdict, r.Why)
	assert.InDelta(t, 301, r.Suspects[0].Candidate, 1)
	assert.InDelta(t, 399, r.Suspects[len(r.Suspects)-1].Candidate, 1)
	assert.Less(t, r.Runs, 60)
}

func TestSkipsElsewhereDoNoHarm(t *testing.T) {
	r := one(t, 100, usual, func(k *plant) { k.skips = map[int]bool{48: true, 49: true, 50: true, 51: true, 20: true} })
	require.Equal(t, Found, r.Verdict, r.Why)
	assert.Equal(t, 33, r.FirstBad)
	for _, c := range r.Counts {
		assert.LessOrEqual(t, c.Skip, 3, "candidate %d", c.Candidate)
	}
	assert.True(t, r.Certain)
}

func TestUnrelatedCrashesAreListedApart(t *testing.T) {
	r := one(t, 100, usual, func(k *plant) { k.other, k.skips = 0.4, map[int]bool{50: true} })
	require.Equal(t, Found, r.Verdict, r.Why)
	assert.Equal(t, 33, r.FirstBad)
	others, counted := 0, 0
	for _, c := range r.Crashes {
		if c.Answer == Other {
			assert.Equal(t, "oops:elsewhere", c.Text)
			others += c.Runs
		}
	}
	for _, c := range r.Counts {
		counted += c.Other
	}
	assert.Positive(t, others)
	assert.Equal(t, counted, others)
	assert.True(t, r.Certain, "a crash elsewhere is no pass")
}

// TestOneStrayAnswerDecidesNothing: a good candidate seems bad once.
func TestOneStrayAnswerDecidesNothing(t *testing.T) {
	s := New(line(t, 100))
	var runs []Observation
	stray := false
	for {
		d := s.Next(runs, 1)
		if d.Done {
			require.Equal(t, Found, d.Result.Verdict, d.Result.Why)
			assert.Equal(t, 80, d.Result.FirstBad)
			break
		}
		for _, c := range d.Try {
			answer := Good
			if c >= 80 || !stray && c > 0 {
				stray, answer = stray || c < 80, Bad
			}
			runs = append(runs, Observation{c, answer, ""})
		}
	}
	assert.True(t, stray)
}

// TestGoesOnFromItsRecord: the order of the runs does not matter, nor who asks.
func TestGoesOnFromItsRecord(t *testing.T) {
	g := line(t, 100)
	k := &plant{graph: g, first: 40, p: 0.5, other: 0.1, rng: rand.New(rand.NewPCG(3, 4)), skips: map[int]bool{50: true}}
	var runs []Observation
	for s := New(g); ; {
		d := s.Next(runs, 2)
		shuffled := slices.Clone(runs)
		k.rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		assert.Equal(t, d, New(g).Next(shuffled, 2))
		if d.Done {
			return
		}
		for _, c := range d.Try {
			runs = append(runs, k.run(c))
		}
	}
}

func TestSeveralAtOnce(t *testing.T) {
	alone := simulate(t, 40, 1, usual, func(*plant) {})
	many := simulate(t, 40, 8, usual, func(*plant) {})
	assert.Equal(t, 40, many.right)
	assert.Less(t, float64(many.rounds), 0.5*float64(alone.rounds))
}

// TestRunsUnderWay: what is running is taken to answer, so that another VM is told something else.
func TestRunsUnderWay(t *testing.T) {
	s := New(line(t, 100))
	runs := []Observation{{99, Bad, ""}, {0, Good, ""}}
	d := s.Next(runs, 1)
	require.Len(t, d.Try, 1)
	first := d.Try[0]
	assert.InDelta(t, 45, first, 10, "a little before the middle: a pass says less than a failure")
	d = s.Next(append(runs, Observation{first, Running, ""}), 1)
	require.Len(t, d.Try, 1)
	assert.Greater(t, max(d.Try[0]-first, first-d.Try[0]), 10)
	assert.Equal(t, 2, d.Result.Runs)

	s.Budget = 3
	d = s.Next(append(runs, Observation{first, Running, ""}), 1)
	assert.Empty(t, d.Try)
	assert.False(t, d.Done, "one is still running")
	d = s.Next(append(runs, Observation{first, Bad, ""}), 1)
	assert.True(t, d.Done)
	assert.Equal(t, Budget, d.Result.Verdict)
}

func TestResultNamesTheNeighbours(t *testing.T) {
	r := one(t, 100, usual, func(*plant) {})
	require.Equal(t, Found, r.Verdict)
	require.Len(t, r.Near, 3)
	assert.Equal(t, 32, r.Near[0].Candidate)
	assert.Equal(t, Suspect{33, r.Confidence}, r.Near[1])
	assert.Greater(t, r.Near[1].Probability, r.Near[0].Probability+r.Near[2].Probability)
	assert.Equal(t, 33, r.Suspects[0].Candidate)
	assert.Greater(t, r.RateLow, 0.3)
	assert.Equal(t, 1.0, r.RateHigh)
	sum := 0
	for _, c := range r.Counts {
		sum += c.Runs()
	}
	assert.Equal(t, r.Runs, sum)
}

func TestUnusable(t *testing.T) {
	g := line(t, 10)
	for want, s := range map[string]Search{
		"no candidates":         {},
		"the wanted confidence": {Graph: g, Confidence: 0.4},
		"Rare must":             {Graph: g, Confidence: 0.9},
		"Stray must":            {Graph: g, Confidence: 0.9, Rare: 0.1, Stray: 0.1},
		"tried at least once":   {Graph: g, Confidence: 0.9, Rare: 0.1},
	} {
		d := s.Next(nil, 1)
		assert.True(t, d.Done)
		assert.Equal(t, Unusable, d.Result.Verdict)
		assert.Contains(t, d.Result.Why, want)
	}
	assert.Contains(t, New(g).Next([]Observation{{10, Bad, ""}}, 1).Result.Why, "candidate 10 was tried, there are 10")
	assert.Contains(t, New(g).Next([]Observation{{1, "", ""}}, 1).Result.Why, `"" is no answer`)
}

// TestEveryRecordGetsADecision: whatever the answers are, the search ends within its budget.
func TestEveryRecordGetsADecision(t *testing.T) {
	answers := []Answer{Bad, Good, Skip, Other}
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 5))
		g := release(t, 60, seed)
		s := New(g)
		s.Budget, s.Stray = 80, []float64{0, 1e-3}[seed%2]
		var runs []Observation
		for {
			d := s.Next(runs, 1+rng.IntN(4))
			if d.Done {
				assert.NotEqual(t, Searching, d.Result.Verdict)
				assert.NotEmpty(t, d.Result.Why)
				break
			}
			require.NotEmpty(t, d.Try)
			for _, c := range d.Try {
				runs = append(runs, Observation{c, answers[rng.IntN(4)], ""})
			}
			require.LessOrEqual(t, len(runs), s.Budget)
		}
	}
}
