package engine

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/trial"
)

// probes runs one more probe after the given events and returns all of them.
func probes(t *testing.T, k *kernel, events []trial.Event, before int) ([]trial.Event, error) {
	t.Helper()
	r := &record{}
	e := Engine{Spec: spec(), Head: trial.Run{ID: "r", Seed: 7, Start: "boot"}, Executor: k, Record: r, Before: before}
	err := e.Probe(context.Background(), events, trial.Probe{Size: 20, What: "get", Kind: trial.Panic})
	return append(events, r.events...), err
}

func plans(events []trial.Event) (all []trial.Plan) {
	for _, e := range events {
		if e.Type == trial.EventTrial {
			all = append(all, *e.Plan)
		}
	}
	return all
}

func TestProbeLoadsTheSizeWithAnotherSeedEachTime(t *testing.T) {
	k := &kernel{}
	events, err := probes(t, k, nil, 4)
	require.NoError(t, err)
	events, err = probes(t, k, events, 9)
	require.NoError(t, err)
	assert.Equal(t, []string{"aside@20 load@20 get@20 delete@20", "aside@20 load@20 get@20 delete@20"}, k.trials)
	p := plans(events)
	assert.Equal(t, []int{5, 10}, []int{p[0].Trial, p[1].Trial}, "numbers of others are left out")
	assert.Equal(t, []uint64{7, 8}, []uint64{p[0].Seed, p[1].Seed})
}

func TestProbeRetriesHarnessFaults(t *testing.T) {
	n := 0
	k := &kernel{fail: func(trial.Step) *trial.Outcome {
		if n++; n < maxHarness {
			return &trial.Outcome{Kind: trial.Harness}
		}
		return nil
	}}
	_, err := probes(t, k, nil, 0)
	require.NoError(t, err)
	assert.Len(t, k.trials, maxHarness)

	k = &kernel{fail: func(trial.Step) *trial.Outcome { return &trial.Outcome{Kind: trial.Harness, Text: "no memory"} }}
	_, err = probes(t, k, nil, 0)
	require.ErrorIs(t, err, ErrHarness)
	assert.Len(t, k.trials, maxHarness)
}

func TestProbeClosesWhatWasCutOff(t *testing.T) {
	cut := []trial.Event{{Type: trial.EventTrial, Trial: 1, Plan: &trial.Plan{Probe: &trial.Probe{Size: 20}}}}
	events, err := probes(t, &kernel{}, cut, 1)
	require.NoError(t, err)
	assert.Equal(t, trial.Harness, events[1].Outcome.Kind)
	assert.Equal(t, 2, events[2].Trial)
}

func TestFinished(t *testing.T) {
	k := &kernel{fail: func(s trial.Step) *trial.Outcome {
		if s.Size >= 15 && s.Op == "get" {
			return &trial.Outcome{Kind: trial.Panic}
		}
		return nil
	}}
	head := trial.Run{ID: "r", Sizes: []int64{10, 20}, Start: "auto", Width: 0.1, MaxBoots: 20}
	r := &record{}
	e := Engine{Spec: spec(), Head: head, Executor: k, Record: r}
	require.NoError(t, e.Run(context.Background(), nil))
	assert.True(t, Finished(spec(), head, r.events))
	for n := range r.events {
		assert.False(t, Finished(spec(), head, r.events[:n]), "%d of %d events", n, len(r.events))
	}
}
