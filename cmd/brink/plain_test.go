package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/plain"
	"brink/internal/scenario"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/scenarios"
)

func TestPlainPrintsTheScript(t *testing.T) {
	dir := t.TempDir()
	plantedRun(t, dir, 20_000, plantedAt)
	code, out, errs := cmdline(t, "--results", dir, "plain", "--no-verify")
	require.Equal(t, exitGood, code, errs)
	assert.Contains(t, out, "#!/bin/sh\n")
	assert.Contains(t, out, "n=${1:-40000}\n")
	assert.Contains(t, out, "tell plan panic 40000")
	kept, err := os.ReadFile(filepath.Join(dir, "r", plainDir, plainScript))
	require.NoError(t, err)
	assert.Equal(t, out, string(kept))

	file := filepath.Join(dir, "x.sh")
	code, out, errs = cmdline(t, "--results", dir, "plain", "r", "--no-verify", "-o", file, "--size", "50000")
	require.Equal(t, exitGood, code, errs)
	assert.Empty(t, out)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(text), "n=${1:-50000}\n")
}

func TestPlainUsage(t *testing.T) {
	dir, healthy := t.TempDir(), t.TempDir()
	plantedRun(t, dir, 20_000, plantedAt)
	plantedRun(t, healthy, 10_000, 20_000)
	for _, c := range []struct{ dir, arg, want string }{
		{dir, "--finding=2", "has findings 1 to 1"},
		{dir, "--finding=-1", "has findings 1 to 1"},
		{dir, "--size=0x", "--size"},
		{dir, "--size=99000000", "outside the axis entries"},
		{dir, "nonsense", "no such run"},
		{healthy, "r", "found no failure"},
	} {
		code, out, errs := cmdline(t, "--results", c.dir, "plain", "--no-verify", c.arg)
		assert.Equal(t, exitUsage, code, c.arg)
		assert.Contains(t, errs, c.want, c.arg)
		assert.Empty(t, out, c.arg)
	}
}

// TestPlainWithoutScript: what a run found may have none; the user is told which findings have one.
func TestPlainWithoutScript(t *testing.T) {
	dir := t.TempDir()
	plantedRun(t, dir, 20_000, plantedAt)
	head, err := os.ReadFile(filepath.Join(dir, "r", "run.json"))
	require.NoError(t, err)
	head = bytes.Replace(head, []byte(`"mode": "panic"`), []byte(`"mode": "leak"`), 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "r", "run.json"), head, 0o644))
	for _, args := range [][]string{{"plain"}, {"plain", "--finding", "1"}} {
		code, out, errs := cmdline(t, append([]string{"--results", dir}, args...)...)
		assert.Equal(t, exitUsage, code)
		assert.Contains(t, errs, "no plain script: that for walk (one walk over a list of entries) does not know mode=leak")
		assert.Empty(t, out)
	}
	_, _, errs := cmdline(t, "--results", dir, "plain", "--finding", "1")
	assert.Contains(t, errs, "no finding of this run has one")
}

func TestPlainNamesTheMissingPackage(t *testing.T) {
	require.NoError(t, checkTools([]string{"sh"}))
	assert.ErrorContains(t, checkTools([]string{"sh", "no-such-tool"}), "no no-such-tool on this machine")
	for _, spec := range scenarios.All() {
		for _, p := range spec.Plain {
			for _, tool := range p.Tools {
				assert.NotEmpty(t, toolPackage(tool), "%s of %s", tool, spec.Name)
			}
		}
	}
}

// scriptVM is an executor without a VM: what the script of each size ends with.
type scriptVM struct {
	ends   map[int64]trial.Outcome
	faults int // VMs that are lost first
	plans  []trial.Plan
}

func (x *scriptVM) Trial(_ context.Context, plan trial.Plan, _ trial.Start, record func(trial.Event) error) (trial.Outcome, error) {
	x.plans = append(x.plans, plan)
	if len(x.plans) <= x.faults {
		return trial.Outcome{Kind: trial.Harness, Text: "QEMU was killed"}, nil
	}
	end, ok := x.ends[plan.Steps[0].Size]
	e := trial.Event{Type: trial.EventEnd, Op: scenario.PlainOp, Text: "fine\n"}
	if !ok {
		return trial.Outcome{Kind: trial.Completed}, record(e)
	}
	if end.Kind == trial.OpRefused {
		e.Type, e.Err = trial.EventOpError, &trial.OpError{Message: end.Text}
		return end, record(e)
	}
	return end, nil
}

// verified judges a script of a finding of walk with an executor that needs no VM.
func verified(t *testing.T, f judge.Finding, x *scriptVM) (plain.Verdict, error) {
	t.Helper()
	dir := t.TempDir()
	plantedRun(t, dir, 20_000, plantedAt)
	head, _, err := store.Load(filepath.Join(dir, "r"))
	require.NoError(t, err)
	spec, err := specOf(head)
	require.NoError(t, err)
	script, err := plain.Render(spec, f, "", 0, head.Settings, head.Kernel.Release)
	require.NoError(t, err)
	require.NoError(t, keepScript(filepath.Join(dir, "r"), script))
	a := &app{ctx: t.Context(), out: &bytes.Buffer{}, err: &bytes.Buffer{}, log: slog.New(slog.DiscardHandler)}
	v := &verification{app: a, dir: filepath.Join(dir, "r"), head: head, script: script, executor: x,
		expects: []scenario.Expect{{Kind: "kernel-error", Has: "said by every guest"}}}
	require.NoError(t, v.open())
	defer v.record.Close()
	verdict, err := v.judge()
	record, readErr := os.ReadFile(filepath.Join(dir, "r", plainDir, plainEvents))
	require.NoError(t, readErr)
	for line := range bytes.Lines(record) {
		_, parseErr := trial.ParseEvent(line)
		assert.NoError(t, parseErr)
	}
	return verdict, err
}

func TestVerifyRunsTheSafeSizeToo(t *testing.T) {
	slow := judge.Finding{What: "walk", Op: "walk", Kind: judge.Budget, Safe: 1000, Broken: 2000}
	failed := trial.Outcome{Kind: trial.OpRefused, Text: "FAILED: walk at 2000 entries: 50 ms, limit 6 ms"}
	x := &scriptVM{ends: map[int64]trial.Outcome{2000: failed}, faults: 2}
	v, err := verified(t, slow, x)
	require.NoError(t, err)
	assert.True(t, v.Verified, v.Text)
	require.Len(t, x.plans, 4, "two were lost, one failed, one was safe")
	assert.Equal(t, int64(1000), x.plans[3].Steps[0].Size)
	assert.Equal(t, "plain/trials/004", v.Runs[1].Folder)
	for _, p := range x.plans {
		assert.NoError(t, p.Check())
		assert.Equal(t, "said by every guest", p.Expects[0].Has)
		assert.Contains(t, p.Settings[scenario.PlainScript], "#!/bin/sh")
	}

	x = &scriptVM{ends: map[int64]trial.Outcome{2000: failed, 1000: failed}}
	v, err = verified(t, slow, x)
	require.NoError(t, err)
	assert.False(t, v.Verified, "it fails at any size")

	x = &scriptVM{}
	v, err = verified(t, slow, x)
	require.NoError(t, err)
	assert.False(t, v.Verified)
	assert.Len(t, x.plans, 1, "what does not fail where it should needs no second VM")
}

func TestVerifyGivesUpOnLostVMs(t *testing.T) {
	_, err := verified(t, judge.Finding{What: "walk", Op: "walk", Kind: judge.Budget, Broken: 2000}, &scriptVM{faults: 9})
	assert.ErrorContains(t, err, "3 VMs were lost, the last one to: QEMU was killed")
}

// TestVMPlain lets the script of a planted failure show it, without brink's own code for the scenario.
func TestVMPlain(t *testing.T) {
	besideAnother(t)
	dir := t.TempDir()
	code, _, _ := brink(t, dir, "run", "seeded", "--kernel", "debian:6.12", "--set", "mode=oops", "--set", "at=2000", "--sizes", "1000,2000", "--accel", "tcg")
	require.Equal(t, exitFound, code)
	file := filepath.Join(dir, "x.sh")
	code, _, errs := brink(t, dir, "plain", "last", "-o", file)
	require.Equal(t, exitGood, code)
	assert.Contains(t, errs, "\nverified: saw oops:seeded_oops:seeded\n")
	head, _ := record(t, dir)
	base := filepath.Join(dir, head.ID, plainDir)
	var v plain.Verdict
	text, err := os.ReadFile(filepath.Join(base, plainVerdict))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &v))
	assert.True(t, v.Verified)
	assert.Equal(t, []string{head.ID, head.Kernel.Hash, "tcg"}, []string{v.Run, v.Kernel.Hash, v.Machine.Accel})
	script, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprintf("%x", sha256.Sum256(script)), v.Script, "it is of this very script")

	code, _, errs = brink(t, dir, "plain", "last", "-o", file, "--size", "1500")
	assert.Equal(t, exitFound, code, "it must not be called verified where nothing fails")
	assert.Contains(t, errs, "not verified: saw no failure instead of oops:seeded_oops:seeded")
}

// TestVMPlainTools does the same with the tools of the host in the guest, and with an op that is only too slow.
func TestVMPlainTools(t *testing.T) {
	besideAnother(t)
	dir := t.TempDir()
	code, _, _ := brink(t, dir, "run", "wireguard", "--kernel", "debian:6.12", "--sizes", "16,512", "--accel", "tcg", "--clock", "icount")
	require.Equal(t, exitFound, code)
	code, out, errs := brink(t, dir, "plain", "last")
	assert.Equal(t, exitGood, code)
	assert.Contains(t, out, "ip link del dev $dev")
	head, _ := record(t, dir)
	var v plain.Verdict
	text, err := os.ReadFile(filepath.Join(dir, head.ID, plainDir, plainVerdict))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &v))
	require.Len(t, v.Runs, 2)
	for _, r := range v.Runs {
		assert.Contains(t, r.Output, "now: delete\n", "what it printed is on record")
		console, err := os.ReadFile(filepath.Join(dir, head.ID, r.Folder, "console.log"))
		require.NoError(t, err)
		assert.Contains(t, string(console), "script: now: delete")
	}
	assert.Regexp(t, `(?m)^verified: saw FAILED: delete at 512 peers: \d+ ms, limit 1512 ms, and at 16 no failure$`, errs)
}
