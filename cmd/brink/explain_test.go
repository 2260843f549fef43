package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/engine"
	"brink/internal/explain"
	"brink/internal/lab"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/internal/vmtest"
	"brink/internal/wire"
	"brink/scenarios/seeded"
)

// plantedVM is an executor without a VM: walk panics from the planted size on, unless the fix says otherwise.
type plantedVM struct {
	fixed func() bool
	fault func() bool // harness fault
	unfit bool        // its settings cannot be done
	cut   int         // the context is canceled in the trial of this number
	stop  context.CancelFunc
}

func (p plantedVM) Trial(ctx context.Context, plan trial.Plan, _ trial.Start, record func(trial.Event) error) (trial.Outcome, error) {
	if plan.Trial == p.cut {
		p.stop()
		return trial.Outcome{}, ctx.Err()
	}
	if p.fault != nil && p.fault() {
		return trial.Outcome{Kind: trial.Harness, Text: "QEMU was killed"}, nil
	}
	if p.unfit {
		return trial.Outcome{}, &lab.UnfitError{Text: "impl=avx cannot be had"}
	}
	for i, s := range plan.Steps {
		if s.Op == "walk" && s.Size >= plantedAt && (p.fixed == nil || !p.fixed()) {
			f := &trial.Failure{Kind: trial.Panic, Title: "planted", Signature: "panic:seeded_panic:seeded"}
			return trial.Outcome{Kind: trial.Panic, Size: s.Size, Op: s.Op, Failure: f, Text: f.Title}, nil
		}
		e := trial.Event{Type: trial.EventEnd, Trial: plan.Trial, Step: i, Kind: s.Kind, Size: s.Size, Op: s.Op, Untimed: s.Untimed}
		for range s.Reps {
			e.Samples = append(e.Samples, trial.Sample{Count: 1, WallNS: 1000})
		}
		if err := record(e); err != nil {
			return trial.Outcome{}, err
		}
	}
	return trial.Outcome{Kind: trial.Completed}, nil
}

// plantedRun makes a run folder, as `brink run seeded` would, that ends with the failure if the ladder goes there.
func plantedRun(t *testing.T, dir string, sizes ...int64) { plantedSearch(t, dir, 0, sizes...) }

// plantedSearch is one with a search for the edge.
func plantedSearch(t *testing.T, dir string, maxBoots int, sizes ...int64) {
	t.Helper()
	spec := seeded.Spec()
	settings, err := spec.Settings(nil)
	require.NoError(t, err)
	folder, err := store.Create(dir, trial.Run{V: trial.Version, ID: "r", Build: wire.Build, Scenario: spec.Name, Axis: "entries", Sizes: sizes, Settings: settings,
		Seed: 1, Seeded: true, Width: 0.02, MaxBoots: maxBoots, Start: "auto", Kernel: trial.Kernel{Name: "debian:6.12", Release: "6.12.1", Hash: "own"},
		Machine: trial.Machine{Accel: "tcg", Clock: trial.ClockICount, MemoryMB: 1024, CPUs: 1, CPU: "max"}})
	require.NoError(t, err)
	defer folder.Close()
	e := engine.Engine{Spec: spec, Head: folder.Head, Executor: plantedVM{}, Record: folder}
	require.NoError(t, e.Run(t.Context(), nil))
}

// explained runs the command with executors that need no VM, one for each arm by its name; "" stands for all others.
func explained(t *testing.T, ctx context.Context, dir string, c explainCmd, vms map[string]plantedVM) (out, errs string, err error) {
	t.Helper()
	return explainedBy(t, ctx, dir, c, func(s *explain.Setup) (engine.Executor, error) {
		vm, ok := vms[s.Name]
		if !ok {
			vm = vms[""]
		}
		return vm, nil
	})
}

// explainedBy runs the command with the executors that a function makes.
func explainedBy(t *testing.T, ctx context.Context, dir string, c explainCmd, executor func(*explain.Setup) (engine.Executor, error)) (out, errs string, err error) {
	t.Helper()
	var o, e bytes.Buffer
	a := &app{ctx: ctx, out: &o, err: &e, results: dir, log: slog.New(slog.DiscardHandler)}
	c.RunID = "last"
	x, q, err := c.open(a)
	require.NoError(t, err)
	defer x.close()
	q.Kernels = []explain.Kernel{{Kernel: trial.Kernel{Name: "old", Hash: "1"}}, {Ref: "debian:gone", Skipped: "gone from the archive"}}
	q.Features = c.Features
	x.executor = executor
	err = x.conclude(x.run(q))
	return o.String(), e.String(), err
}

func always() bool { return true }

// explanation is what `brink show --json` says of it.
func explanation(t *testing.T, dir string) explain.Explanation {
	t.Helper()
	code, out, errs := cmdline(t, "--results", dir, "show", "--json")
	require.Equal(t, exitGood, code, errs)
	var shown struct{ Explanation explain.Explanation }
	require.NoError(t, json.Unmarshal([]byte(out), &shown))
	return shown.Explanation
}

func TestExplainVersion(t *testing.T) {
	dir := t.TempDir()
	plantedRun(t, dir, 20_000, plantedAt)
	old := map[string]plantedVM{"kernel old": {fixed: always}}
	out, errs, err := explained(t, t.Context(), dir, explainCmd{Repeat: 2, MaxBoots: 100}, old)
	require.ErrorIs(t, err, errFound)
	assert.Contains(t, out, "EXPLANATION (seeded)  of panic at 40,000 entries")
	assert.Contains(t, out, "class version, not proven")
	assert.Contains(t, out, "gone from the archive")
	assert.Contains(t, out, "scenario seeded has no rate")
	assert.Contains(t, errs, "trial 1: same, nothing but the seed (1 of 2)")
	assert.Contains(t, errs, "ended after 0s: seeded panic planted")
	x := explanation(t, dir)
	assert.Equal(t, explain.Class("version"), x.Class)
	assert.Equal(t, []string{"kernel old", "20000 instead of 40000 entries"}, x.Changes)

	boots := x.Boots
	_, errs, err = explained(t, t.Context(), dir, explainCmd{Repeat: 2, MaxBoots: 100}, old)
	require.ErrorIs(t, err, errFound)
	assert.Empty(t, errs, "nothing is left to try")
	_, _, err = explained(t, t.Context(), dir, explainCmd{Repeat: x.Repeat, MaxBoots: 100}, old)
	require.ErrorIs(t, err, errFound)
	x = explanation(t, dir)
	assert.True(t, x.Proven, x.Why)
	assert.Greater(t, x.Boots, boots)

	code, shown, _ := cmdline(t, "--results", dir, "show")
	assert.Equal(t, exitGood, code)
	assert.Contains(t, shown, "class version: kernel old")
}

// TestExplainBeyondTheEdge: a kernel whose edge is a little higher up has the same failure.
func TestExplainBeyondTheEdge(t *testing.T) {
	dir := t.TempDir()
	plantedSearch(t, dir, 40, 20_000, 60_000)
	out, _, err := explained(t, t.Context(), dir, explainCmd{Repeat: 3, MaxBoots: 100, Only: []string{"scale", "version"}}, nil)
	require.ErrorIs(t, err, errFound)
	x := explanation(t, dir)
	assert.LessOrEqual(t, x.Target.Broken, int64(plantedAt*102/100))
	assert.Equal(t, int64(60_000), x.Target.At)
	assert.Equal(t, x.Target.Safe, x.Arms[1].Size)
	assert.Equal(t, x.Target.At, x.Arms[2].Size)
	assert.Equal(t, explain.Class("scale"), x.Class)
	assert.Contains(t, out, "repeated at 60,000")
}

// TestExplainGoesOnWhereItWasCut: whatever is cut off the record's end, and wherever it is interrupted, the same trials
// are made, none of them twice.
func TestExplainGoesOnWhereItWasCut(t *testing.T) {
	dir := t.TempDir()
	plantedRun(t, dir, 20_000, plantedAt)
	c := explainCmd{Repeat: 2, MaxBoots: 100, Only: []string{"scale"}}
	ctx, stop := context.WithCancel(t.Context())
	_, _, err := explained(t, ctx, dir, c, map[string]plantedVM{"": {cut: 3, stop: stop}})
	require.ErrorContains(t, err, "interrupted; the same command goes on")
	_, _, err = explained(t, t.Context(), dir, c, nil)
	require.ErrorIs(t, err, errFound)
	whole := explanation(t, dir)
	assert.Equal(t, []int{2, 0, 2}, []int{whole.Arms[0].Failed, whole.Arms[1].Failed, whole.Arms[1].Passed})
	assert.Equal(t, 5, whole.Boots, "and the interrupted one")

	path := filepath.Join(dir, "r", "explain.jsonl")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for n := 0; n < len(text); n += 97 {
		require.NoError(t, os.WriteFile(path, text[:n], 0o644))
		_, _, err := explained(t, t.Context(), dir, c, nil)
		require.ErrorIs(t, err, errFound)
		x := explanation(t, dir)
		assert.Equal(t, []int{2, 0, 2}, []int{x.Arms[0].Failed, x.Arms[1].Failed, x.Arms[1].Passed}, "cut at %d", n)
		assert.LessOrEqual(t, x.Boots, 6)
	}
}

func TestExplainWithFaults(t *testing.T) {
	dir := t.TempDir()
	plantedRun(t, dir, 20_000, plantedAt)
	vms := map[string]plantedVM{"size 20000": {fault: always}}
	out, errs, err := explained(t, t.Context(), dir, explainCmd{Repeat: 2, MaxBoots: 100, Only: []string{"scale"}}, vms)
	require.ErrorIs(t, err, errFound)
	assert.Contains(t, errs, "size 20000: arm given up: harness failed 3 times in a row, the last time: QEMU was killed")
	assert.Contains(t, out, "3 lost to the harness")
	assert.Contains(t, out, "class not explained")

	vms = map[string]plantedVM{"same": {fault: always}}
	_, _, err = explained(t, t.Context(), dir, explainCmd{Repeat: 3, MaxBoots: 100, Only: []string{"same"}}, vms)
	require.ErrorIs(t, err, engine.ErrHarness)
}

// TestExplainWithUnfitArm: settings that do not fit the guest of one arm do not end the others.
func TestExplainWithUnfitArm(t *testing.T) {
	dir := t.TempDir()
	plantedRun(t, dir, 20_000, plantedAt)
	vms := map[string]plantedVM{"kernel old": {unfit: true}}
	out, errs, err := explained(t, t.Context(), dir, explainCmd{Repeat: 3, MaxBoots: 100, Only: []string{"scale", "version"}}, vms)
	require.ErrorIs(t, err, errFound)
	assert.Contains(t, errs, "kernel old: arm given up: impl=avx cannot be had")
	assert.Contains(t, out, "1 lost to the harness: impl=avx cannot be had", "it is not tried again")
	assert.Contains(t, out, "class scale: ")
}

func TestExplainWhatDoesNotComeBack(t *testing.T) {
	dir := t.TempDir()
	plantedRun(t, dir, 20_000, plantedAt)
	out, errs, err := explained(t, t.Context(), dir, explainCmd{Repeat: 2, MaxBoots: 100}, map[string]plantedVM{"": {fixed: always}})
	require.NoError(t, err, "exit code 0")
	assert.Contains(t, out, "did not come back in 2 fresh VMs")
	assert.NotContains(t, errs, "trial 3", "without a control no arm is worth a boot")
}

func TestExplainWhatIsRare(t *testing.T) {
	dir := t.TempDir()
	plantedRun(t, dir, 20_000, plantedAt)
	n := 0
	out, errs, err := explained(t, t.Context(), dir, explainCmd{Repeat: 3, MaxBoots: 4, Only: []string{"scale"}},
		map[string]plantedVM{"": {fixed: func() bool { n++; return n == 2 }}})
	require.ErrorIs(t, err, errFound)
	assert.Contains(t, out, "class rare: it fails in 2 of 3 fresh VMs")
	assert.Contains(t, errs, "stopped after 4 VMs; a larger --max-boots goes on")
}

func TestExplainRefuses(t *testing.T) {
	dir := t.TempDir()
	refused := refusing(t, &dir, "explain")
	refused("choose of same, scale, load", exitUsage, "last", "--only=luck")
	refused("from 1 on", exitUsage, "last", "--repeat=0")
	refused("from 1 on", exitUsage, "last", "--max-boots=0")

	path, text := refusesUnfit(t, &dir, "explain", refused)
	require.NoError(t, os.WriteFile(path, append([]byte("{\n"), text...), 0o644))
	refused("line 1", exitHarness, "last")
	require.NoError(t, os.WriteFile(path, append([]byte(`{"v":99,"type":"end"}`+"\n"), text...), 0o644))
	refused("use a newer brink", exitHarness, "last")
	require.NoError(t, os.WriteFile(path, text, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "r", "explain.jsonl"), []byte("{}\n"), 0o644))
	refused("explain.jsonl: line 1", exitHarness, "last")
}

// TestVMExplain: a planted panic goes away below its size, and nothing else was tried.
func TestVMExplain(t *testing.T) {
	vmtest.Require(t)
	dir := t.TempDir()
	code, _, _ := brink(t, dir, "run", "seeded", "--kernel", "debian:6.12", "--set", "mode=panic", "--set", "at=40000", "--sizes", "20000,39999,40000",
		"--max-boots", "0", "--accel", "tcg")
	require.Equal(t, exitFound, code)
	code, out, _ := brink(t, dir, "explain", "last", "--only", "same,scale", "--repeat", "3")
	require.Equal(t, exitFound, code)
	assert.Contains(t, out, "EXPLANATION (seeded)  of panic at 40,000 entries")
	x := explanation(t, dir)
	assert.Equal(t, explain.Class("scale"), x.Class)
	assert.True(t, x.Proven)
	assert.Equal(t, []string{"39999 instead of 40000 entries"}, x.Changes)
	require.Len(t, x.Arms, 2)
	assert.Equal(t, []int{3, 0, 0}, []int{x.Arms[0].Failed, x.Arms[0].Passed, x.Arms[0].Other})
	assert.Equal(t, []int{0, 3, 0}, []int{x.Arms[1].Failed, x.Arms[1].Passed, x.Arms[1].Other})
	consoles, err := filepath.Glob(filepath.Join(dir, "*", "explain", "*", "console.log"))
	require.NoError(t, err)
	assert.Len(t, consoles, 6)
}
