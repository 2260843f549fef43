package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"brink/internal/engine"
	"brink/internal/question"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/internal/wire"
	"brink/scenarios/seeded"
)

// history is a line of kernels without VMs: what one run of a candidate does.
type history struct {
	mu       sync.Mutex
	first    int // that panics
	fixed    bool
	p        float64 // share of the runs that do
	other    float64 // share of the runs with an unrelated crash
	rng      *rand.Rand
	unusable map[int]string
	faults   map[int]bool  // candidates whose VMs are always lost
	walk     map[int]int64 // what walk takes, in ns an entry, by candidate from which on
	walkEnds map[int]int64 // the same of one candidate
	cut      int           // the context is canceled in the trial of this number
	stop     context.CancelFunc
	trials   []int  // numbers of those that ended
	release  string // of all kernels
}

func (h *history) executor(candidate int) (engine.Executor, trial.Kernel, error) {
	if why, ok := h.unusable[candidate]; ok {
		return nil, trial.Kernel{}, unusableError{why}
	}
	return fakeKernel{h, candidate}, trial.Kernel{Name: fmt.Sprint("v", candidate), Hash: fmt.Sprint(candidate, h.release)}, nil
}

type fakeKernel struct {
	h         *history
	candidate int
}

func (k fakeKernel) Trial(ctx context.Context, plan trial.Plan, _ trial.Start, record func(trial.Event) error) (trial.Outcome, error) {
	h := k.h
	h.mu.Lock()
	defer h.mu.Unlock()
	if plan.Trial == h.cut {
		h.stop()
		return trial.Outcome{}, ctx.Err()
	}
	if ctx.Err() != nil {
		return trial.Outcome{}, ctx.Err()
	}
	h.trials = append(h.trials, plan.Trial)
	if h.faults[k.candidate] {
		return trial.Outcome{Kind: trial.Harness, Text: "no hello from the agent"}, nil
	}
	shows := (k.candidate >= h.first) != h.fixed && h.first >= 0 && (h.p == 1 || h.rng.Float64() < h.p)
	crash := h.other > 0 && h.rng.Float64() < h.other
	for i, s := range plan.Steps {
		if s.Op == "walk" && s.Size >= plantedAt && (crash || shows) {
			f := &trial.Failure{Kind: trial.Panic, Title: "planted", Signature: "panic:seeded_panic:seeded"}
			if crash {
				f = &trial.Failure{Kind: trial.Oops, Title: "elsewhere", Signature: "oops:elsewhere:mm"}
			}
			return trial.Outcome{Kind: f.Kind, Size: s.Size, Op: s.Op, Failure: f, Text: f.Title}, nil
		}
		e := trial.Event{Type: trial.EventEnd, Trial: plan.Trial, Step: i, Kind: s.Kind, Size: s.Size, Op: s.Op, Untimed: s.Untimed}
		if s.Kind == trial.StepCanary {
			e.Health = &trial.Health{}
		}
		wall := int64(1000)
		for from, each := range h.walk {
			if s.Op == "walk" && k.candidate >= from {
				wall = max(wall, each*s.Size)
			}
		}
		if each, ok := h.walkEnds[k.candidate]; ok && s.Op == "walk" {
			wall = each * s.Size
		}
		for r := range s.Reps {
			e.Samples = append(e.Samples, trial.Sample{Count: s.Size, WallNS: wall + int64(r)})
		}
		if err := record(e); err != nil {
			return trial.Outcome{}, err
		}
	}
	return trial.Outcome{Kind: trial.Completed}, nil
}

func plantedHistory(first int) *history {
	return &history{first: first, p: 1, rng: rand.New(rand.NewPCG(1, 1))}
}

const plantedQuestion = "signature:panic:seeded_panic:seeded@40000"

// newBisection makes the folder of one over n versions; an empty question is to be found.
func newBisection(t *testing.T, dir string, n int, text string) {
	t.Helper()
	spec := seeded.Spec()
	settings, err := spec.Settings(nil)
	require.NoError(t, err)
	h := question.Head{V: trial.Version, ID: "b", Build: wire.Build, Scenario: spec.Name, Axis: "entries", Settings: settings, Seed: 1, Seeded: true,
		Machine:    trial.Machine{Accel: "tcg", Clock: trial.ClockICount, MemoryMB: 512, CPUs: 1, CPU: "max"},
		Confidence: 0.95, MaxBoots: 300, Ordered: true}
	for i := range n {
		h.Candidates = append(h.Candidates, question.Candidate{ID: fmt.Sprintf("debian:6.%d", i), Ref: fmt.Sprintf("debian:6.%d", i), Subject: fmt.Sprintf("6.%d.7-1", i)})
	}
	if text == "" {
		h.Sizes = []int64{20_000, plantedAt}
	} else {
		q, err := question.Parse(text)
		require.NoError(t, err)
		h.Question = &q
	}
	b, err := store.CreateBisection(dir, h)
	require.NoError(t, err)
	require.NoError(t, b.Close())
}

// bisected goes on with the bisection in the folder.
func bisected(t *testing.T, ctx context.Context, dir string, h *history, jobs int) (out, errs string, err error) {
	t.Helper()
	var o, e bytes.Buffer
	a := &app{ctx: ctx, out: &o, err: &e, results: dir, log: slog.New(slog.DiscardHandler)}
	c := bisectCmd{Resume: "last", Confidence: 0.95, CacheLimit: "20G", Keep: true, Jobs: jobs}
	b, err := c.open(a)
	require.NoError(t, err)
	defer b.folder.Close()
	b.executor = h.executor
	err = b.conclude(b.run(), false)
	return o.String(), e.String(), err
}
