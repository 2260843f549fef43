package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/scenario"
	"brink/internal/trial"
)

func spec() scenario.Spec {
	op := func(name string, from, to scenario.State) scenario.Op {
		return scenario.Op{Name: name, From: from, To: to, Reps: 1}
	}
	return scenario.Spec{Name: "fake", Ops: []scenario.Op{
		op("grow", scenario.Smaller, scenario.Full), op("get", scenario.Full, scenario.Full),
		op("delete", scenario.Full, scenario.Empty), op("aside", scenario.Empty, scenario.Empty),
		op("load", scenario.Empty, scenario.Full),
	}}
}

// kernel is an executor that follows plans on a kernel which exists only in its state; fail decides what goes wrong.
type kernel struct {
	fail   func(trial.Step) *trial.Outcome
	trials []string // what each trial did, for comparison
	state  int64
}

func (k *kernel) Trial(_ context.Context, plan trial.Plan, _ trial.Start, record func(trial.Event) error) (trial.Outcome, error) {
	k.state = 0
	var did []string
	defer func() { k.trials = append(k.trials, strings.Join(did, " ")) }()
	for i, s := range plan.Steps {
		if s.Kind != trial.StepOp {
			continue
		}
		name := fmt.Sprintf("%s@%d", s.Op, s.Size)
		if s.Untimed {
			name = "(" + name + ")"
		}
		did = append(did, name)
		if err := k.move(s); err != nil {
			return trial.Outcome{}, err
		}
		if k.fail != nil {
			if o := k.fail(s); o != nil {
				o.Size, o.Op = s.Size, s.Op
				return *o, nil
			}
		}
		err := record(trial.Event{Type: trial.EventEnd, Trial: plan.Trial, Step: i, Kind: s.Kind, Size: s.Size, Op: s.Op, Untimed: s.Untimed})
		if err != nil {
			return trial.Outcome{}, err
		}
	}
	return trial.Outcome{Kind: trial.Completed}, nil
}

// move checks that each op starts from the state it needs.
func (k *kernel) move(s trial.Step) error {
	o, _ := spec().Op(s.Op)
	right := map[scenario.State]bool{scenario.Empty: k.state == 0, scenario.Smaller: k.state > 0 && k.state < s.Size, scenario.Full: k.state == s.Size}
	if !right[o.From] {
		return fmt.Errorf("%s@%d starts at state %d", s.Op, s.Size, k.state)
	}
	if o.To == scenario.Empty {
		k.state = 0
	} else {
		k.state = s.Size
	}
	return nil
}

type record struct{ events []trial.Event }

func (r *record) Append(e trial.Event) error { r.events = append(r.events, e); return nil }

func climb(t *testing.T, k *kernel, events []trial.Event, sizes ...int64) (*record, error) {
	t.Helper()
	r := &record{}
	e := Engine{Spec: spec(), Head: trial.Run{ID: "r", Sizes: sizes, Start: "auto"}, Executor: k, Record: r}
	return r, e.Run(context.Background(), events)
}

func TestCompleteRampIsOneTrial(t *testing.T) {
	k := &kernel{}
	r, err := climb(t, k, nil, 10, 20)
	require.NoError(t, err)
	assert.Equal(t, []string{"aside@10 load@10 get@10 delete@10 aside@20 (load@10) grow@20 get@20 delete@20 load@20"}, k.trials)
	assert.True(t, Finished(spec(), trial.Run{Sizes: []int64{10, 20}}, r.events))
}

func TestOpPastItsDeadlineIsLeftOut(t *testing.T) {
	k := &kernel{fail: func(s trial.Step) *trial.Outcome {
		if s.Op == "delete" && s.Size >= 20 {
			return &trial.Outcome{Kind: trial.Deadline}
		}
		return nil
	}}
	_, err := climb(t, k, nil, 10, 20, 40)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"aside@10 load@10 get@10 delete@10 aside@20 (load@10) grow@20 get@20 delete@20",
		"load@20 grow@40 get@40",
		"aside@40 load@40",
	}, k.trials)
}

func TestRampEndsWhereTheVMIsLost(t *testing.T) {
	k := &kernel{fail: func(s trial.Step) *trial.Outcome {
		if s.Size >= 20 && s.Op == "get" {
			return &trial.Outcome{Kind: trial.Panic}
		}
		return nil
	}}
	r, err := climb(t, k, nil, 10, 20, 40)
	require.NoError(t, err)
	assert.Len(t, k.trials, 1)
	assert.Equal(t, int64(20), r.events[len(r.events)-1].Outcome.Size)
}

func TestResumeMeasuresNothingTwice(t *testing.T) {
	whole, err := climb(t, &kernel{}, nil, 10, 20, 40)
	require.NoError(t, err)
	for cut := range whole.events {
		k := &kernel{}
		rest, err := climb(t, k, whole.events[:cut], 10, 20, 40)
		require.NoError(t, err)
		seen := map[string]int{}
		for _, e := range append(append([]trial.Event{}, whole.events[:cut]...), rest.events...) {
			if e.Type == trial.EventEnd && !e.Untimed {
				seen[fmt.Sprint(e.Op, e.Size)]++
			}
		}
		for cell, n := range seen {
			assert.Equal(t, 1, n, "%s, cut at %d", cell, cut)
		}
		assert.Len(t, seen, 14, "cut at %d", cut)
	}
}

func TestHarnessFaultsAreRetriedAndNeverCounted(t *testing.T) {
	n := 0
	k := &kernel{fail: func(trial.Step) *trial.Outcome {
		if n++; n < maxHarness {
			return &trial.Outcome{Kind: trial.Harness}
		}
		return nil
	}}
	_, err := climb(t, k, nil, 10)
	require.NoError(t, err)
	assert.Len(t, k.trials, maxHarness)

	k = &kernel{fail: func(trial.Step) *trial.Outcome { return &trial.Outcome{Kind: trial.Harness, Text: "no memory"} }}
	_, err = climb(t, k, nil, 10)
	require.ErrorIs(t, err, ErrHarness)
	assert.ErrorContains(t, err, "no memory")
}

func TestInterruptedTrialGetsAnOutcome(t *testing.T) {
	r, err := climb(t, &kernel{}, []trial.Event{{Type: trial.EventTrial, Trial: 1}}, 10)
	require.NoError(t, err)
	assert.Equal(t, trial.Harness, r.events[0].Outcome.Kind)
	assert.Equal(t, 2, r.events[1].Trial)
}

func TestExecutorErrorEndsTheRunWithAnOutcome(t *testing.T) {
	boom := errors.New("boom")
	e := Engine{Spec: spec(), Head: trial.Run{Sizes: []int64{1}, Start: "boot"}, Executor: broken{boom}, Record: &record{}}
	require.ErrorIs(t, e.Run(context.Background(), nil), boom)
	assert.Equal(t, trial.Harness, e.events[len(e.events)-1].Outcome.Kind)
}

type broken struct{ err error }

func (b broken) Trial(context.Context, trial.Plan, trial.Start, func(trial.Event) error) (trial.Outcome, error) {
	return trial.Outcome{}, b.err
}

func TestTrialCutWhileItsEvidenceWasSavedKeepsItsVerdict(t *testing.T) {
	verdict := trial.Outcome{Kind: trial.Deadline, Size: 20, Op: "delete"}
	r, err := climb(t, &kernel{}, []trial.Event{
		{Type: trial.EventTrial, Trial: 1, Plan: &trial.Plan{}},
		{Type: trial.EventVerdict, Trial: 1, Outcome: &verdict},
	}, 10, 20)
	require.NoError(t, err)
	require.NotEmpty(t, r.events)
	assert.Equal(t, trial.EventOutcome, r.events[0].Type)
	assert.Equal(t, verdict, *r.events[0].Outcome)
}
