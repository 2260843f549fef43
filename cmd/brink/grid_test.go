package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/engine"
	"brink/internal/grid"
	"brink/internal/scenario"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/scenarios"
)

// columnsOf is a grid of pps over containers, whose ladder doubles from 1,000 to 64,000.
func columnsOf(values string) runCmd {
	return runCmd{Axis: "pps", Grid: []string{"containers=" + values}, Start: "auto", Precision: 0.02, MaxBoots: 40}
}

func TestGridSaysWhatTheThresholdIsOneOf(t *testing.T) {
	dir := newGrid(t, t.TempDir(), columnsOf("100,1,320,32"))
	out, errs, err := gridded(t, t.Context(), dir, flooding(1_000_000))
	require.ErrorIs(t, err, errFound)
	doc := gridDocument(t, dir)
	require.Len(t, doc.Thresholds, 1)
	law := doc.Thresholds[0].Law
	assert.Equal(t, grid.OfProduct, law.Of, law.Text)
	assert.InEpsilon(t, 1_000_000, law.Constant, 0.02)
	assert.Equal(t, "ask", doc.Shown)
	assert.True(t, doc.Finished)
	assert.Contains(t, out, "the threshold is one of pps x containers: about ")
	assert.Contains(t, out, "FINDING  panic of panic:flood:net, by pps")
	for _, want := range []string{"pps x containers=1,32,100,320 of scenario flood: 4 runs", "run 1 of 4: containers=1, ", "run 4 of 4: containers=320, "} {
		assert.Contains(t, errs, want)
	}
	for i, r := range doc.Runs {
		head, _, err := store.Load(filepath.Join(filepath.Dir(dir), r.ID))
		require.NoError(t, err)
		assert.Equal(t, doc.ID, head.Grid)
		assert.Equal(t, []string{"1", "32", "100", "320"}[i], head.Settings["containers"])
		assert.True(t, strings.HasSuffix(r.ID, "-flood-6.1.0-1-containers-"+head.Settings["containers"]), r.ID)
	}
	for _, name := range []string{"grid.json", "grid.txt", "grid.svg", "grid.png", "summary.json"} {
		assert.FileExists(t, filepath.Join(dir, name))
	}
	kept, err := os.ReadFile(filepath.Join(dir, "grid.txt"))
	require.NoError(t, err)
	assert.Contains(t, out, string(kept), "what was printed is kept")
}

func TestGridWithoutAFinding(t *testing.T) {
	dir := newGrid(t, t.TempDir(), columnsOf("1,10"))
	out, _, err := gridded(t, t.Context(), dir, flooding(1<<40))
	require.NoError(t, err)
	assert.Contains(t, out, "containers=10      finished: no finding, safe up to 64,000 pps, run ")
}

// TestGridGoesOnWhereItWasCut: at whichever trial it is interrupted, each run comes out the same, and none that was finished is
// repeated.
func TestGridGoesOnWhereItWasCut(t *testing.T) {
	c := columnsOf("10,100")
	c.MaxBoots = 2
	whole := newGrid(t, t.TempDir(), c)
	vm := flooding(1_000_000)
	_, _, err := gridded(t, t.Context(), whole, vm)
	require.ErrorIs(t, err, errFound)
	want, trials := gridDocument(t, whole), maps.Clone(vm.trials)
	for cut := 1; cut <= vm.all(); cut++ {
		dir := newGrid(t, t.TempDir(), c)
		ctx, stop := context.WithCancel(t.Context())
		vm := flooding(1_000_000)
		vm.cut, vm.stop = cut, stop
		_, _, err := gridded(t, ctx, dir, vm)
		require.ErrorContains(t, err, "; `brink resume 20260102-030405-flood-grid` goes on")
		_, errs, err := gridded(t, t.Context(), dir, vm)
		require.ErrorIs(t, err, errFound)
		got := gridDocument(t, dir)
		for i := range got.Thresholds[0].Points {
			assert.Equal(t, want.Thresholds[0].Points[i], got.Thresholds[0].Points[i], "cut in trial %d", cut)
		}
		assert.Equal(t, want.Quantities, got.Quantities)
		assert.Equal(t, trials["10"]+trials["100"]+1, vm.all(), "and the interrupted trial")
		assert.Equal(t, cut > trials["10"], strings.Contains(errs, "is finished already"), "cut in trial %d", cut)
		ids, err := store.List(filepath.Dir(dir))
		require.NoError(t, err)
		assert.Len(t, ids, 2)
	}
}

// TestGridSurvivesKill: brink is gone without a word, in the middle of a line, or before the second run's head was written.
func TestGridSurvivesKill(t *testing.T) {
	root := t.TempDir()
	c := columnsOf("10,100")
	c.MaxBoots = 2
	dir := newGrid(t, root, c)
	vm := flooding(1_000_000)
	_, _, err := gridded(t, t.Context(), dir, vm)
	require.ErrorIs(t, err, errFound)
	want := gridDocument(t, dir)
	second := filepath.Join(root, want.Runs[1].ID)
	path := filepath.Join(second, "events.jsonl")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, n := range []int{0, len(text) / 3, len(text) / 2, len(text) - 5} {
		require.NoError(t, os.WriteFile(path, text[:n], 0o644))
		assert.Equal(t, grid.Begun, gridDocument(t, dir).Runs[1].State, "what is left is shown")
		_, _, err = gridded(t, t.Context(), dir, vm)
		require.ErrorIs(t, err, errFound)
		assert.Equal(t, want.Thresholds, gridDocument(t, dir).Thresholds)
	}
	require.NoError(t, os.Remove(filepath.Join(second, "run.json")))
	assert.Equal(t, grid.Waiting, gridDocument(t, dir).Runs[1].State)
	_, _, err = gridded(t, t.Context(), dir, vm)
	require.ErrorIs(t, err, errFound)
	assert.Equal(t, want.Thresholds, gridDocument(t, dir).Thresholds)
}

// TestGridWithAHarnessFault: the other runs are made, and it is no result.
func TestGridWithAHarnessFault(t *testing.T) {
	dir := newGrid(t, t.TempDir(), columnsOf("1,10,100"))
	vm := flooding(1_000_000)
	vm.fault = "10"
	out, errs, err := gridded(t, t.Context(), dir, vm)
	require.ErrorIs(t, err, engine.ErrHarness)
	require.NotErrorIs(t, err, errFound)
	assert.ErrorContains(t, err, "in 1 of 3 runs; `brink resume 20260102-030405-flood-grid` tries them again")
	assert.Contains(t, errs, "run 2 of 3: harness failed 3 times in a row, the last time: QEMU was killed")
	assert.Equal(t, 3, vm.trials["10"])
	assert.Contains(t, out, "containers=10      begun: ")
	doc := gridDocument(t, dir)
	assert.Equal(t, []grid.State{grid.Finished, grid.Begun, grid.Finished}, []grid.State{doc.Runs[0].State, doc.Runs[1].State, doc.Runs[2].State})
	vm.fault = ""
	_, _, err = gridded(t, t.Context(), dir, vm)
	require.ErrorIs(t, err, errFound)
	assert.True(t, gridDocument(t, dir).Finished)
}

// TestGridStopsAtOtherErrors: a full disk does not go away with the next run.
func TestGridStopsAtOtherErrors(t *testing.T) {
	dir := newGrid(t, t.TempDir(), columnsOf("1,10"))
	folder, err := store.OpenGrid(dir)
	require.NoError(t, err)
	defer folder.Close()
	a := &app{ctx: t.Context(), out: io.Discard, err: io.Discard, log: slog.New(slog.DiscardHandler)}
	full, calls := errors.New("no space left"), 0
	g := gridding{app: a, folder: folder, find: findFlood, climb: func(scenario.Spec, *store.Run, []trial.Event) error { calls++; return full }}
	err = g.run()
	require.ErrorIs(t, err, full)
	assert.Equal(t, 1, calls)
	assert.ErrorContains(t, err, "run 1 of 2, containers=1: no space left; `brink resume "+folder.Head.ID+"` goes on")
}

func TestSeriesOfRuns(t *testing.T) {
	dir := newGrid(t, t.TempDir(), runCmd{Axis: "containers,pps", Set: map[string]string{"containers": "10", "pps": "500", "frame": "100"}, Start: "auto"})
	out, errs, err := gridded(t, t.Context(), dir, flooding(100_000))
	require.ErrorIs(t, err, errFound)
	assert.Contains(t, errs, "series of containers,pps of scenario flood: 2 runs")
	assert.Contains(t, out, "axis containers    finished: no finding, safe up to 320 containers")
	assert.Contains(t, out, "  FINDING  panic at 16,000 pps (not at 8,000): planted")
	doc := gridDocument(t, dir)
	assert.Equal(t, map[string]string{"frame": "100"}, doc.Settings)
	head, _, err := store.Load(filepath.Join(filepath.Dir(dir), doc.Runs[1].ID))
	require.NoError(t, err)
	assert.Equal(t, "10", head.Settings["containers"], "what is set for an axis holds while another one is ramped")
	assert.Equal(t, "0", head.Settings["pps"], "and not in its own run")
	assert.NoFileExists(t, filepath.Join(dir, "grid.svg"))
}

func TestGridThatIsRefused(t *testing.T) {
	for want, c := range map[string]runCmd{
		"one --grid at a time":          {Axis: "pps", Grid: []string{"containers=1", "containers=2"}},
		"or another one to --grid":      {Axis: "pps,containers", Grid: []string{"containers=1"}},
		"not ramped: containers":        {Axis: "pps", Grid: []string{"pps=1000"}},
		"--grid frame=64: write it":     {Axis: "pps", Grid: []string{"frame=64"}},
		"--grid containers: write it":   {Axis: "pps", Grid: []string{"containers"}},
		"AXIS=N,N,…":                    {Axis: "pps", Grid: []string{""}},
		`"" is not a whole number`:      {Axis: "pps", Grid: []string{"containers=1,,2"}},
		`"ten" is not a whole number`:   {Axis: "pps", Grid: []string{"containers=ten"}},
		"a bridge holds 1023 ports":     {Axis: "pps", Grid: []string{"containers=1,1023"}},
		"choose sizes from 1 to 1022":   {Axis: "pps", Grid: []string{"containers=0"}},
		"leave --set containers=5 out":  {Axis: "pps", Grid: []string{"containers=1"}, Set: map[string]string{"containers": "5"}},
		"leave --set pps=5 out":         {Axis: "pps", Grid: []string{"containers=1"}, Set: map[string]string{"pps": "5"}},
		"it has pps, containers":        {Axis: "fly", Grid: []string{"containers=1"}},
		"it has pps, containers ":       {Axis: "pps,fly"},
		"name each axis once":           {Axis: "pps,pps"},
		"name each axis once, with":     {Axis: "pps,"},
		"choose sizes from 100":         {Axis: "pps", Grid: []string{"containers=1"}, Sizes: []int64{1}},
		"unknown option":                {Axis: "pps", Grid: []string{"containers=1"}, Set: map[string]string{"colour": "red"}},
		"--precision is a share from 0": {Axis: "pps", Grid: []string{"containers=1"}, Precision: 2},
	} {
		_, err := c.gridHead(floodSpec())
		assert.ErrorContains(t, err, strings.TrimSpace(want), "%+v", c)
	}
	for args, want := range map[string]string{
		"run wireguard --grid containers=1":           "scenario wireguard has no axis but peers: there is none for --grid",
		"run wireguard --axis peers,pps":              "it has peers",
		"run nonsense --grid containers=1":            "`brink list` shows them",
		"run wireguard --grid peers=1 --grid peers=2": "one --grid at a time",
	} {
		code, out, errs := cmdline(t, strings.Fields(args)...)
		assert.Equal(t, exitUsage, code, args)
		assert.Empty(t, out)
		assert.Contains(t, errs, want)
	}
}

// TestGridMachine: all runs have the memory of the one that needs the most.
func TestGridMachine(t *testing.T) {
	t.Setenv("PATH", fakeQEMU(t))
	c := columnsOf("1,1000,320")
	c.machineFlags = machineFlags{Accel: "tcg", Clock: "auto"}
	head, err := c.gridHead(floodSpec())
	require.NoError(t, err)
	g, err := c.gridMachine(floodSpec(), head)
	require.NoError(t, err)
	assert.Equal(t, int64(2048), g.vm.MemoryMB, "256 MiB and 1,000 MiB")

	spec := floodSpec()
	spec.Refuse = func(s scenario.Setup) error {
		if s.Settings.Int("containers") == 320 && s.MemoryMB == 2048 {
			return errors.New("too many for this card")
		}
		return nil
	}
	_, err = c.gridReady(&app{ctx: t.Context(), err: io.Discard}, spec, head)
	require.ErrorContains(t, err, "containers=320: too many for this card", "before any run is made")
	var usage usageError
	require.ErrorAs(t, err, &usage)
}

// fakeQEMU is a folder with a program that only knows its version.
func fakeQEMU(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, qemuName), []byte("#!/bin/sh\necho QEMU emulator version 7.2.22\n"), 0o755))
	return dir
}

// plantedGrid is a finished grid over a scenario of the catalog: the size from which on it fails is the other axis.
func plantedGrid(t *testing.T, root string) (dir string) {
	t.Helper()
	spec, err := scenarios.Find("seeded")
	require.NoError(t, err)
	h := grid.Head{V: grid.Version, ID: "20260102-030405-seeded-grid", Scenario: "seeded", Axis: "entries", Second: "at"}
	for _, at := range []string{"10000", "40000"} {
		settings, err := spec.Settings(map[string]string{"at": at})
		require.NoError(t, err)
		h.Runs = append(h.Runs, trial.Run{V: trial.Version, Scenario: "seeded", Axis: "entries", Sizes: []int64{20_000, plantedAt}, Settings: settings, Seed: 1,
			Seeded: true, Start: "auto", Machine: trial.Machine{Accel: "tcg", Clock: trial.ClockICount, MemoryMB: 512, CPUs: 1, CPU: "max"}})
	}
	folder, err := store.CreateGrid(root, h)
	require.NoError(t, err)
	defer folder.Close()
	a := &app{ctx: t.Context(), out: io.Discard, err: io.Discard, results: root, log: slog.New(slog.DiscardHandler)}
	climb := func(spec scenario.Spec, run *store.Run, events []trial.Event) error {
		e := engine.Engine{Spec: spec, Head: run.Head, Executor: plantedVM{}, Record: run}
		return e.Run(t.Context(), events)
	}
	require.ErrorIs(t, gridding{app: a, folder: folder, find: scenarios.Find, climb: climb}.run(), errFound)
	return folder.Dir
}

func TestGridOnTheCommandLine(t *testing.T) {
	root := t.TempDir()
	dir := plantedGrid(t, root)
	id := filepath.Base(dir)
	brink := func(want int, args ...string) string {
		t.Helper()
		code, out, errs := cmdline(t, append([]string{"--results", root}, args...)...)
		assert.Equal(t, want, code, errs)
		return out + errs
	}
	for _, name := range []string{id, "20260102-03", dir} {
		assert.Contains(t, brink(exitGood, "show", name), "FINDING (seeded)  panic of ")
	}
	shown := brink(exitGood, "show", id)
	assert.Contains(t, shown, "walk: the op that fails")
	assert.NotContains(t, shown, "clear: free all entries")
	assert.Contains(t, brink(exitGood, "show", id, "--ramp", "all"), "clear: free all entries")
	assert.NotContains(t, brink(exitGood, "show", id, "--ramp", "none"), "walk: the op that fails")
	assert.Contains(t, brink(exitUsage, "show", id, "--ramp", "fly"), `has no op or signal "fly": it has grow, walk, service, clear, load`)
	var doc grid.Grid
	require.NoError(t, json.Unmarshal([]byte(brink(exitGood, "show", id, "--json")), &doc))
	assert.Equal(t, id, doc.ID)
	assert.JSONEq(t, brink(exitGood, "show", id, "--json"), brink(exitGood, "report", id, "--format", "json"))

	require.NoError(t, os.Remove(filepath.Join(dir, "grid.txt")))
	assert.Contains(t, brink(exitGood, "report", id), filepath.Join(dir, "grid.txt"))
	assert.FileExists(t, filepath.Join(dir, "grid.txt"))
	to := filepath.Join(t.TempDir(), "g.txt")
	brink(exitGood, "report", id, "--format", "table", "-o", to)
	text, err := os.ReadFile(to)
	require.NoError(t, err)
	assert.Contains(t, string(text), "FINDING (seeded)")
	assert.Contains(t, brink(exitUsage, "report", id, "--format", "junit"), "is a grid, choose table or json")
	assert.Contains(t, brink(exitUsage, "report", id, "--finding", "1"), "is a grid, which has no mail")

	assert.Contains(t, brink(exitGood, "runs"), id+"  entries x at=10000,40000\n")
	assert.Equal(t, 3, strings.Count(brink(exitGood, "runs"), "\n"))
	assert.Contains(t, brink(exitUsage, "explain", id), "this is a grid of runs and no run: `brink show "+id+"`")
	resumed := brink(exitFound, "resume", id)
	assert.Equal(t, 2, strings.Count(resumed, "is finished already"), resumed)
	assert.Contains(t, brink(exitGood, "show", "last"), "run       "+doc.Runs[1].ID, "last is the last run")

	busy, err := store.OpenGrid(dir)
	require.NoError(t, err)
	assert.Contains(t, brink(exitHarness, "resume", id), "another brink")
	require.NoError(t, busy.Close())
}
