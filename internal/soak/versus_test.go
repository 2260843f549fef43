package soak

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/integrate/quad"
)

// TestEvidence of equal shares, which has a simple form: 2^n times the mean of s^b (1-s)^a under the arcsine law.
func TestEvidence(t *testing.T) {
	for _, c := range []struct{ a, b float64 }{{0, 0}, {1, 0}, {7, 0}, {0, 7}, {12, 3}, {50, 50}} {
		sum := quad.Fixed(func(x float64) float64 {
			s := math.Pow(math.Sin(x), 2)
			return math.Pow(s, c.b) * math.Pow(1-s, c.a)
		}, 0, math.Pi/2, 200, nil, 0) / (math.Pi / 2)
		assert.InDelta(t, math.Log(sum)+(c.a+c.b)*math.Ln2, evidence(c.a, c.b, 0.5), 1e-6, "%v against %v", c.a, c.b)
	}
	assert.Greater(t, evidence(7, 0, 0.5), enough, "seven of seven are enough")
	assert.Less(t, evidence(6, 0, 0.5), enough, "six are not")
}

func TestRatioInterval(t *testing.T) {
	low, high := ratios(30, 30)
	assert.InDelta(t, 1, low*high, 0.05, "it is the same read from A and from B")
	assert.Greater(t, low, 0.3)
	assert.Less(t, high, 3.3)

	low, high = ratios(10, 0)
	assert.Zero(t, low)
	assert.Less(t, high, 0.7)
	low, high = ratios(0, 10)
	assert.Greater(t, low, 1.4)
	assert.Zero(t, high, "no upper end")
	low, high = ratios(0, 0)
	assert.Zero(t, low)
	assert.Zero(t, high)
}

// ran is a VM of a race: so many minutes, negative for one that was stopped.
func ran(race, arm int, minutes float64) Result {
	r := Result{Job: Job{Ordinal: 2*race + arm, Arm: arm, Race: race}, Loaded: time.Duration(race) * time.Hour}
	if minutes > 0 {
		r.Failure = &Failure{Signature: "planted"}
	}
	r.Time = time.Duration(math.Abs(minutes) * float64(time.Minute))
	r.End = r.Loaded + r.Time
	return r
}

func TestRaces(t *testing.T) {
	for name, c := range map[string]struct {
		a, b float64
		want outcome
	}{
		"A fails, B is older":         {10, -11, lostByA},
		"A fails, B fails later":      {10, 11, lostByA},
		"B fails, A is older":         {-30, 20, lostByB},
		"A fails, B is not there yet": {10, -9, open},
		"A fails, B is just there":    {10, -10.1, open},
		"both at once":                {10, 10.1, draw},
		"none":                        {-10, -20, open},
	} {
		r := races([]Result{ran(1, 0, c.a), ran(1, 1, c.b)})
		require.Len(t, r, 1, name)
		assert.Equal(t, c.want, r[0].outcome(), name)
	}
	a, b := ran(1, 0, 10), ran(1, 1, -20)
	assert.Equal(t, open, races([]Result{a})[0].outcome(), "half a race")
	b.Partial = true
	assert.Equal(t, lostByA, races([]Result{a, b})[0].outcome(), "B runs on")
	a.Partial = true
	assert.Equal(t, open, races([]Result{a, b})[0].outcome(), "A's age is not sure yet")
	a, b.Harness = ran(1, 0, 10), "QEMU is gone"
	assert.Equal(t, open, races([]Result{a, b})[0].outcome(), "our own fault")
}

// TestVersusKeepsItsError is the small form of BenchmarkVersus: two kernels alike, a look after each race.
func TestVersusKeepsItsError(t *testing.T) {
	s := duels(300, 7, 1, func(p *plant) { p.hours = 40 })
	assert.LessOrEqual(t, share(s.better+s.worse, s.n), 6.0)
	assert.GreaterOrEqual(t, share(s.hits, s.n), 94.0, "the interval for the ratio")
	assert.Positive(t, s.better+s.worse, "a test that never errs waits too long")
	for name, set := range misuses() {
		s := duels(100, 8, 1, set)
		assert.LessOrEqual(t, s.better+s.worse, 9, name)
	}
}

func TestVersusFindsTheBetter(t *testing.T) {
	for ratio, most := range map[float64]float64{5: 45, 20: 25} {
		s := duels(100, 9, ratio, func(p *plant) { p.boot = time.Minute })
		assert.GreaterOrEqual(t, s.better, 99, "ratio %v", ratio)
		assert.Less(t, average(s.hours), most, "ratio %v", ratio)
		assert.GreaterOrEqual(t, s.hits, 94, "ratio %v", ratio)
	}
}

// TestVersusStandsByItsAnswer: what comes after the race that decided does not take it back.
func TestVersusStandsByItsAnswer(t *testing.T) {
	var results []Result
	for i := 1; i <= 30; i++ {
		a, b := 10., -20.
		if i > 7 {
			a, b = b, a
		}
		results = append(results, ran(i, 0, a), ran(i, 1, b))
	}
	r := Judge(Question{Arms: 2}, results)
	assert.Equal(t, Better, r.Verdict)
	assert.Equal(t, 7, r.Versus.A)
	assert.Zero(t, r.Versus.B)
	assert.Less(t, r.Versus.P, 0.05)
	assert.Nil(t, r.Longer)
	assert.Equal(t, "B is better than A: only A failed first (B at most 0.918 times as often with 95% confidence, whenever one looks), p 0.0373, in 7 races", r.Why)

	for i := range results {
		results[i].Late = i%2 == 0
	}
	r = Judge(Question{Arms: 2}, results)
	assert.Equal(t, Undecided, r.Verdict)
	assert.Equal(t, 1.0, r.Versus.P)
}

func TestHowMuchLonger(t *testing.T) {
	two := Question{Arms: 2}
	none := Judge(two, []Result{ran(1, 0, -600), ran(1, 1, -600)})
	require.NotNil(t, none.Longer)
	assert.Zero(t, none.Longer.Hours)
	assert.Contains(t, none.Longer.Why, "cannot be told: there is no failure yet, in 10 VM-hours of A (below 0.3 per VM-hour")

	some := Judge(two, []Result{ran(1, 0, 500), ran(1, 1, -600), ran(2, 0, 500), ran(2, 1, -600), ran(3, 0, 500), ran(3, 1, -600)})
	require.NotNil(t, some.Longer)
	assert.InDelta(t, 130, some.Longer.Hours, 60, "4 more races or some more, at one in 18 VM-hours of both")
	assert.Equal(t, time.Duration(some.Longer.Hours/6*float64(time.Hour)), some.Longer.Wait(6))

	alike := Judge(two, []Result{ran(1, 0, 50), ran(1, 1, -60), ran(2, 0, -60), ran(2, 1, 50)})
	assert.Contains(t, alike.Longer.Why, "too much alike")
	same := Judge(two, []Result{ran(1, 0, 50), ran(1, 1, 50)})
	assert.Contains(t, same.Longer.Why, "no race was decided yet, and 1 race without a difference")

	below := Judge(Question{Below: 0.1}, []Result{vm(1, 600, "")})
	require.NotNil(t, below.Longer)
	assert.InDelta(t, 24, below.Longer.Hours, 0.1, "34 VM-hours without a failure are needed")
	within := Judge(Question{Within: 2}, []Result{vm(1, 600, "panic")})
	assert.InDelta(t, 110, within.Longer.Hours, 0.01)
	assert.Equal(t, "about 110 VM-hours more at the rates seen so far (11 failures more)", within.Longer.Why)
}
