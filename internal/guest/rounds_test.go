//go:build linux

package guest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"brink/internal/trial"
)

// TestRounds: what is repeated begins again with its first step, and each time knows how often that was. What the kernel refuses ends
// it.
func TestRounds(t *testing.T) {
	done := map[string][]int{}
	s := scenarioFunc(func(op string, _ int64, m *Meter) error {
		done[op] = append(done[op], m.Round)
		if len(done["write"]) == 3 {
			return unix.EIO
		}
		return nil
	})
	steps := []trial.Step{{Kind: trial.StepOp, Op: "load"}, {Kind: trial.StepOp, Op: "read"}, {Kind: trial.StepOp, Op: "write"}}
	events, _, err := workPlan(t, s, trial.Plan{V: trial.Version, Trial: 3, Repeat: &trial.Repeat{From: 1, For: time.Hour}, Steps: steps})
	require.NoError(t, err)
	assert.Equal(t, map[string][]int{"load": {0}, "read": {0, 1, 2}, "write": {0, 1, 2}}, done)
	assert.Equal(t, trial.EventOpError, events[len(events)-2].Type)
}

// TestRoundsDiffer: what is random must not come again, however often an op is done within a round.
func TestRoundsDiffer(t *testing.T) {
	done := map[string][]int{}
	s := scenarioFunc(func(op string, _ int64, m *Meter) error {
		done[op] = append(done[op], m.Round)
		if len(done[op]) > 4000 { // far more than fit into one round
			return unix.EIO
		}
		return nil
	})
	steps := []trial.Step{{Kind: trial.StepOp, Op: "read", For: 20 * time.Microsecond}, {Kind: trial.StepOp, Op: "write", For: 10 * time.Microsecond}}
	events, _, err := workPlan(t, s, trial.Plan{V: trial.Version, Trial: 3, Repeat: &trial.Repeat{From: 0, For: time.Hour}, Steps: steps})
	require.NoError(t, err)
	rounds := 0
	for _, e := range events {
		if e.Type == trial.EventEnd && e.Op == "write" {
			rounds++
			assert.Positive(t, e.Times)
		}
	}
	assert.Greater(t, rounds, 1)
	for op, list := range done {
		for i := 1; i < len(list); i++ {
			assert.Greater(t, list[i], list[i-1], "%s: %v", op, list)
		}
	}
}

// TestRoundsEnd: when the time is up, the rest of a round is left out.
func TestRoundsEnd(t *testing.T) {
	var done []string
	s := scenarioFunc(func(op string, _ int64, m *Meter) error {
		done = append(done, op)
		return nil
	})
	steps := []trial.Step{{Kind: trial.StepOp, Op: "load"}, {Kind: trial.StepOp, Op: "read"}, {Kind: trial.StepOp, Op: "write"}}
	events, _, err := workPlan(t, s, trial.Plan{V: trial.Version, Trial: 3, Repeat: &trial.Repeat{From: 1, For: 1}, Steps: steps})
	require.NoError(t, err)
	assert.Equal(t, []string{"load", "read"}, done)
	assert.Equal(t, trial.EventDone, events[len(events)-1].Type)
}

// TestStepFor: a step that is given a time does its op again and again, and keeps a bounded number of samples.
func TestStepFor(t *testing.T) {
	times := 0
	s := scenarioFunc(func(_ string, _ int64, m *Meter) error {
		assert.Equal(t, times, m.Round)
		times++
		if times == 2*maxSamples {
			return unix.EIO
		}
		return m.Time(1, func() error { return nil })
	})
	events, page, err := work(t, s, trial.Step{Kind: trial.StepOp, Op: "read", For: time.Hour, Deadline: 2 * time.Hour})
	require.NoError(t, err)
	require.Len(t, events, 3, "begin, end, done: one step")
	assert.Equal(t, 2*maxSamples, times)
	assert.InDelta(t, maxSamples, len(events[1].Samples), 1)
	assert.Zero(t, page.deadline.Load())
}
