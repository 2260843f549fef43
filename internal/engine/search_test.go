package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/trial"
)

// panicsFrom is a kernel that panics in an op from a size on.
func panicsFrom(at int64, op string) *kernel {
	return &kernel{fail: func(s trial.Step) *trial.Outcome {
		if s.Op == op && s.Size >= at {
			return &trial.Outcome{Kind: trial.Panic, Text: "boom", Failure: &trial.Failure{Kind: trial.Panic, Title: "boom", Signature: "panic:f:s"}}
		}
		return nil
	}}
}

// searchWith climbs and searches, and returns the record.
func searchWith(t *testing.T, k *kernel, head trial.Run) []trial.Event {
	t.Helper()
	head.ID, head.Start = "r", "auto"
	r := &record{}
	e := Engine{Spec: spec(), Head: head, Executor: k, Record: r}
	require.NoError(t, e.Run(t.Context(), nil))
	return r.events
}

func TestThresholdIsSearchedInFreshVMs(t *testing.T) {
	k := panicsFrom(5000, "get")
	head := trial.Run{Sizes: []int64{1024, 2048, 4096, 8192}, Width: 0.02, MaxBoots: 40}
	events := searchWith(t, k, head)
	table := judge.Read(spec(), head, events)
	found := table.Findings()
	require.Len(t, found, 1)
	f := found[0]
	assert.Less(t, f.Safe, int64(5000))
	assert.GreaterOrEqual(t, f.Broken, int64(5000))
	assert.LessOrEqual(t, float64(f.Broken-f.Safe), 0.02*float64(f.Safe))
	assert.Equal(t, [2]int64{4096, 8192}, f.Search.Ladder)
	assert.LessOrEqual(t, f.Search.Boots, 12)
	assert.Equal(t, f.Safe, table.Safe(found))
	assert.Equal(t, "aside@8192 load@8192 get@8192", k.trials[1], "the broken size is confirmed in a fresh VM, loaded straight to it")
}

func TestSearchVariesTheSeedOnlyAtASizeTriedBefore(t *testing.T) {
	head := trial.Run{Sizes: []int64{1024, 2048}, Width: 0.02, MaxBoots: 40, Seed: 7}
	seeds := map[int64][]uint64{}
	for _, e := range searchWith(t, panicsFrom(1500, "get"), head) {
		if e.Type == trial.EventTrial && e.Plan.Probe != nil {
			seeds[e.Plan.Probe.Size] = append(seeds[e.Plan.Probe.Size], e.Plan.Seed)
		}
	}
	require.NotEmpty(t, seeds)
	for size, used := range seeds {
		for i, seed := range used {
			assert.Equal(t, uint64(7+i), seed, "size %d", size)
		}
	}
}

func TestNoSearchUnlessAllowed(t *testing.T) {
	k := panicsFrom(1500, "get")
	searchWith(t, k, trial.Run{Sizes: []int64{1024, 2048}, Width: 0.02})
	assert.Len(t, k.trials, 1)
}

func TestProbeDoesEverythingTheLadderDoes(t *testing.T) {
	var ops []string
	for _, s := range ProbeSteps(spec(), 10) {
		if s.Kind == trial.StepOp {
			ops = append(ops, s.Op)
		}
	}
	assert.Equal(t, []string{"aside", "load", "get", "delete"}, ops)
}

func TestEveryStepHasADeadline(t *testing.T) {
	s := spec()
	for i := range s.Ops {
		s.Ops[i].Deadline = 1
	}
	for _, step := range append(read(s, []int64{10, 20}, nil).next(), ProbeSteps(s, 10)...) {
		assert.Positive(t, step.Deadline, step.Name())
	}
}

func TestStepBetweenOpsThatHangsEndsTheRamp(t *testing.T) {
	l := read(spec(), []int64{10, 20, 40}, []trial.Event{{Type: trial.EventOutcome, Outcome: &trial.Outcome{Kind: trial.Deadline, Size: 20}}})
	assert.Equal(t, int64(20), l.edge)
}
