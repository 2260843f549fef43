package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/engine"
	"brink/internal/lab"
	"brink/internal/qemu"
	"brink/internal/scenario"
	"brink/internal/soak"
	"brink/internal/store"
	"brink/internal/trial"
)

func vms(n int) *int { return &n }

func number(x float64) *float64 { return &x }

// TestSoakFindsTheRate: the interval holds what was planted, every failure is told once, and what good VMs left is removed.
func TestSoakFindsTheRate(t *testing.T) {
	dir := racySoak(t, t.TempDir(), soakCmd{VMs: vms(4), For: 1500 * time.Millisecond, Life: 8 * time.Hour}, 1)
	kernel := &racy{rate: 0.2, second: 0.3, hour: 6 * time.Millisecond}
	out, errs, err := soaked(t, t.Context(), dir, kernel)
	require.ErrorIs(t, err, errFound)
	doc := soakOfDir(t, dir)
	a := doc.Arms[0]
	require.Greater(t, a.Rate.Failures, 20, "enough to say something")
	assert.Less(t, a.Rate.Low, 0.2*1.1)
	assert.Greater(t, a.Rate.High, 0.2*0.9)
	require.Len(t, a.Signatures, 2)
	assert.Equal(t, "panic:racy:mm", a.Signatures[0].Signature)
	assert.InDelta(t, 0.7, a.Signatures[0].Share, 0.35)
	assert.True(t, doc.Finished)
	assert.True(t, doc.Seeded)
	assert.True(t, doc.Exact)
	assert.Positive(t, a.Done["walk"])
	assert.Equal(t, map[string]string{"race": "planted"}, a.Facts)

	assert.Contains(t, out, "SEEDED: the failures are planted")
	assert.Contains(t, out, "FOUND (seeded)  a failure that comes now and then: ")
	assert.Contains(t, out, "oops:elsewhere:fs")
	assert.NotContains(t, out+errs, "\x1b")
	assert.Contains(t, errs, "failed after ")
	kept, err := os.ReadFile(filepath.Join(dir, "soak.txt"))
	require.NoError(t, err)
	assert.Equal(t, out, string(kept), "what was printed is kept")
	for _, name := range []string{"soak.json", "soak.jsonl", "report.json", "soak.svg", "soak.png"} {
		assert.FileExists(t, filepath.Join(dir, name))
	}

	seeds := map[uint64]bool{}
	for _, p := range kernel.plans {
		assert.False(t, seeds[p.Seed], "seed %d is used twice", p.Seed)
		seeds[p.Seed] = true
		require.NoError(t, p.Check())
	}
	good := 0
	for _, l := range doc.Results {
		folder := filepath.Join(dir, "trials", fmt.Sprintf("%03d", l.Ordinal))
		if l.Failure == nil {
			good++
			assert.NoDirExists(t, folder)
			continue
		}
		assert.FileExists(t, filepath.Join(folder, "events.jsonl"))
		require.NotNil(t, l.Outcome)
	}
	assert.Positive(t, good, "VMs whose life was over")
}

// TestSoakWithoutAFailure says below which rate it is.
func TestSoakWithoutAFailure(t *testing.T) {
	dir := racySoak(t, t.TempDir(), soakCmd{VMs: vms(2), For: time.Second}, 1)
	out, _, err := soaked(t, t.Context(), dir, &racy{hour: 10 * time.Millisecond})
	require.NoError(t, err)
	assert.Contains(t, out, "no failure: below ")
	assert.Contains(t, out, "per VM-hour with 95% confidence")
	doc := soakOfDir(t, dir)
	r := doc.Arms[0].Rate
	assert.InEpsilon(t, 3.0/r.Hours, r.Bound, 0.01)
	assert.Greater(t, r.Hours, 50.0)
	assert.Equal(t, 2, doc.Arms[0].VMs)
	assert.NoDirExists(t, filepath.Join(dir, "trials", "001"))
}

// TestSoakBelow stops as soon as the rate is known to be below, or above, what was asked.
func TestSoakBelow(t *testing.T) {
	for name, c := range map[string]struct {
		rate float64
		want soak.Verdict
		err  error
	}{"below": {0, soak.Below, nil}, "above": {50, soak.Above, errFound}} {
		t.Run(name, func(t *testing.T) {
			dir := racySoak(t, t.TempDir(), soakCmd{VMs: vms(2), For: time.Minute, Below: number(1)}, 1)
			out, _, err := soaked(t, t.Context(), dir, &racy{rate: c.rate, hour: 10 * time.Millisecond})
			if c.err == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, c.err)
			}
			doc := soakOfDir(t, dir)
			assert.Equal(t, c.want, doc.Verdict, doc.Why)
			assert.Less(t, doc.ElapsedNS, doc.ForNS)
			assert.True(t, doc.Finished)
			assert.False(t, doc.Exact)
			assert.Contains(t, out, "VERDICT")
			_, _, errs := cmdline(t, "--results", filepath.Dir(dir), "resume", filepath.Base(dir), "--for", "2h")
			assert.Contains(t, errs, "its question is answered, and more time does not change that")
			assert.Equal(t, doc, soakOfDir(t, dir))
		})
	}
}

// TestSoakAgainst says which of two kernels is better.
func TestSoakAgainst(t *testing.T) {
	bad, good := func() *racy { return &racy{rate: 5, hour: 10 * time.Millisecond} }, func() *racy { return &racy{rate: 0.05, hour: 10 * time.Millisecond} }
	for name, c := range map[string]struct {
		a, b engine.Executor
		want soak.Verdict
		err  error
	}{"better": {bad(), good(), soak.Better, nil}, "worse": {good(), bad(), soak.Worse, errFound}} {
		t.Run(name, func(t *testing.T) {
			dir := racySoak(t, t.TempDir(), soakCmd{VMs: vms(4), For: time.Minute}, 2)
			out, _, err := soaked(t, t.Context(), dir, c.a, c.b)
			if c.err == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, c.err)
			}
			doc := soakOfDir(t, dir)
			assert.Equal(t, c.want, doc.Verdict, doc.Why)
			require.NotNil(t, doc.Versus)
			assert.LessOrEqual(t, doc.Versus.P, 0.05)
			assert.Contains(t, out, "A: debian:6.1  ")
			assert.Contains(t, out, "B: debian:6.12  ")
			assert.Contains(t, out, "VERDICT (seeded)  B is "+name+" than A")
		})
	}
	t.Run("undecided", func(t *testing.T) {
		dir := racySoak(t, t.TempDir(), soakCmd{VMs: vms(2), For: time.Second}, 2)
		out, _, err := soaked(t, t.Context(), dir, &racy{hour: 10 * time.Millisecond}, &racy{hour: 10 * time.Millisecond})
		require.NoError(t, err)
		assert.Contains(t, out, "longer     ")
		assert.Contains(t, out, "--for TIME")
	})
}

// TestSoakGoesOn: it is interrupted and killed, no VM's number is used twice, and no VM time is lost or counted twice.
func TestSoakGoesOn(t *testing.T) {
	root := t.TempDir()
	dir := racySoak(t, root, soakCmd{VMs: vms(2), For: 2 * time.Second}, 1)
	ctx, stop := context.WithTimeout(t.Context(), 700*time.Millisecond)
	defer stop()
	cut, cancel := context.WithCancel(t.Context())
	context.AfterFunc(ctx, cancel)
	kernel := &racy{rate: 0.2, hour: 10 * time.Millisecond}
	out, _, err := soaked(t, cut, dir, kernel)
	require.ErrorContains(t, err, "interrupted; `brink resume 20260102-030405-seeded-soak` goes on")
	assert.Contains(t, out, "not finished: brink resume ")
	before := soakOfDir(t, dir)
	assert.False(t, before.Finished)
	assert.False(t, before.Exact, "who stopped it may have seen how it stood")
	assert.Contains(t, before.Why, before.rate(before.Arms[0].Rate))
	assert.Positive(t, before.Arms[0].Rate.Hours)

	// A VM that ran when brink was killed: it counts up to where it was last written down.
	text, err := os.ReadFile(filepath.Join(dir, "soak.jsonl"))
	require.NoError(t, err)
	last := before.Results[len(before.Results)-1].Result
	last.Ordinal, last.Failure, last.Partial, last.Time = last.Ordinal+5, nil, true, 40*time.Hour
	folder, err := store.OpenSoak(dir)
	require.NoError(t, err)
	require.NoError(t, folder.Append(store.SoakLine{Result: last}))
	left, err := folder.TrialDir(last.Ordinal + 1)
	require.NoError(t, err)
	require.NoError(t, folder.Close())
	path := filepath.Join(dir, "soak.jsonl")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(whole, text[:20]...), 0o644), "a torn line")

	_, _, err = soaked(t, t.Context(), dir, kernel)
	require.ErrorIs(t, err, errFound)
	after := soakOfDir(t, dir)
	assert.True(t, after.Finished)
	assert.True(t, after.Exact)
	assert.NoDirExists(t, left)
	hours, ordinals := 0.0, map[int]bool{}
	for i, l := range after.Results {
		hours += l.Time.Hours()
		assert.False(t, ordinals[l.Ordinal])
		ordinals[l.Ordinal] = true
		if i < len(before.Results) {
			assert.Equal(t, before.Results[i].Result, l.Result)
		} else if l.Ordinal != last.Ordinal {
			assert.Greater(t, l.Ordinal, last.Ordinal+1, "its folder was there")
		}
	}
	assert.InDelta(t, hours, after.Arms[0].Rate.Hours, 0.001)
	assert.Greater(t, hours, before.Arms[0].Rate.Hours+40)
	assert.InDelta(t, float64(2*time.Second), float64(after.ElapsedNS), float64(300*time.Millisecond))
}

// TestSoakEndsAVMThatOnlyWarned: the kernel goes on after a warning, the VM does not.
func TestSoakEndsAVMThatOnlyWarned(t *testing.T) {
	dir := racySoak(t, t.TempDir(), soakCmd{VMs: vms(2), For: time.Second}, 1)
	_, _, err := soaked(t, t.Context(), dir, &racy{rate: 1, warns: true, hour: 10 * time.Millisecond})
	require.ErrorIs(t, err, errFound)
	doc := soakOfDir(t, dir)
	assert.Greater(t, doc.Arms[0].Rate.Failures, 5)
	assert.Equal(t, "warning:racy:mm", doc.Arms[0].Signatures[0].Signature)
	assert.Equal(t, "racy", doc.Arms[0].Signatures[0].Function)
}

// TestSoakNamesARefusal by its op and its errno, where no report of the kernel does.
func TestSoakNamesARefusal(t *testing.T) {
	dir := racySoak(t, t.TempDir(), soakCmd{VMs: vms(1), For: time.Second}, 1)
	_, _, err := soaked(t, t.Context(), dir, &racy{rate: 1, refuses: true, hour: 10 * time.Millisecond})
	require.ErrorIs(t, err, errFound)
	assert.Equal(t, "op-error:walk:EIO", soakOfDir(t, dir).Arms[0].Signatures[0].Signature)
}

// TestSoakWithHarnessFaults: it is no result, and counts no time.
func TestSoakWithHarnessFaults(t *testing.T) {
	dir := racySoak(t, t.TempDir(), soakCmd{VMs: vms(1), For: time.Minute}, 1)
	out, errs, err := soaked(t, t.Context(), dir, &racy{fault: true})
	require.ErrorIs(t, err, soak.ErrHarness)
	require.NotErrorIs(t, err, errFound)
	assert.ErrorContains(t, err, "`brink resume 20260102-030405-seeded-soak` goes on")
	assert.Contains(t, errs, "trial 1: harness fault, which counts as nothing: QEMU was killed")
	doc := soakOfDir(t, dir)
	assert.Equal(t, 3, doc.Arms[0].Harness)
	assert.Zero(t, doc.Arms[0].Rate.Hours)
	assert.Contains(t, out, "3 more lost to harness faults")
}

// TestSoakOfWhatCannotBeDone: only the guest could tell; it is told once, as wrong usage.
func TestSoakOfWhatCannotBeDone(t *testing.T) {
	dir := racySoak(t, t.TempDir(), soakCmd{VMs: vms(1), For: time.Minute}, 1)
	kernel := &racy{unfit: true}
	out, _, err := soaked(t, t.Context(), dir, kernel)
	var usage usageError
	require.ErrorAs(t, err, &usage)
	assert.ErrorContains(t, err, "the guest has none")
	assert.Empty(t, out)
	assert.Len(t, kernel.plans, 1)
}

// TestSoakVariesTheMachine: with the instruction clock, VMs whose random numbers are the same would all do the same.
func TestSoakVariesTheMachine(t *testing.T) {
	s := &soaking{folder: &store.Soak{}}
	for clock, want := range map[trial.Clock][]uint32{trial.ClockICount: {1, 7, 8}, trial.ClockWall: {0, 0, 0}} {
		vm := qemu.Config{Clock: clock}
		if clock == trial.ClockICount {
			vm.Seed = 1
		}
		s.arms = nil
		s.add(scenario.Spec{}, trial.Run{}, prepared{guest: guest{vm: vm}})
		for i, seed := range []uint64{0, 7, 8} {
			local, ok := s.arms[0].executor(seed).(*lab.Local)
			require.True(t, ok)
			assert.Equal(t, want[i], local.VM.Seed, "%s, seed %d", clock, seed)
		}
	}
}

// TestSoakTimeOfAFailure: the fleet knows the age at which a VM failed as soon as it knows that it did.
func TestSoakTimeOfAFailure(t *testing.T) {
	told := &toldTimes{}
	l := &soakLifetime{load: "grow", told: told, stop: func() {}, after: time.Hour}
	defer l.close()
	for _, e := range []trial.Event{
		{Type: trial.EventHello, Hello: &trial.Hello{PrintkNS: 1}},
		{Type: trial.EventBegin, Op: "grow", GuestNS: 2e9},
		{Type: trial.EventKernel, GuestNS: 9e9, Failure: &trial.Failure{Kind: trial.Warning, Signature: "w"}},
	} {
		require.NoError(t, l.take(e))
	}
	assert.Equal(t, []time.Duration{0, 7 * time.Second}, told.passed)
	assert.Equal(t, 2, told.before, "and not after it")
}

// toldTimes notes what a VM tells.
type toldTimes struct {
	passed []time.Duration
	before int // how often, before it failed
}

func (t *toldTimes) Passed(d time.Duration) { t.passed = append(t.passed, d) }
func (t *toldTimes) Failed(soak.Failure)    { t.before = len(t.passed) }

func TestSoakOnTheCommandLine(t *testing.T) {
	root := t.TempDir()
	dir := racySoak(t, root, soakCmd{VMs: vms(2), For: time.Second}, 1)
	out, _, err := soaked(t, t.Context(), dir, &racy{rate: 1, hour: 10 * time.Millisecond})
	require.ErrorIs(t, err, errFound)
	id := filepath.Base(dir)
	brink := func(want int, args ...string) string {
		t.Helper()
		code, out, errs := cmdline(t, append([]string{"--results", root}, args...)...)
		assert.Equal(t, want, code, errs)
		return out + errs
	}
	for _, name := range []string{id, "20260102-03", dir} {
		assert.Equal(t, out, brink(exitGood, "show", name))
	}
	var doc soakDocument
	require.NoError(t, json.Unmarshal([]byte(brink(exitGood, "show", id, "--json")), &doc))
	assert.Equal(t, soakFormat, doc.Format)
	assert.Equal(t, soakOfDir(t, dir).Arms[0].Rate, doc.Arms[0].Rate)
	assert.Contains(t, brink(exitGood, "runs"), id+"  soak of 2 VMs for 1s on debian:6.1\n")
	assert.Contains(t, brink(exitFound, "resume", id), "is finished already")
	assert.Contains(t, brink(exitUsage, "resume", id, "--for", "1s"), "the soak has 1s already, give more")
	assert.Contains(t, brink(exitUsage, "show", id, "--ramp", "walk"), "a soak has one size")
	assert.Contains(t, brink(exitUsage, "report", id), "this is a soak and no run")
	assert.Contains(t, brink(exitUsage, "resume", "nonsense", "--for", "1h"), "--for is for a soak")
}

func TestSoakThatIsRefused(t *testing.T) {
	for args, want := range map[string]string{
		"nonsense":                               "`brink list` shows them",
		"seeded --vms 0":                         "--vms 0: give at least 1",
		"seeded --vms=-1":                        "--vms -1: give at least 1",
		"seeded --vms 1 --against debian:6.1":    "--vms 1: give at least 2",
		"seeded --vms many":                      "many",
		"seeded --for 0s":                        "--for 0s: give how long it shall last",
		"seeded --for=-1m":                       "--for -1m0s: give how long",
		"seeded --for long":                      "long",
		"seeded --life=-1m":                      "--life -1m0s",
		"seeded --below=-1":                      "--below -1: give failures per VM-hour",
		"seeded --below 0":                       "--below 0: give failures per VM-hour",
		"seeded --within 0":                      "--within 0: give a number above 1",
		"seeded --below NaN":                     "makes no sense",
		"seeded --within 1":                      "makes no sense",
		"seeded --within 2 --below 1":            "one question at a time",
		"seeded --against debian:6.1 --below 1":  "one question at a time",
		"seeded --against debian:6.12":           "both halves are the same",
		"seeded --size 0":                        "choose sizes from 1 to",
		"seeded --axis peers":                    "it has entries",
		"seeded --set one-in=0":                  "choose 1 to",
		"seeded --set one-in=2 --against-set x=": "unknown option",
		"seeded --memory 9999999M --accel tcg":   "this machine has",
	} {
		code, out, errs := cmdline(t, append([]string{"soak"}, strings.Fields(args)...)...)
		if strings.Contains(args, "memory") {
			assert.Equal(t, exitHarness, code, args)
		} else {
			assert.Equal(t, exitUsage, code, args)
		}
		assert.Empty(t, out)
		assert.Contains(t, errs, want, args)
	}
}
