package main

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/engine"
	"brink/internal/explain"
	"brink/internal/qemu"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/internal/vmtest"
	"brink/internal/wire"
	"brink/scenarios/seeded"
)

// costlyVM is an executor without a VM in which walk takes so long.
type costlyVM time.Duration

func (v costlyVM) Trial(_ context.Context, plan trial.Plan, _ trial.Start, record func(trial.Event) error) (trial.Outcome, error) {
	facts := trial.Event{Type: trial.EventFact, Trial: plan.Trial, Name: "cpuinfo", Text: "aes avx sse4_2"}
	if err := record(facts); err != nil {
		return trial.Outcome{}, err
	}
	for i, s := range plan.Steps {
		e := trial.Event{Type: trial.EventEnd, Trial: plan.Trial, Step: i, Kind: s.Kind, Size: s.Size, Op: s.Op, Untimed: s.Untimed}
		for range s.Reps {
			sample := trial.Sample{Count: 1, WallNS: 1000}
			if s.Op == "walk" && s.Size >= plantedAt {
				sample.WallNS = int64(v) + int64(plan.Seed%3)*1000
			}
			e.Samples = append(e.Samples, sample)
		}
		if err := record(e); err != nil {
			return trial.Outcome{}, err
		}
	}
	return trial.Outcome{Kind: trial.Completed}, nil
}

// costlyRun makes a run folder in which walk is over its budget, with an option that is not at its default.
func costlyRun(t *testing.T, dir, cpu string) {
	t.Helper()
	spec := seeded.Spec()
	settings, err := spec.Settings(map[string]string{"at": "30000"})
	require.NoError(t, err)
	folder, err := store.Create(dir, trial.Run{V: trial.Version, ID: "r", Build: wire.Build, Scenario: spec.Name, Axis: "entries",
		Sizes: []int64{20_000, plantedAt}, Settings: settings, Seed: 1, Seeded: true, Start: "auto",
		Kernel:  trial.Kernel{Name: "debian:6.12", Release: "6.12.1", Hash: "own"},
		Machine: trial.Machine{Accel: "tcg", Clock: trial.ClockICount, MemoryMB: 1024, CPUs: 1, CPU: cpu}})
	require.NoError(t, err)
	defer folder.Close()
	e := engine.Engine{Spec: spec, Head: folder.Head, Executor: costlyVM(100 * time.Millisecond), Record: folder}
	require.NoError(t, e.Run(t.Context(), nil))
}

// slowly runs the command with executors that take so long, by the arm's name; "" stands for all others.
func slowly(t *testing.T, dir string, c explainCmd, took map[string]time.Duration) (out, errs string) {
	t.Helper()
	out, errs, err := explainedBy(t, t.Context(), dir, c, func(s *explain.Setup) (engine.Executor, error) {
		d, ok := took[s.Name]
		if !ok {
			d = took[""]
		}
		return costlyVM(d), nil
	})
	require.ErrorIs(t, err, errFound)
	return out, errs
}

func TestExplainFeature(t *testing.T) {
	dir := t.TempDir()
	costlyRun(t, dir, "max")
	const ms = time.Millisecond
	took := map[string]time.Duration{"": 100 * ms, "without aes": 230 * ms, "at=40000": 2 * ms, "at=40000 without avx": 100 * ms, "at=40000 without movbe": 2 * ms}
	c := explainCmd{Repeat: 3, MaxBoots: 12, Only: []string{"setting", "environment"}, Features: []string{"avx", "aes", "movbe"}}
	_, errs := slowly(t, dir, c, took)
	assert.Contains(t, errs, "stopped after 12 VMs")
	assert.NotContains(t, explanation(t, dir).Features, "avx")

	c.MaxBoots = 100
	out, errs := slowly(t, dir, c, took)
	assert.Contains(t, errs, "environment, option at=40000 instead of 30000, and CPU without AVX (2 of 2)")
	assert.Contains(t, out, "class environment: feature AVX: without AVX the healthy guest (option at=40000 instead of 30000) has walk 100 ms, with it 2.00 ms")
	assert.Contains(t, out, "does not change without AVX (factor 1.00) and MOVBE (factor 1.00); it does without AES (factor 2.30); its cpuinfo says avx")
	assert.Regexp(t, `CPU without AES +230 ms +factor 2\.30`, out)
	x := explanation(t, dir)
	assert.Equal(t, []string{"avx"}, x.Features)
	assert.True(t, x.Proven, x.Why)
	assert.Equal(t, 22, x.Boots, "same, memory twice, vCPUs not, option: 3 each; features: 3 and 2 with 2 each")

	c.Repeat = 4
	slowly(t, dir, c, took)
	assert.Equal(t, x.Boots+4, explanation(t, dir).Boots, "of numbers two are enough")
}

func TestExplainLeftOutFeature(t *testing.T) {
	dir := t.TempDir()
	costlyRun(t, dir, "max,-avx")
	c := explainCmd{Repeat: 3, MaxBoots: 100, Only: []string{"environment"}, Features: []string{"avx", "aes"}}
	out, _ := slowly(t, dir, c, map[string]time.Duration{"": 100 * time.Millisecond, "with avx": 2 * time.Millisecond})
	assert.Contains(t, out, "class environment: CPU with AVX again: 0 of 3 fail, without that 3 of 3")
	assert.Contains(t, out, "walk 2.00 ms, without that walk 100 ms: factor 0.02")
	assert.Equal(t, []string{"avx"}, explanation(t, dir).Features)
}

func TestExpansion(t *testing.T) {
	script, err := expansion("max,-avx,+fma,movbe=off,pmu=on,stepping=3")
	require.NoError(t, err)
	assert.Contains(t, string(script), `"model":{"name":"max","props":{"avx":false,"fma":true,"movbe":false,"pmu":true}}`)

	has, err := parseExpansion([]byte(`{"QMP": {"version": {}}}` + "\r\n" + `{"return": {}}` + "\r\n" +
		`{"return": {"model": {"name": "max", "props": {"avx": false, "aes": true, "stepping": 3}}}}` + "\r\n" + `{"return": {}}` + "\n"))
	require.NoError(t, err)
	assert.Equal(t, map[string]bool{"avx": false, "aes": true}, has)

	for text, want := range map[string]string{"": "names no feature", "{": "parse QEMU's answer", `{"return": {}}`: "names no feature",
		`{"error": {"class": "GenericError", "desc": "CPU definition 'x' not found"}}`: "it says CPU definition 'x' not found"} {
		_, err := parseExpansion([]byte(text))
		assert.ErrorContains(t, err, want, text)
	}
}

// TestVMFeatures asks the QEMU of this machine.
func TestVMFeatures(t *testing.T) {
	vmtest.Require(t)
	binary, err := exec.LookPath(qemuName)
	require.NoError(t, err)
	c := qemu.Config{Binary: binary, Accel: qemu.TCG}
	for cpu, avx := range map[string]bool{"max": true, "max,-avx": false, "qemu64": false} {
		has, err := featuresOf(t.Context(), c, cpu)
		require.NoError(t, err, cpu)
		assert.Equal(t, avx, has["avx"], cpu)
		assert.Contains(t, has, "pclmulqdq", cpu)
	}
	_, err = featuresOf(t.Context(), c, "no-such")
	assert.ErrorContains(t, err, "ask QEMU what CPU no-such has")
}
