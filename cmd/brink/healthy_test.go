package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/trial"
	"brink/internal/vmtest"
)

// healthyBoots is how many guests the negative control boots: 30 when asked for everything.
func healthyBoots() int {
	if os.Getenv("BRINK_CONTROLS") == "all" {
		return 30
	}
	return 6
}

// loadHost keeps the host busy with n processes until the test ends.
func loadHost(t *testing.T, n int) {
	t.Helper()
	for range n {
		cmd := exec.Command("sh", "-c", "while :; do :; done")
		require.NoError(t, cmd.Start())
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	}
}

// TestVMHealthyKernelsRaiseNoAlarm is the negative control: healthy kernels on a host that has twice as much to do as it
// can, by both clocks, with one and two CPUs.
func TestVMHealthyKernelsRaiseNoAlarm(t *testing.T) {
	vmtest.Require(t)
	nameAgent(t)
	loadHost(t, 4)
	machines := [][]string{{"--clock", "icount"}, {"--clock", "wall"}, {"--clock", "wall", "--cpus", "2"}}
	for i := range healthyBoots() {
		kernel, machine := seededKernels[i%len(seededKernels)], machines[i%len(machines)]
		t.Run(fmt.Sprint(i, kernel, machine), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var out, errs bytes.Buffer
			args := append([]string{"--results", dir, "run", "wireguard", "--kernel", kernel, "--sizes", "32", "--max-boots", "0", "--accel", "tcg"}, machine...)
			code := run(context.Background(), args, &out, &errs)
			assert.Contains(t, []int{exitGood, exitFound}, code, errs.String())
			_, events := record(t, dir)
			for _, e := range events {
				assert.NotContains(t, []trial.EventType{trial.EventKernel, trial.EventCapture, trial.EventStuck}, e.Type, out.String())
				if e.Outcome != nil {
					assert.Equal(t, trial.Completed, e.Outcome.Kind, e.Outcome.Text)
				}
			}
			for _, f := range table(t, dir).Findings() {
				assert.Equal(t, judge.Budget, f.Kind, "a device that is slow to delete is no alarm: %s", f.Text)
			}
		})
	}
}
