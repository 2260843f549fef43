package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brink/internal/engine"
	"brink/internal/grid"
	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/store"
	"brink/internal/trial"
)

// floodSpec is a made-up scenario with two axes.
func floodSpec() scenario.Spec {
	op := scenario.Op{Reps: 2, Growth: scenario.Linear, Budget: scenario.Budget{Base: time.Second}, Deadline: scenario.MinDeadline}
	load, ask := op, op
	load.Name, load.From, load.To = "load", scenario.Empty, scenario.Full
	ask.Name, ask.From, ask.To = "ask", scenario.Full, scenario.Full
	return scenario.Spec{Name: "flood", Title: "made up", Incident: "none", Ops: []scenario.Op{load, ask},
		Axes: []scenario.Axis{
			{Name: "pps", Unit: "frame/s", Min: 100, Max: 1_000_000, From: 1000, To: 64_000, Load: true, MemoryBase: 256 << 20},
			{Name: "containers", Unit: "container", Min: 1, Max: 1022, From: 10, To: 320, Limit: "a bridge holds 1023 ports", MemoryBase: 256 << 20, MemoryPerUnit: 1 << 20}},
		Options: []scenario.Option{{Name: "containers", Kind: scenario.Int, Default: "0", Max: 1022}, {Name: "pps", Kind: scenario.Int, Default: "0", Max: 1_000_000},
			{Name: "frame", Kind: scenario.Int, Default: "64", Max: 1500}},
		Needs: func(_ string, s scenario.Settings) scenario.Needs {
			return scenario.Needs{Memory: int64(s.Int("containers")) << 20}
		}}
}

func findFlood(string) (scenario.Spec, error) { return floodSpec(), nil }

// floods counts what executors without VMs did: the guest panics where frames a second times containers reach a product.
type floods struct {
	product int64
	trials  map[string]int     // by run's containers
	fault   string             // containers of a run whose VMs are always lost
	cut     int                // the context is canceled in this trial, counted over all
	stop    context.CancelFunc // then called
}

func (f *floods) Trial(ctx context.Context, plan trial.Plan, _ trial.Start, record func(trial.Event) error) (trial.Outcome, error) {
	containers := plan.Settings.Int("containers")
	if f.trials[fmt.Sprint(containers)]++; f.cut > 0 && f.all() == f.cut {
		f.stop()
	}
	for i, s := range plan.Steps {
		if ctx.Err() != nil {
			return trial.Outcome{}, ctx.Err()
		}
		if fmt.Sprint(containers) == f.fault {
			return trial.Outcome{Kind: trial.Harness, Text: "QEMU was killed"}, nil
		}
		if s.Op == "ask" && s.Size*int64(containers) >= f.product {
			failure := &trial.Failure{Kind: trial.Panic, Title: "planted", Signature: "panic:flood:net"}
			return trial.Outcome{Kind: trial.Panic, Size: s.Size, Op: s.Op, Failure: failure, Text: failure.Title}, nil
		}
		e := trial.Event{Type: trial.EventEnd, Trial: plan.Trial, Step: i, Kind: s.Kind, Size: s.Size, Op: s.Op, Untimed: s.Untimed}
		for range s.Reps {
			e.Samples = append(e.Samples, trial.Sample{Count: 1, WallNS: 1000 * s.Size})
		}
		if err := record(e); err != nil {
			return trial.Outcome{}, err
		}
	}
	return trial.Outcome{Kind: trial.Completed}, nil
}

func (f *floods) all() (n int) {
	for _, trials := range f.trials {
		n += trials
	}
	return n
}

func flooding(product int64) *floods { return &floods{product: product, trials: map[string]int{}} }

// newGrid makes the folder that `brink run flood --axis pps --grid containers=…` would.
func newGrid(t *testing.T, dir string, c runCmd) string {
	t.Helper()
	c.Scenario = "flood"
	head, err := c.gridHead(floodSpec())
	require.NoError(t, err)
	head.ID = "20260102-030405-flood-grid"
	for i := range head.Runs {
		head.Runs[i].Kernel = trial.Kernel{Name: "debian:6.1", Release: "6.1.0-1-amd64", Hash: "h"}
		head.Runs[i].Machine = trial.Machine{Accel: "tcg", Clock: trial.ClockICount, MemoryMB: 512, CPUs: 1, CPU: "max"}
	}
	folder, err := store.CreateGrid(dir, head)
	require.NoError(t, err)
	require.NoError(t, folder.Close())
	return filepath.Join(dir, head.ID)
}

// gridded makes, or goes on with, the runs of a grid without VMs.
func gridded(t *testing.T, ctx context.Context, dir string, vm engine.Executor) (out, errs string, err error) {
	t.Helper()
	var o, e bytes.Buffer
	a := &app{ctx: ctx, out: &o, err: &e, results: filepath.Dir(dir), log: slog.New(slog.DiscardHandler)}
	folder, err := store.OpenGrid(dir)
	require.NoError(t, err)
	defer folder.Close()
	climb := func(spec scenario.Spec, run *store.Run, events []trial.Event) error {
		e := engine.Engine{Spec: spec, Head: run.Head, Executor: vm, Record: run}
		if err := e.Run(ctx, events); err != nil {
			return err
		}
		_, events, err := store.Load(run.Dir)
		if err == nil && len(judge.Read(spec, run.Head, events).Findings()) > 0 {
			return errFound
		}
		return err
	}
	err = gridding{app: a, folder: folder, find: findFlood, climb: climb}.run()
	return o.String(), e.String(), err
}

func gridDocument(t *testing.T, dir string) grid.Grid {
	t.Helper()
	doc, err := loadGrid(dir, findFlood)
	require.NoError(t, err)
	return doc
}
