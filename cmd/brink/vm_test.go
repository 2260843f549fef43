package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/internal/vmtest"
	"brink/scenarios"
)

// TestMain lets the test binary be brink itself, so that tests can kill it.
func TestMain(m *testing.M) {
	if os.Getenv("BRINK_TEST_MAIN") == "1" {
		main()
	}
	os.Exit(m.Run())
}

// noSearch leaves a ramp at its ladder, unless it says otherwise: most tests are about something else.
func noSearch(args []string) []string {
	if args[0] == "run" && !slices.Contains(args, "--max-boots") {
		args = append(slices.Clone(args), "--max-boots", "0")
	}
	return args
}

// besideAnother is vmtest.Require for a test whose VMs have the instruction clock: each takes one CPU and measures the
// same whatever else the host does, so that two such tests run at a time. A test that looks at the host's clock, changes
// the environment or loads the host runs alone.
func besideAnother(t *testing.T) {
	t.Helper()
	vmtest.Require(t)
	t.Parallel()
}

// nameAgent names the agent in the environment: t.Setenv is not for tests that run at the same time, and for them all it
// is the same.
func nameAgent(t *testing.T) {
	t.Helper()
	require.NoError(t, os.Setenv("BRINK_AGENT", vmtest.Agent(t)))
}

// brink runs a command line in this process with its runs in dir.
func brink(t *testing.T, dir string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	nameAgent(t)
	var out, errs bytes.Buffer
	code = run(context.Background(), append([]string{"--results", dir}, noSearch(args)...), &out, &errs)
	t.Logf("brink %s: exit %d\n%s%s", strings.Join(args, " "), code, errs.String(), out.String())
	return code, out.String(), errs.String()
}

// record returns the record of the only run in dir.
func record(t *testing.T, dir string) (trial.Run, []trial.Event) {
	t.Helper()
	ids, err := store.List(dir)
	require.NoError(t, err)
	require.Len(t, ids, 1)
	head, events, err := store.Load(filepath.Join(dir, ids[0]))
	require.NoError(t, err)
	return head, events
}

// table returns what the only run in dir measured.
func table(t *testing.T, dir string) *judge.Table {
	t.Helper()
	head, events := record(t, dir)
	spec, err := scenarios.Find(head.Scenario)
	require.NoError(t, err)
	return judge.Read(spec, head, events)
}

// requireComplete checks that every op has samples at every size.
func requireComplete(t *testing.T, tab *judge.Table) {
	t.Helper()
	for i, n := range tab.Sizes {
		for _, op := range tab.Spec.Ops {
			if op.Name == "grow" && i == 0 {
				continue
			}
			c := tab.Cell(n, op.Name)
			require.NotNil(t, c, "%s at %d", op.Name, n)
			assert.Len(t, c.Samples, op.Reps, "%s at %d", op.Name, n)
			for _, s := range c.Samples {
				assert.Positive(t, s.WallNS, "%s at %d", op.Name, n)
			}
		}
	}
}

func TestVMRampOnEachKernel(t *testing.T) {
	vmtest.Require(t)
	for _, ref := range []string{"debian:5.10", "debian:6.1", "debian:6.12", "debian:newest", "debian:6.1/amd64"} {
		t.Run(ref, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			code, out, _ := brink(t, dir, "run", "wireguard", "--kernel", ref, "--sizes", "64,128", "--accel", "tcg")
			assert.Contains(t, []int{exitGood, exitFound}, code)
			requireComplete(t, table(t, dir))
			assert.Contains(t, out, "run folder: ")
			head, events := record(t, dir)
			for _, e := range events {
				if e.Type == trial.EventHello {
					assert.Equal(t, head.Kernel.Release, e.Hello.Release)
				}
			}
		})
	}
}

func TestVMSameSeedGivesTheSameNanoseconds(t *testing.T) {
	besideAnother(t)
	measure := func(seed string) []trial.Event {
		dir := t.TempDir()
		brink(t, dir, "run", "wireguard", "--kernel", "debian:newest", "--sizes", "64,512", "--clock", "icount", "--seed", seed)
		var ends []trial.Event
		_, events := record(t, dir)
		for _, e := range events {
			if e.Type == trial.EventEnd {
				e.Host = time.Time{}
				ends = append(ends, e)
			}
		}
		require.NotEmpty(t, ends)
		return ends
	}
	first := measure("1")
	assert.Equal(t, first, measure("1"))
	assert.NotEqual(t, first, measure("2"))
}

func TestVMOptions(t *testing.T) {
	besideAnother(t)
	dir := t.TempDir()
	brink(t, dir, "run", "wireguard", "--kernel", "debian:newest", "--sizes", "64,128", "--set", "allowed-ips=3",
		"--set", "ipv6=0.5", "--set", "private-key=false", "--set", "devices=3", "--accel", "tcg")
	tab := table(t, dir)
	assert.Equal(t, trial.Completed, tab.Ends[0].Outcome.Kind)
	for _, op := range []string{"load", "grow", "lookup", "dump", "delete", "jit"} {
		_, ok := tab.Cell(128, op).Median()
		assert.True(t, ok, op)
	}
	assert.NotEmpty(t, tab.Cell(128, "handshake").Skipped, "a device without a key cannot shake hands")
}

func TestVMCloneMeasuresToo(t *testing.T) {
	vmtest.Require(t)
	for _, clock := range []string{"icount", "wall"} {
		t.Run(clock, func(t *testing.T) {
			dir := t.TempDir()
			brink(t, dir, "run", "wireguard", "--kernel", "debian:6.12", "--sizes", "64", "--start", "clone", "--clock", clock, "--accel", "tcg")
			tab := table(t, dir)
			requireComplete(t, tab)
			assert.Equal(t, trial.StartClone, tab.Ends[0].Start)
			assert.NoDirExists(t, filepath.Join(dir, tab.Head.ID, "snapshot"))
		})
	}
}

func TestVMMemoryRunsOut(t *testing.T) {
	besideAnother(t)
	dir := t.TempDir()
	code, out, _ := brink(t, dir, "run", "wireguard", "--kernel", "debian:6.12", "--sizes", "64,65536", "--memory", "200M", "--accel", "tcg")
	assert.Equal(t, exitFound, code)
	tab := table(t, dir)
	last := tab.Ends[len(tab.Ends)-1].Outcome
	assert.Contains(t, []trial.Kind{trial.OOM, trial.Panic}, last.Kind)
	assert.Equal(t, int64(65536), last.Size)
	assert.Equal(t, "grow", last.Op)
	assert.Contains(t, out, "safe up to 64 peers")
}

func TestVMGuestThatCannotBoot(t *testing.T) {
	vmtest.Require(t)
	agent := filepath.Join(t.TempDir(), "agent")
	require.NoError(t, os.WriteFile(agent, []byte("not a program"), 0o755))
	t.Setenv("BRINK_AGENT", agent)
	var out, errs bytes.Buffer
	dir := t.TempDir()
	code := run(context.Background(), []string{"--results", dir, "run", "wireguard", "--kernel", "debian:6.12", "--sizes", "64", "--accel", "tcg"}, &out, &errs)
	assert.Equal(t, exitHarness, code, errs.String())
	assert.Empty(t, out.String(), "a harness fault makes no report")
}

// start runs brink as a process of its own.
func start(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"--results", dir}, noSearch(args)...)...)
	cmd.Env = append(os.Environ(), "BRINK_TEST_MAIN=1", "BRINK_AGENT="+vmtest.Agent(t))
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd
}

// waitFor waits until the record in dir shows what is asked for.
func waitFor(t *testing.T, dir string, done func(trial.Event) bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		ids, _ := store.List(dir)
		if len(ids) == 0 {
			return false
		}
		_, events, _ := store.Load(filepath.Join(dir, ids[0]))
		for _, e := range events {
			if done(e) {
				return true
			}
		}
		return false
	}, 3*time.Minute, 50*time.Millisecond)
}

func beginsDump(size int64) func(trial.Event) bool {
	return func(e trial.Event) bool { return e.Type == trial.EventBegin && e.Op == "dump" && e.Size == size }
}

// qemus returns the QEMU processes that brink process pid started.
func qemus(pid int) []int {
	var pids []int
	files, _ := filepath.Glob("/proc/[0-9]*/status")
	for _, file := range files {
		text, _ := os.ReadFile(file)
		status := string(text)
		if strings.HasPrefix(status, "Name:\tqemu") && strings.Contains(status, fmt.Sprintf("\nPPid:\t%d\n", pid)) {
			n, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			pids = append(pids, n)
		}
	}
	return pids
}

// midRamp starts brink and waits until it is in the middle of its second size; vm is its QEMU's pid.
func midRamp(t *testing.T) (dir string, cmd *exec.Cmd, vm int) {
	t.Helper()
	dir = t.TempDir()
	cmd = start(t, dir, "run", "wireguard", "--kernel", "debian:newest", "--sizes", "64,128,256", "--accel", "tcg")
	waitFor(t, dir, beginsDump(128))
	vms := qemus(cmd.Process.Pid)
	require.Len(t, vms, 1)
	return dir, cmd, vms[0]
}

// requireOnce checks that nothing was measured twice.
func requireOnce(t *testing.T, dir string) {
	t.Helper()
	_, events := record(t, dir)
	seen := map[string]int{}
	for _, e := range events {
		if e.Type == trial.EventEnd && e.Kind == trial.StepOp && !e.Untimed {
			seen[fmt.Sprint(e.Op, " at ", e.Size)]++
		}
	}
	for what, n := range seen {
		assert.Equal(t, 1, n, what)
	}
}

func TestVMKilledBrinkResumes(t *testing.T) {
	vmtest.Require(t)
	dir, cmd, vm := midRamp(t)
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	require.Eventually(t, func() bool { return syscall.Kill(vm, 0) == syscall.ESRCH }, 10*time.Second, 10*time.Millisecond,
		"QEMU outlives brink")

	code, out, _ := brink(t, dir, "resume", "last")
	assert.Contains(t, []int{exitGood, exitFound}, code)
	assert.Contains(t, out, "run folder: ")
	requireComplete(t, table(t, dir))
	requireOnce(t, dir)

	code, _, _ = brink(t, dir, "resume", "last")
	assert.Contains(t, []int{exitGood, exitFound}, code, "nothing is left to do")
}

func TestVMKilledQEMUIsNoFinding(t *testing.T) {
	vmtest.Require(t)
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} { // QEMU catches the second, and says so
		t.Run(signal.String(), func(t *testing.T) { killedQEMU(t, signal) })
	}
}

func killedQEMU(t *testing.T, signal syscall.Signal) {
	dir, cmd, vm := midRamp(t)
	require.NoError(t, syscall.Kill(vm, signal))
	_ = cmd.Wait()
	tab := table(t, dir)
	require.Len(t, tab.Ends, 2)
	assert.Equal(t, trial.Harness, tab.Ends[0].Outcome.Kind)
	assert.Equal(t, trial.Completed, tab.Ends[1].Outcome.Kind)
	requireComplete(t, tab)
	requireOnce(t, dir)
	for _, f := range tab.Findings() {
		assert.Equal(t, judge.Budget, f.Kind)
	}
}

func TestVMInterruptLeavesAResumableRun(t *testing.T) {
	vmtest.Require(t)
	dir := t.TempDir()
	cmd := start(t, dir, "run", "wireguard", "--kernel", "debian:newest", "--sizes", "64,128", "--accel", "tcg")
	waitFor(t, dir, beginsDump(64))
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait()
	assert.Equal(t, exitHarness, cmd.ProcessState.ExitCode())
	code, _, _ := brink(t, dir, "resume", "last")
	assert.Contains(t, []int{exitGood, exitFound}, code)
	requireComplete(t, table(t, dir))
}
