package question

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/trial"
	"brink/scenarios/seeded"
)

// ramp is the table of a run over three sizes: walk takes perUnit ns an entry, and the outcome comes at a size.
func ramp(t *testing.T, perUnit int64, at int64, outcome *trial.Outcome, canary int64) *judge.Table {
	t.Helper()
	h := head()
	h.Sizes = []int64{1000, 2000, 4000}
	plan := trial.Plan{V: trial.Version, Trial: 1}
	events := []trial.Event{{Type: trial.EventTrial, Trial: 1, Plan: &plan}}
	end := trial.Outcome{Kind: trial.Completed}
	for _, n := range h.Sizes {
		for range 2 {
			e := trial.Event{Type: trial.EventEnd, Trial: 1, Kind: trial.StepCanary, Size: n, Health: &trial.Health{}, Canaries: []trial.Canary{{Name: "fork", NS: 1000}}}
			if canary > 0 && n >= canary {
				e.Canaries[0].Err = &trial.OpError{Name: "EAGAIN", Message: "unavailable"}
			}
			events = append(events, e)
		}
		if outcome != nil && n >= at {
			end = *outcome
			end.Size = n
			events = events[:len(events)-1] // the canary after the op
			break
		}
		walk := trial.Event{Type: trial.EventEnd, Trial: 1, Kind: trial.StepOp, Size: n, Op: "walk"}
		for r := range int64(4) {
			walk.Samples = append(walk.Samples, trial.Sample{Count: n, WallNS: perUnit*n + r})
		}
		events = append(events, walk)
	}
	events = append(events, trial.Event{Type: trial.EventOutcome, Trial: 1, Outcome: &end})
	return judge.Read(seeded.Spec(), h, events)
}

func asked(found []Difference) (all []string) {
	for _, d := range found {
		all = append(all, d.Question.String())
	}
	return all
}

func TestChoose(t *testing.T) {
	plain := func() *judge.Table { return ramp(t, 100, 0, nil, 0) }
	death := planted()
	assert.Empty(t, Choose(plain(), plain()))
	assert.Empty(t, Choose(plain(), ramp(t, 105, 0, nil, 0)), "5 percent are not worth it")
	assert.Equal(t, []string{"signature:panic:seeded_panic:seeded@2000"}, asked(Choose(plain(), ramp(t, 100, 2000, death, 0))))
	assert.Equal(t, []string{"fixed:signature:panic:seeded_panic:seeded@2000"}, asked(Choose(ramp(t, 100, 2000, death, 0), plain())))
	assert.Equal(t, []string{"canary:fork@4000"}, asked(Choose(plain(), ramp(t, 100, 0, nil, 4000))))
	assert.Equal(t, []string{"cost:walk@1000>1.5x"}, asked(Choose(plain(), ramp(t, 400, 0, nil, 0))))
	assert.Equal(t, []string{"cost:walk@1000<0.667x"}, asked(Choose(ramp(t, 400, 0, nil, 0), plain())))
	assert.Equal(t, []string{"cost:walk@1000>1.22x"}, asked(Choose(plain(), ramp(t, 150, 0, nil, 0))))
	assert.Equal(t, []string{"fails:walk@4000", "cost:walk@1000>1.5x"}, asked(Choose(plain(), ramp(t, 2500, 0, nil, 0))), "over budget from 4000 on")
	assert.Equal(t, []string{"signature:panic:seeded_panic:seeded@1000"}, asked(Choose(ramp(t, 100, 4000, death, 0), ramp(t, 100, 1000, death, 0))), "moved")
	assert.Equal(t, []string{"fixed:signature:panic:seeded_panic:seeded@1000"}, asked(Choose(ramp(t, 100, 1000, death, 0), ramp(t, 100, 4000, death, 0))))

	all := Choose(plain(), ramp(t, 400, 4000, death, 2000))
	assert.Equal(t, []string{"signature:panic:seeded_panic:seeded@4000", "canary:fork@2000", "cost:walk@1000>1.5x"}, asked(all), "the clearest first")
	for _, d := range all {
		again, err := Parse(d.Question.String())
		require.NoError(t, err)
		assert.Equal(t, d.Question, again)
		spec := seeded.Spec()
		assert.NoError(t, again.Check(spec, spec.Axes[0]))
	}
	assert.True(t, slices.IsSortedFunc(all, func(a, b Difference) int { return int(b.Clarity - a.Clarity) }))
}

// TestChooseWhereTheOtherEndWasNot: a kernel that died earlier says nothing of what comes after.
func TestChooseWhereTheOtherEndWasNot(t *testing.T) {
	older := ramp(t, 100, 2000, unrelated("walk"), 0)
	newer := ramp(t, 100, 0, nil, 4000)
	assert.Equal(t, []string{"fixed:signature:oops:elsewhere:mm@2000"}, asked(Choose(older, newer)))
}
