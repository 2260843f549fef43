package threshold

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// from makes a kernel that fails from a size on, always.
func from(threshold int64) func(int64) bool {
	return func(size int64) bool { return size >= threshold }
}

func TestCertainThreshold(t *testing.T) {
	for _, first := range []int64{1, 1000, 1500} {
		for n := int64(1000); n <= 1_000_000; n += 1 + n/7 {
			s, ok := plant{threshold: n, p: 1}.climb(first)
			require.True(t, ok)
			r, probes := follow(s, from(n))
			name := fmt.Sprintf("%d, ladder from %d: %+v", n, first, r)
			assert.Equal(t, Found, r.Verdict, name)
			assert.True(t, r.Low < n && n <= r.High && r.Width() <= 0.02, name)
			assert.True(t, r.Deterministic && r.Rate == 1 && r.RateLow > 0, name)
			assert.LessOrEqual(t, r.Boots, 12, name)
			assert.Contains(t, probes, Probe{r.Low, false}, name)
			assert.Contains(t, probes, Probe{r.High, true}, name)
			assert.Equal(t, []int64{r.Low, r.High}, []int64{r.Safe, r.Broken}, name)
		}
	}
}

func TestCertainThresholdAtTheEdges(t *testing.T) {
	tests := map[string]struct {
		safe, broken, threshold int64
		width                   float64
		boots                   int // without repeats: confirmation, bisection, lower end
	}{
		"one unit":              {65536, 131072, 100_000, 0, 17},
		"smallest size fails":   {0, 1000, 640, 0.02, 10},
		"size 1 fails":          {0, 1000, 1, 0.02, 10},
		"only size 1":           {0, 1, 1, 0.02, 1},
		"neighbours":            {999, 1000, 1000, 0.02, 2},
		"right above safe":      {1000, 2000, 1001, 0.02, 8},
		"at broken":             {1000, 2000, 2000, 0.02, 7},
		"huge":                  {1e12, 2e12, 1_234_567_890_123, 0.02, 7},
		"huge, one unit":        {1e12, 2e12, 1_234_567_890_123, 0, 41},
		"all there is":          {0, math.MaxInt64, 1 << 60, 0.02, 13},
		"ladder passed too far": {1600, 3200, 700, 0.02, 22},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := New(test.safe, test.broken)
			s.Width, s.Repeats = test.width, 0
			r, probes := follow(s, from(test.threshold))
			assert.Equal(t, Found, r.Verdict)
			assert.True(t, r.Low < test.threshold && test.threshold <= r.High, "%+v", r)
			assert.True(t, narrow(r.Low, r.High, test.width), "%+v", r)
			assert.LessOrEqual(t, r.Boots, test.boots, "%v", probes)
		})
	}
}

func TestFailureThatDoesNotComeBack(t *testing.T) {
	r, probes := follow(New(1000, 2000), from(5000))
	assert.Equal(t, NotConfirmed, r.Verdict)
	assert.Len(t, probes, 15)
	assert.Equal(t, []int64{1000, 2000}, []int64{r.Low, r.High})
	assert.InDelta(t, 0.995, r.Confidence, 0.001)
	assert.InDelta(t, 0.208, r.RateHigh, 0.001)
	assert.Contains(t, r.Why, "did not come back in 15 boots")
}

func TestBudget(t *testing.T) {
	for budget, why := range map[int]string{0: "no boot was allowed", 1: "1 boot spent", 4: "4 boots spent"} {
		s := New(1000, 2000)
		s.Budget = budget
		r, probes := follow(s, from(1500))
		assert.Equal(t, BudgetSpent, r.Verdict)
		assert.Contains(t, r.Why, why)
		assert.Len(t, probes, budget)
		assert.True(t, r.Low < 1500 && 1500 <= r.High, "%+v", r)
		assert.Equal(t, budget == 0, r.Confidence == 0)
	}
	s := New(1000, 2000)
	s.Budget = 2
	r, _ := follow(s, from(5000))
	assert.Contains(t, r.Why, "did not come back in 2 boots, which is all that was allowed")
}

func TestOnePassAboveAFailureEndsBisection(t *testing.T) {
	probes := []Probe{{2000, true}, {1500, true}, {1200, false}, {1500, false}}
	d := New(1000, 2000).Next(probes)
	assert.False(t, d.Result.Deterministic)
	assert.Less(t, d.Result.RateHigh, 1.0)
	assert.True(t, New(1000, 2000).Next(probes[:3]).Result.Deterministic)
}

func TestFlakyThreshold(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	right := 0
	for range 50 {
		k := plant{logUniform(rng, 1000, 1_000_000), 0.5, rng}
		s, ok := k.climb(1)
		require.True(t, ok)
		r, probes := follow(s, k.fails)
		if r.Verdict != Found {
			continue
		}
		assert.LessOrEqual(t, r.Width(), 0.05)
		assert.Contains(t, probes, Probe{r.Low, false})
		assert.Contains(t, probes, Probe{r.High, true})
		if r.Low < k.threshold && k.threshold <= r.High {
			right++
		}
	}
	assert.GreaterOrEqual(t, right, 46)
}

func TestOneFailureForAnotherReason(t *testing.T) {
	n := 0
	r, _ := follow(New(1000, 2000), func(size int64) bool { n++; return n == 2 || size >= 1800 })
	assert.Equal(t, Found, r.Verdict)
	assert.True(t, r.Low < 1800 && 1800 <= r.High, "%+v", r)
	assert.GreaterOrEqual(t, r.RateHigh, 0.9)
}

func TestNotMonotone(t *testing.T) {
	var probes []Probe
	for range 6 {
		probes = append(probes, Probe{1300, true}, Probe{1000, false}, Probe{1700, false})
	}
	r := New(1000, 2000).Next(append(probes, Probe{2000, true})).Result
	assert.Equal(t, Searching, r.Verdict, "7 of 13 boots from 1300 on is no clear fall")
	d := New(1000, 2000).Next(append(probes, Probe{2000, false}))
	require.True(t, d.Done)
	assert.Equal(t, NotMonotone, d.Result.Verdict)
	assert.Contains(t, d.Result.Why, "from 1300 on 6 of 6 boots failed, from 1700 on only 0 of 7 boots")
	assert.InDelta(t, 1.0/252, fisher(tally{failed: 5}, tally{passed: 5}), 1e-9)
}

func TestOrderDoesNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	k := plant{1444, 0.4, rng}
	s := New(1000, 2000)
	_, probes := follow(s, k.fails)
	for n := range probes {
		shuffled := slices.Clone(probes[:n])
		rng.Shuffle(n, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		before := slices.Clone(shuffled)
		assert.Equal(t, s.Next(probes[:n]), s.Next(shuffled))
		assert.Equal(t, before, shuffled)
	}
}

func TestUnusable(t *testing.T) {
	change := func(f func(*Search)) Search { s := New(1000, 2000); f(&s); return s }
	for name, s := range map[string]Search{
		"zero": {}, "upside down": New(2000, 1000), "equal": New(5, 5), "negative": New(-1, 5),
		"width": change(func(s *Search) { s.Width = math.NaN() }), "flaky": change(func(s *Search) { s.FlakyWidth = -1 }),
		"level": change(func(s *Search) { s.Level = 1 }), "rare": change(func(s *Search) { s.Rare = 0 }),
	} {
		d := s.Next(nil)
		assert.True(t, d.Done, name)
		assert.Equal(t, Unusable, d.Result.Verdict, name)
	}
	assert.Equal(t, Unusable, New(1, 2).Next([]Probe{{0, true}}).Result.Verdict)
}

// TestAnyHistory: what an engine never asked for may still be in a record.
func TestAnyHistory(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range 300 {
		s := New(rng.Int64N(1000), 1000+rng.Int64N(1e12))
		s.FlakyWidth = []float64{0, 1e-6, 0.05, 3}[i%4]
		s.Width = s.FlakyWidth
		var probes []Probe
		for range rng.IntN(12) {
			probes = append(probes, Probe{1 + rng.Int64N(2e12)>>rng.IntN(40), rng.IntN(2) == 0})
		}
		d := s.Next(probes)
		r := d.Result
		assert.Equal(t, d.Done, d.Size == 0)
		assert.True(t, r.Low >= 0 && r.Low < r.High, "%v: %+v", probes, r)
		assert.False(t, math.IsNaN(r.Confidence) || r.Confidence < 0 || r.Confidence > 1, "%v: %+v", probes, r)
		assert.True(t, r.RateLow <= r.Rate+1e-9 && r.Rate <= r.RateHigh+1e-9, "%v: %+v", probes, r)
	}
}

func TestPriorSumsToOne(t *testing.T) {
	sum := 0.0
	for _, p := range rates {
		sum += prior(p)
	}
	assert.InDelta(t, 1, sum, 1e-12)
}
