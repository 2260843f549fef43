package bundle

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/summary"
	"brink/internal/trial"
)

func finding(f judge.Finding, console ...string) summary.Finding {
	out := summary.Finding{Finding: f}
	for _, text := range console {
		out.Console = append(out.Console, summary.Line{Text: text})
	}
	return out
}

func ramp(medians ...int64) summary.Summary {
	op := summary.Op{Name: "walk", Expected: "O(n)", BudgetNS: 1000, PerUnitNS: 10}
	for i, ns := range medians {
		op.Points = append(op.Points, summary.Point{Size: 10 << i, MedianNS: ns})
	}
	return summary.Summary{Machine: trial.Machine{CPUs: 1}, Ops: []summary.Op{op}}
}

func TestExpectOf(t *testing.T) {
	for name, c := range map[string]struct {
		f    summary.Finding
		s    summary.Summary
		want Expect
	}{
		"panic": {finding(judge.Finding{Kind: trial.Panic, Op: "walk", Broken: 40, Function: "f"}, "[    1.5] Kernel panic - not syncing: at 0xffff8880 (7)"),
			ramp(), Expect{Kind: trial.Panic, Op: "walk", Size: 40, Function: "f", Headline: []string{"*Kernel panic - not syncing*", "*Kernel panic - not syncing: at * (*)*"}}},
		"warning of its own wording": {finding(judge.Finding{Kind: trial.Warning, Broken: 40, Function: "f"}, "[    1.5] BUG: scheduling while atomic: init/133/0x00000002"),
			ramp(), Expect{Kind: trial.Warning, Size: 40, Function: "f", Headline: []string{"*WARNING: *", "*BUG: scheduling while atomic: init/*/**"}}},
		"kernel error": {finding(judge.Finding{Kind: trial.KernelError, Broken: 40}, "<3>[    1.5] wireguard: kthread_run failed with err -11"),
			ramp(), Expect{Kind: trial.KernelError, Size: 40, Headline: []string{"*wireguard: kthread_run failed with err -**"}}},
		"over budget": {finding(judge.Finding{Kind: judge.Budget, What: "walk", Op: "walk", Broken: 40}), ramp(),
			Expect{Kind: judge.Budget, Op: "walk", Size: 40, BaseNS: 1000, UnitNS: 10, Clock: true}},
		"slow canary": {finding(judge.Finding{Kind: judge.Budget, What: "canary rtnl", Broken: 40}), ramp(),
			Expect{Kind: judge.Budget, Size: 40, Canary: "rtnl", BaseNS: int64(judge.CanaryBudget), Clock: true}},
		"dead canary": {finding(judge.Finding{Kind: trial.OpRefused, What: "canary fork", Broken: 40, Signature: "op-error:canary-fork:EAGAIN"}), ramp(),
			Expect{Kind: trial.OpRefused, Size: 40, Canary: "fork", Errno: "EAGAIN"}},
		"refused": {finding(judge.Finding{Kind: trial.OpRefused, What: "walk", Op: "walk", Broken: 40, Signature: "op-error:walk:ENOMEM"}), ramp(),
			Expect{Kind: trial.OpRefused, Op: "walk", Size: 40, Errno: "ENOMEM"}},
		"late": {finding(judge.Finding{Kind: trial.Deadline, Op: "walk", Broken: 40, Function: "f"}), ramp(),
			Expect{Kind: trial.Deadline, Op: "walk", Size: 40, Function: "f", Clock: true}},
		"silent": {finding(judge.Finding{Kind: trial.HardLockup, Op: "walk", Broken: 40, Function: "f"}), ramp(),
			Expect{Kind: trial.HardLockup, Op: "walk", Size: 40, Silent: true}},
		"hard lockup that others see": {finding(judge.Finding{Kind: trial.HardLockup, Op: "walk", Broken: 40, Function: "f"}), summary.Summary{Machine: trial.Machine{CPUs: 2}},
			Expect{Kind: trial.HardLockup, Op: "walk", Size: 40, Function: "f", Headline: []string{"*hard LOCKUP*"}}},
		"growth": {finding(judge.Finding{Kind: judge.Growth, Op: "walk", Broken: 9999}), ramp(100, 400, 1600),
			Expect{Kind: judge.Growth, Op: "walk", Small: 10, Size: 40, Factor: 8000, Clock: true}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ExpectOf(c.f, c.s)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestNoReproducer(t *testing.T) {
	for name, c := range map[string]struct {
		f summary.Finding
		s summary.Summary
	}{
		"growth that two sizes do not show": {finding(judge.Finding{Kind: judge.Growth, Op: "walk"}), ramp(100, 200, 400)},
		"growth of one size":                {finding(judge.Finding{Kind: judge.Growth, Op: "walk"}), ramp(100)},
		"an op that is not there":           {finding(judge.Finding{Kind: judge.Budget, Op: "gone", What: "gone"}), ramp()},
		"a limit on a signal":               {finding(judge.Finding{Kind: judge.OverLimit, Op: "walk", What: "livelock"}), ramp(100, 200)},
		"nothing to look for":               {finding(judge.Finding{Kind: trial.KernelError}), ramp()},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ExpectOf(c.f, c.s)
			require.ErrorIs(t, err, ErrNoReproducer)
		})
	}
}

func TestChoose(t *testing.T) {
	steps := []trial.Step{{Kind: trial.StepOp, Size: 10, Op: "walk"}, {Kind: trial.StepOp, Size: 20, Op: "walk"}, {Kind: trial.StepOp, Size: 40, Op: "walk"}}
	events := []trial.Event{
		{Type: trial.EventTrial, Trial: 1, Plan: &trial.Plan{Trial: 1, Steps: steps}},
		{Type: trial.EventTrial, Trial: 2, Plan: &trial.Plan{Trial: 2, Seed: 7, Steps: steps[1:2]}},
	}
	f := finding(judge.Finding{What: "x", Kind: trial.Panic, Broken: 20, Trial: 1})
	got, err := Choose(f, Expect{Size: 20}, events, nil)
	require.NoError(t, err)
	assert.Equal(t, 1, got.Trial)
	assert.Equal(t, steps[:2], got.Plan.Steps, "the ladder's trial, cut behind the size")
	assert.Len(t, steps, 3)

	probes := []judge.Probe{{Trial: 3, Size: 20}, {Trial: 2, Size: 20, Findings: []judge.Finding{f.Finding}}}
	got, err = Choose(f, Expect{Size: 20}, events, probes)
	require.NoError(t, err)
	assert.Equal(t, Chosen{2, *events[1].Plan}, got, "a fresh VM has less before it")

	events[1].Plan.Expects = []scenario.Expect{{Kind: "oom", Has: "constraint=CONSTRAINT_MEMCG"}, {Kind: "kernel-error", Has: "nbd0"}}
	_, err = Choose(f, Expect{Size: 20}, events, probes)
	require.NoError(t, err, "a panic is none of those")
	oom := finding(judge.Finding{What: "x", Kind: trial.OOM, Broken: 20, Trial: 2})
	_, err = Choose(oom, Expect{Size: 20}, events, nil)
	require.ErrorIs(t, err, ErrNoReproducer, "each VM has an OOM kill")
	_, err = Choose(finding(judge.Finding{What: "x", Kind: trial.KernelError, Broken: 20, Trial: 2}), Expect{Size: 20}, events, nil)
	require.NoError(t, err, "is known by its own words")

	f.Trial = 9
	_, err = Choose(f, Expect{Size: 20}, events, nil)
	require.ErrorIs(t, err, ErrNoReproducer)
}

func TestGrew(t *testing.T) {
	sample := func(size, ns int64) trial.Event {
		return trial.Event{Op: "walk", Size: size, Samples: []trial.Sample{{WallNS: ns}}}
	}
	e := Expect{Op: "walk", Small: 10, Size: 40, Factor: 8000}
	assert.True(t, e.Grew([]trial.Event{sample(10, 100), sample(20, 400), sample(40, 801)}))
	assert.False(t, e.Grew([]trial.Event{sample(10, 100), sample(40, 800)}))
	assert.False(t, e.Grew([]trial.Event{sample(40, 801)}))
}
