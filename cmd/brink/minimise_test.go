package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/engine"
	"brink/internal/minimise"
	"brink/internal/qemu"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/vmimages"
)

// minimised runs the command on the last run with executors that need no VM; vm makes that of a candidate.
func minimised(t *testing.T, ctx context.Context, dir string, c minimiseCmd, vm func(minimise.Candidate) engine.Executor) (out, errs string, err error) {
	t.Helper()
	var o, e bytes.Buffer
	c.RunID = "last"
	m, err := c.open(&app{ctx: ctx, out: &o, err: &e, results: dir, log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer m.close()
	base := qemu.Config{Accel: qemu.TCG, Clock: trial.ClockICount, MemoryMB: 1024, CPUs: 1}
	m.q.Extra = []string{"pvpanic"}
	m.whole(guest{vm: base})
	m.config = func(c minimise.Candidate) qemu.Config { return candidateVM(m.q, base, c) }
	m.executor = func(c minimise.Candidate) (engine.Executor, error) { return vm(c), nil }
	err = m.conclude(m.run())
	return o.String(), e.String(), err
}

// keptResult is what was kept in the only run's folder.
func keptResult(t *testing.T, dir string) minimise.Result {
	t.Helper()
	r, err := store.LoadMinimised(filepath.Join(dir, "r"))
	require.NoError(t, err)
	require.NotNil(t, r)
	return *r
}

func noVM(minimise.Candidate) engine.Executor { return plantedVM{} }

// unlimited is a command that nothing stops.
var unlimited = minimiseCmd{Time: time.Hour, MaxBoots: 100}

func TestMinimise(t *testing.T) {
	dir := t.TempDir()
	plantedSearch(t, dir, 40, 20_000, 60_000)
	vm := func(c minimise.Candidate) engine.Executor {
		broken := len(c.Built) == 0 || c.Machine.MemoryMB < 512
		return plantedVM{fault: func() bool { return broken }, fixed: func() bool { return false }}
	}
	out, errs, err := minimised(t, t.Context(), dir, unlimited, vm)
	require.ErrorIs(t, err, errFound)
	assert.Contains(t, out, "MINIMISED  seeded panic at 40,")
	assert.Contains(t, out, "dropped  canary (step 1)")
	assert.Contains(t, out, "module seeded: without it brink cannot tell: harness: QEMU was killed")
	assert.Contains(t, out, "device virtio-serial: the agent's channel")
	assert.Contains(t, out, "showed it in 2 of 2 fresh VMs with other seeds")
	assert.Contains(t, errs, "trial 1: nothing left out\n")
	assert.Contains(t, errs, "it does not show: no failure")

	r := keptResult(t, dir)
	assert.True(t, r.Complete)
	assert.Equal(t, []string{"walk"}, opsOf(r.Plan))
	assert.Equal(t, r.Target.Broken, r.Plan.Steps[0].Size)
	assert.Equal(t, 1, r.Plan.Steps[0].Reps)
	assert.Equal(t, r.Plan.Probe.Size, r.Target.Broken)
	assert.Equal(t, []string{"seeded"}, r.Built)
	assert.Empty(t, r.Modules)
	assert.Empty(t, r.Devices)
	assert.Contains(t, r.Without, "pvpanic")
	assert.Equal(t, int64(512), r.Machine.MemoryMB)
	assert.Equal(t, "console=ttyS0 panic=-1 reboot=t no_timer_check tsc_early_khz=1000000 nolapic_timer brink.guest=1", r.Machine.Cmdline)
	assert.Equal(t, []float64{2, 2, 1}, []float64{float64(r.Confirmed), float64(r.Confirming), r.Rate})
	assert.Equal(t, strings.Count(errs, " ended after "), r.Boots)
	plan, err := os.ReadFile(filepath.Join(dir, "r", "minimised", "plan.json"))
	require.NoError(t, err)
	assert.Contains(t, string(plan), `"op": "walk"`)

	again, errs, err := minimised(t, t.Context(), dir, unlimited, vm)
	require.ErrorIs(t, err, errFound)
	assert.Equal(t, out, again)
	assert.Empty(t, errs, "nothing is left to try")
}

func opsOf(p trial.Plan) (ops []string) {
	for _, s := range p.Steps {
		ops = append(ops, s.Name())
	}
	return ops
}

// TestMinimiseGoesOnWhereItWasCut: wherever it is interrupted, and wherever the record is cut, the same comes out.
func TestMinimiseGoesOnWhereItWasCut(t *testing.T) {
	dir := t.TempDir()
	plantedRun(t, dir, 20_000, plantedAt)
	ctx, stop := context.WithCancel(t.Context())
	_, _, err := minimised(t, ctx, dir, unlimited, func(minimise.Candidate) engine.Executor { return plantedVM{cut: 3, stop: stop} })
	require.ErrorContains(t, err, "interrupted; the same command goes on")
	_, _, err = minimised(t, t.Context(), dir, unlimited, noVM)
	require.ErrorIs(t, err, errFound)
	want := keptResult(t, dir)

	path := filepath.Join(dir, "r", "minimise.jsonl")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for n := 0; n < len(text); n += 997 {
		require.NoError(t, os.WriteFile(path, text[:n], 0o644))
		_, _, err := minimised(t, t.Context(), dir, unlimited, noVM)
		require.ErrorIs(t, err, errFound)
		got := keptResult(t, dir)
		assert.Equal(t, [][]string{want.Dropped, want.Kept}, [][]string{got.Dropped, got.Kept}, "cut at %d", n)
		assert.LessOrEqual(t, got.Boots, want.Boots+1, "cut at %d", n)
	}
}

// TestContentsOfACandidate: only brink's own modules can be dropped; what a recipe made stays.
func TestContentsOfACandidate(t *testing.T) {
	var p prepared
	p.contents.Extra = []vmimages.Module{{Name: "seeded"}, {Name: "seedednic"}, {Name: "zfs"}}
	var names []string
	for _, m := range contentsOf(p, minimise.Candidate{Built: []string{"seedednic"}}).Extra {
		names = append(names, m.Name)
	}
	assert.Equal(t, []string{"seedednic", "zfs"}, names)
}

func TestMinimiseWithinLimits(t *testing.T) {
	dir := t.TempDir()
	plantedRun(t, dir, 20_000, plantedAt)
	out, errs, err := minimised(t, t.Context(), dir, minimiseCmd{Time: time.Hour, MaxBoots: 5}, noVM)
	require.ErrorIs(t, err, errFound)
	assert.Contains(t, out, "not complete: a limit came first")
	assert.Contains(t, out, "showed it in 2 of 2")
	r := keptResult(t, dir)
	assert.Equal(t, []int{5, 2}, []int{r.Boots, r.Confirmed})
	assert.Equal(t, []string{"load", "walk"}, opsOf(r.Plan))
	assert.NotContains(t, errs, "stopped", "the limit was kept for confirming")

	out, errs, err = minimised(t, t.Context(), dir, minimiseCmd{Time: time.Hour, MaxBoots: 5}, noVM)
	require.ErrorIs(t, err, errFound)
	assert.Contains(t, out, "not complete")
	assert.Empty(t, errs)
	_, _, err = minimised(t, t.Context(), dir, unlimited, noVM)
	require.ErrorIs(t, err, errFound)
	assert.True(t, keptResult(t, dir).Complete, "a larger limit goes on")

	dir = t.TempDir()
	plantedRun(t, dir, 20_000, plantedAt)
	_, _, err = minimised(t, t.Context(), dir, minimiseCmd{Time: time.Nanosecond, MaxBoots: 5}, noVM)
	require.ErrorContains(t, err, "before it was clear whether the failure comes back; a larger --time or --max-boots goes on")
}

// slowVM takes its time.
type slowVM struct {
	plantedVM
	takes time.Duration
}

func (s slowVM) Trial(ctx context.Context, plan trial.Plan, start trial.Start, record func(trial.Event) error) (trial.Outcome, error) {
	select {
	case <-ctx.Done():
		return trial.Outcome{}, ctx.Err()
	case <-time.After(s.takes):
		return s.plantedVM.Trial(ctx, plan, start, record)
	}
}

// TestMinimiseWithinTheTime: what the limit leaves over is enough to confirm; a trial that hangs is cut off.
func TestMinimiseWithinTheTime(t *testing.T) {
	for name, c := range map[string]struct {
		hang  int // the trial of this number, or none
		boots int
	}{"steady": {0, 5}, "one hangs": {3, 5}, "the first hangs": {1, 1}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			plantedRun(t, dir, 20_000, plantedAt)
			synctest.Test(t, func(t *testing.T) {
				n, begin := 0, time.Now()
				out, errs, err := minimised(t, t.Context(), dir, minimiseCmd{Time: 65 * time.Second, MaxBoots: 60}, func(minimise.Candidate) engine.Executor {
					if n++; n == c.hang {
						return slowVM{takes: time.Hour}
					}
					return slowVM{takes: 10 * time.Second}
				})
				assert.LessOrEqual(t, time.Since(begin), 65*time.Second)
				if c.hang == 1 {
					require.ErrorContains(t, err, "stopped after 1m5s and 1 VMs before it was clear")
					return
				}
				require.ErrorIs(t, err, errFound)
				r := keptResult(t, dir)
				assert.Equal(t, []int{c.boots, 2}, []int{r.Boots, r.Confirmed})
				assert.False(t, r.Complete)
				assert.Contains(t, out, "untried  ")
				assert.Equal(t, c.hang > 0, strings.Contains(errs, "cut off by the time limit"))
			})
		})
	}
}

func TestMinimiseWhatDoesNotComeBack(t *testing.T) {
	dir := t.TempDir()
	plantedRun(t, dir, 20_000, plantedAt)
	out, _, err := minimised(t, t.Context(), dir, unlimited, func(minimise.Candidate) engine.Executor { return plantedVM{fixed: always} })
	require.NoError(t, err, "exit code 0")
	assert.Contains(t, out, "did not come back in 10 fresh VMs (the last one: no failure): there is nothing to minimise")
	assert.NoFileExists(t, filepath.Join(dir, "r", "minimised.json"))
}

func TestMinimiseWithFaults(t *testing.T) {
	dir := t.TempDir()
	plantedRun(t, dir, 20_000, plantedAt)
	faulty := func(minimise.Candidate) engine.Executor { return plantedVM{fault: always} }
	_, errs, err := minimised(t, t.Context(), dir, unlimited, faulty)
	require.ErrorIs(t, err, engine.ErrHarness)
	require.ErrorContains(t, err, "3 times in a row, the last time: QEMU was killed; the same command tries again")
	assert.Equal(t, 3, strings.Count(errs, "harness: QEMU was killed"))
	_, _, err = minimised(t, t.Context(), dir, unlimited, noVM)
	require.ErrorIs(t, err, errFound)
}

func TestMinimiseRefuses(t *testing.T) {
	dir := t.TempDir()
	refused := refusing(t, &dir, "minimise")
	refused("--time", exitUsage, "last", "--time=0s")
	refused("--time", exitUsage, "last", "--time=soon")
	refused("--max-boots a number from 1 on", exitUsage, "last", "--max-boots=0")

	path, text := refusesUnfit(t, &dir, "minimise", refused)
	require.NoError(t, os.WriteFile(path, text, 0o644))
	record := filepath.Join(dir, "r", "minimise.jsonl")
	require.NoError(t, os.WriteFile(record, []byte("{}\n"), 0o644))
	refused("minimise.jsonl: line 1", exitHarness, "last")
	require.NoError(t, os.WriteFile(record, []byte(`{"v":1,"type":"trial","plan":{}}`+"\n"), 0o644))
	refused("it does not say what is tried", exitHarness, "last")
}

// TestVMMinimise: a planted panic needs the two ops that reach and show it, and none of the others.
func TestVMMinimise(t *testing.T) {
	besideAnother(t)
	dir := t.TempDir()
	code, _, _ := brink(t, dir, "run", "seeded", "--kernel", "debian:6.12", "--set", "mode=panic", "--set", "at=30000", "--sizes", "20000,30000",
		"--max-boots", "0", "--accel", "tcg")
	require.Equal(t, exitFound, code)
	code, out, _ := brink(t, dir, "minimise", "last", "--max-boots", "9")
	require.Equal(t, exitFound, code)
	assert.Contains(t, out, "MINIMISED  seeded panic at 30,000 entries")
	ids, err := store.List(dir)
	require.NoError(t, err)
	r, err := store.LoadMinimised(filepath.Join(dir, ids[0]))
	require.NoError(t, err)
	require.NotNil(t, r)
	assert.Equal(t, []string{"load", "walk"}, opsOf(r.Plan))
	assert.Equal(t, 1, r.Plan.Steps[1].Reps)
	assert.Equal(t, "30000", r.Settings["at"], "without it the panic is not planted at this size")
	assert.Equal(t, []int{9, 2, 2}, []int{r.Boots, r.Confirmed, r.Confirming})
}
