package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brink/internal/engine"
	"brink/internal/lab"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/scenarios"
)

// racy is a kernel without VMs that fails now and then: an executor of VMs whose guest time flies.
type racy struct {
	rate    float64       // failures per VM-hour
	second  float64       // share of the failures that have another signature
	warns   bool          // it only warns, and goes on
	fault   bool          // its VMs are always lost
	refuses bool          // the failure is an op's
	unfit   bool          // its guests say that the settings cannot be done
	hour    time.Duration // host time of an hour of guest time

	mu    sync.Mutex
	plans []trial.Plan
}

// racyTick is the guest time between two events of such a guest.
const racyTick = 10 * time.Minute

func (k *racy) Trial(ctx context.Context, plan trial.Plan, _ trial.Start, record func(trial.Event) error) (trial.Outcome, error) {
	k.mu.Lock()
	k.plans = append(k.plans, plan)
	k.mu.Unlock()
	if k.fault {
		return trial.Outcome{Kind: trial.Harness, Text: "QEMU was killed"}, nil
	}
	if k.unfit {
		return trial.Outcome{}, fmt.Errorf("boot: %w", &lab.UnfitError{Text: "folios of 64 KiB: the guest has none"})
	}
	rng := rand.New(rand.NewPCG(plan.Seed, uint64(1000*k.rate)))
	due := time.Duration(1 << 62)
	if k.rate > 0 {
		due = time.Duration(rng.ExpFloat64() / k.rate * float64(time.Hour))
	}
	const boot = 2 * time.Second
	say := func(kind trial.EventType, step int, at time.Duration, e trial.Event) error {
		e.Type, e.Step, e.Trial, e.GuestNS = kind, step, plan.Trial, int64(boot+at)
		if step >= 0 {
			s := plan.Steps[step]
			e.Kind, e.Size, e.Op = s.Kind, s.Size, s.Op
		}
		return record(e)
	}
	if err := errors.Join(say(trial.EventHello, -1, -boot/2, trial.Event{Hello: &trial.Hello{}}),
		say(trial.EventFact, -1, 0, trial.Event{Name: "race", Text: "planted"}), say(trial.EventBegin, 1, 0, trial.Event{}),
		say(trial.EventEnd, 1, 0, trial.Event{})); err != nil {
		return trial.Outcome{}, err
	}
	for at := time.Duration(0); ; at += racyTick {
		select {
		case <-ctx.Done():
			return trial.Outcome{}, ctx.Err()
		case <-time.After(k.hour * racyTick / time.Hour):
		}
		switch {
		case at >= due:
			return k.fail(ctx, rng.Float64() < k.second, due, say)
		case at >= plan.Repeat.For:
			return trial.Outcome{Kind: trial.Completed}, say(trial.EventDone, -1, at, trial.Event{})
		}
		if err := say(trial.EventEnd, 2, at, trial.Event{Times: 100}); err != nil {
			return trial.Outcome{}, err
		}
	}
}

func (k *racy) fail(ctx context.Context, other bool, at time.Duration, say func(trial.EventType, int, time.Duration, trial.Event) error) (trial.Outcome, error) {
	f := &trial.Failure{Kind: trial.Panic, Title: "planted\x1b[2J panic", Signature: "panic:racy:mm", Function: "racy"}
	if other {
		f = &trial.Failure{Kind: trial.Oops, Title: "elsewhere", Signature: "oops:elsewhere:fs", Function: "elsewhere"}
	}
	switch {
	case k.warns:
		f = &trial.Failure{Kind: trial.Warning, Title: "a warning", Signature: "warning:racy:mm", Function: "racy"}
		if err := say(trial.EventKernel, 2, at, trial.Event{Failure: f}); err != nil {
			return trial.Outcome{}, err
		}
		<-ctx.Done()
		return trial.Outcome{}, ctx.Err()
	case k.refuses:
		err := say(trial.EventOpError, 2, at, trial.Event{Err: &trial.OpError{Name: "EIO", Message: "input/output error"}})
		return trial.Outcome{Kind: trial.OpRefused, Op: "walk", Text: "input/output error"}, err
	}
	o := trial.Outcome{Kind: f.Kind, Op: "walk", Failure: f, Text: f.Title}
	return o, errors.Join(say(trial.EventBegin, 2, at, trial.Event{}), say(trial.EventVerdict, -1, at, trial.Event{Outcome: &o}))
}

// racySoak makes the folder of a soak over such kernels.
func racySoak(t *testing.T, root string, c soakCmd, kernels int) string {
	t.Helper()
	c.Scenario = "seeded"
	head, err := c.head(kernels)
	require.NoError(t, err)
	spec, err := scenarios.Find("seeded")
	require.NoError(t, err)
	settings, err := spec.Settings(c.Set)
	require.NoError(t, err)
	head.ID, head.VMs = "20260102-030405-seeded-soak", head.Asked
	for _, name := range []string{"debian:6.1", "debian:6.12"}[:kernels] {
		head.Arms = append(head.Arms, trial.Run{V: trial.Version, Scenario: "seeded", Axis: "entries", Sizes: []int64{plantedAt}, Settings: settings, Seed: 1,
			Seeded: true, Start: "boot", Kernel: trial.Kernel{Name: name, Version: name + "-1", Hash: name},
			Machine: trial.Machine{Accel: "tcg", Clock: trial.ClockICount, MemoryMB: 512, CPUs: 1, CPU: "max"}})
	}
	folder, err := store.CreateSoak(root, head)
	require.NoError(t, err)
	require.NoError(t, folder.Close())
	return folder.Dir
}

// soaked keeps such VMs busy, or goes on with it.
func soaked(t *testing.T, ctx context.Context, dir string, kernels ...engine.Executor) (out, errs string, err error) {
	t.Helper()
	var o, e bytes.Buffer
	a := &app{ctx: ctx, out: &o, err: &e, results: filepath.Dir(dir), log: slog.New(slog.DiscardHandler)}
	folder, err := store.OpenSoak(dir)
	require.NoError(t, err)
	defer folder.Close()
	_, lines, err := store.LoadSoak(dir)
	require.NoError(t, err)
	s := &soaking{app: a, folder: folder, after: 10 * time.Millisecond}
	for i, k := range kernels {
		spec, err := specOf(folder.Head.Arms[i])
		require.NoError(t, err)
		s.arms = append(s.arms, soakArmed{spec: spec, head: folder.Head.Arms[i], executor: func(uint64) engine.Executor { return k }})
	}
	err = s.run(lines, false)
	return o.String(), e.String(), err
}

// soakOfDir reads what a soak says.
func soakOfDir(t *testing.T, dir string) soakDocument {
	t.Helper()
	doc, err := loadSoak(dir)
	require.NoError(t, err)
	return doc
}
