package minimise

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
)

func TestNothingButWhatIsNeeded(t *testing.T) {
	q := question()
	l := always(needs{"op load 1": 1, "op put 1": 1, "a=10": 1, "wireguard": 1, "oops=panic": 1, "memory": 1000, "size": 70}.met)
	r := l.run(t, q, noLimit)
	require.True(t, r.Back)
	assert.Equal(t, 1.0, r.Rate)
	c := r.Best
	require.Len(t, c.Steps, 2)
	assert.Equal(t, []string{"load", "put"}, []string{c.Steps[0].Op, c.Steps[1].Op})
	assert.Equal(t, 1, c.Steps[1].Reps)
	assert.Equal(t, map[string]string{"plain": "0", "a": "10", "b": "2", "c": "3"}, map[string]string(c.Settings))
	assert.Equal(t, []string{"wireguard"}, c.Modules)
	assert.Empty(t, c.Built)
	assert.Empty(t, c.Tools)
	assert.Empty(t, c.Devices)
	assert.Equal(t, []string{"oops=panic"}, c.Args)
	assert.Equal(t, int64(1024), c.Machine.MemoryMB)
	assert.Equal(t, 1, c.Machine.CPUs)
	assert.Equal(t, int64(70), c.Size)
	assert.Equal(t, int64(70), c.Steps[0].Size)
	assert.Equal(t, 2, r.Tally.Confirmed)
	assert.LessOrEqual(t, l.boots, 30)
	assert.Contains(t, r.Dropped, "canary (step 1)")
	assert.Contains(t, r.Dropped, "8 repetitions of put (one left)")
	assert.Contains(t, r.Dropped, "option b=20 (back at its default)")
	assert.Contains(t, r.Dropped, "1024 instead of 4096 MiB of memory")
	assert.Contains(t, r.Dropped, "70 instead of 100 peers")
	assert.Contains(t, r.Kept, "op put: without it: no failure")
	assert.Contains(t, r.Kept, "1024 MiB of memory: with less: no failure")
	assert.NotContains(t, strings.Join(r.Dropped, "\n"), "64 repetitions", "they went with their op")
}

// TestMonotone: of a failure that comes wherever all it needs is there, no single part of what is left can go.
func TestMonotone(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	worst := 0
	for range 50 {
		q := question()
		n := someNeeds(rnd, q)
		l := always(n.met)
		r := l.run(t, q, noLimit)
		require.True(t, r.Back)
		require.True(t, n.met(r.Best), "the failure is still there: %v", n)
		require.Equal(t, confirmations, r.Tally.Confirmed)
		s := &search{q: q, known: l.known, odds: odds{rate: 1}, kept: map[part]string{}}
		s.best = q.whole()
		s.reduce()
		require.Nil(t, s.next)
		require.Equal(t, r.Best.Key(), q.candidate(s.best).Key())
		for _, p := range q.parts() {
			if c := q.candidate(s.best.without(p)); !s.best.gone[p] && !s.stepGone(p) && len(c.Steps) > 0 {
				assert.False(t, n.met(c), "%s can still go: %v", p.name, n)
			}
		}
		for _, number := range []func(*form) *int64{cpusOf, memoryOf} {
			f := s.best
			*number(&f) /= 2
			if *number(&f) >= 1 && f.memoryMB >= q.FloorMB {
				assert.False(t, n.met(q.candidate(f)), "half will do: %v", n)
			}
		}
		worst = max(worst, l.boots)
	}
	assert.LessOrEqual(t, worst, 75)
}

// TestNonMonotone: whatever the failure depends on, the result shows it, and is no larger than the whole.
func TestNonMonotone(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		q := question()
		salt := rnd.Uint64()
		odd := func(c Candidate) bool { // any set of parts shows it or not, at random but always the same
			h := salt
			for _, b := range []byte(c.Key()) {
				h = (h ^ uint64(b)) * 1099511628211
			}
			return h>>60 < 6 || c.Key() == q.candidate(q.whole()).Key()
		}
		r := always(odd).run(t, q, noLimit)
		require.True(t, r.Back)
		assert.True(t, odd(r.Best))
		assert.LessOrEqual(t, r.Best.Weight(q.Spec), q.Whole.Weight(q.Spec))
	}
}

// TestRare: a failure that comes in some VMs only is not lost, and what it needs is not dropped.
func TestRare(t *testing.T) {
	for _, rate := range []float64{0.3, 0.6, 0.9} {
		need := needs{"op load 1": 1, "op put 1": 1, "b=20": 1, "nokaslr": 1}
		lost, back, left := 0, 0, 0
		for seed := range uint64(10) {
			rnd := rand.New(rand.NewPCG(seed, 7))
			q := question()
			if seed%2 == 0 { // the search knows it, or does not
				q.Rate = rate
			}
			l := newLab(func(c Candidate, _ uint64) (bool, bool) { return need.met(c) && rnd.Float64() < rate, false })
			r := l.run(t, q, noLimit)
			if !r.Back {
				continue
			}
			back++
			if !need.met(r.Best) {
				lost++
			}
			left += len(r.Kept)
		}
		assert.Zero(t, lost, "rate %v", rate)
		assert.GreaterOrEqual(t, back, 9, "rate %v", rate)
		assert.Less(t, float64(left)/float64(back), 9.0, "rate %v: little is kept that is not needed", rate)
	}
}

// TestRarer: a part that makes the failure ten times as frequent is kept as a rule.
func TestRarer(t *testing.T) {
	kept := 0
	for seed := range uint64(10) {
		rnd := rand.New(rand.NewPCG(seed, 9))
		q := question()
		q.Rate = 0.5
		l := newLab(func(c Candidate, _ uint64) (bool, bool) {
			rate := 0.05
			if things(c)["b=20"] == 1 {
				rate = 0.5
			}
			return rnd.Float64() < rate, false
		})
		if r := l.run(t, q, noLimit); r.Best.Settings["b"] == "20" {
			kept++
		}
	}
	assert.GreaterOrEqual(t, kept, 8)
}

func TestWhatDoesNotComeBack(t *testing.T) {
	l := always(func(Candidate) bool { return false })
	r := l.run(t, question(), noLimit)
	assert.False(t, r.Back)
	assert.False(t, r.Open)
	assert.Equal(t, rareTrials, l.boots)
	assert.Equal(t, "no failure", r.Whole.Last)
}

func TestHarnessFaults(t *testing.T) {
	faults := 0
	q := question()
	l := newLab(func(c Candidate, _ uint64) (bool, bool) {
		if things(c)["wireguard"] == 0 { // the guest does not boot
			faults++
			return false, true
		}
		return needs{"op put 1": 1}.met(c), false
	})
	r := l.run(t, q, noLimit)
	assert.Equal(t, []string{"wireguard"}, r.Best.Modules)
	assert.Contains(t, r.Kept, "module wireguard: without it brink cannot tell: harness: no luck")
	assert.Equal(t, 2, faults, "it was tried twice")

	once := map[string]bool{}
	l = newLab(func(c Candidate, _ uint64) (bool, bool) { // every first trial is lost
		first := !once[c.Key()]
		once[c.Key()] = true
		return needs{"op put 1": 1}.met(c), first
	})
	r = l.run(t, q, noLimit)
	assert.Empty(t, r.Best.Modules, "one fault says nothing")
	assert.Equal(t, confirmations, r.Tally.Confirmed)
}

// TestGoesOn: the record decides, not who made it; a decision that is asked for again is the same.
func TestGoesOn(t *testing.T) {
	n := needs{"op load 1": 1, "op put 1": 1, "c=30": 1, "seeded": 1, "memory": 2000}
	whole := always(n.met)
	want := whole.run(t, question(), noLimit)
	for stop := range whole.boots {
		l := always(n.met)
		for range stop {
			d, _ := Next(question(), l.known, false)
			again, _ := Next(question(), l.known, false)
			require.Equal(t, d, again)
			l.step(d)
		}
		got := l.run(t, question(), noLimit)
		require.Equal(t, want, got)
		require.Equal(t, whole.boots, l.boots)
	}
}

// TestLimit: wherever it is stopped, what there is shows the failure and is confirmed; a part that was not tried says so.
func TestLimit(t *testing.T) {
	n := needs{"op load 1": 1, "op put 1": 1, "quiet": 1}
	weight := question().Whole.Weight(question().Spec)
	for limit := range 30 {
		l := always(n.met)
		r := l.run(t, question(), limit)
		require.True(t, n.met(r.Best))
		require.Equal(t, confirmations, r.Tally.Confirmed)
		require.LessOrEqual(t, r.Best.Weight(question().Spec), weight, "more VMs never give a larger one")
		weight = r.Best.Weight(question().Spec)
		if limit == 3 {
			assert.Contains(t, r.Kept, "tool wg: not tried: the limit came first")
		}
	}
}

// TestSeedThatLies: a failure that the first seed shows whatever is left is not taken at its word.
func TestSeedThatLies(t *testing.T) {
	need := needs{"op load 1": 1, "op put 1": 1}
	l := newLab(func(c Candidate, seed uint64) (bool, bool) {
		return need.met(c) && (seed == 0 || things(c)["b=20"] == 1), false
	})
	r := l.run(t, question(), noLimit)
	assert.Equal(t, "20", r.Best.Settings["b"])
	assert.Equal(t, confirmations, r.Tally.Confirmed)
	assert.Contains(t, strings.Join(r.Kept, "\n"), "option b=20: without it the failure comes less often")
	assert.LessOrEqual(t, l.boots, 60)
}

// tried runs a minimisation and returns what was tried, in order.
func tried(t *testing.T, q Question, met func(Candidate) bool) (all []string) {
	t.Helper()
	l := always(met)
	for {
		d, r := Next(q, l.known, false)
		if d.Try == nil {
			require.Equal(t, confirmations, r.Tally.Confirmed)
			return all
		}
		all = append(all, d.What)
		l.step(d)
	}
}

// TestSizeComesWhereItSaysSomething: early, before an option moves the edge, but last for what a budget decides.
func TestSizeComesWhereItSaysSomething(t *testing.T) {
	q := question()
	met := needs{"op load 1": 1, "op put 1": 1}.met
	all := tried(t, q, met)
	less := "70 peers instead of 100"
	assert.Less(t, slices.Index(all, less), slices.Index(all, "without option c=30, option b=20, option a=10"))
	assert.Equal(t, []string{"nothing left out", "nothing left out", "without 6 steps", "without op put", "without op load"}, all[:5])

	q.Target.What, q.Target.Kind = "put", judge.Budget
	all = tried(t, q, met)
	assert.Equal(t, []string{less, "another seed", "another seed"}, all[len(all)-3:])
	assert.NotContains(t, all, "without op put", "an op that is not done is not slow")

	q.Target.Op = "" // what it showed in is not known: then chunk by chunk
	all = tried(t, q, met)
	assert.NotContains(t, all, "without 6 steps")
	assert.Contains(t, all, "without op load")
}
