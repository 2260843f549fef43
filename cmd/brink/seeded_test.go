package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/trial"
	"brink/internal/vmtest"
	"brink/scenarios/seeded"
)

// seededKernels are the kernels of the table; each is resolved to what the archive has now.
var seededKernels = []string{"debian:5.10", "debian:6.1", "debian:6.12", "debian:newest"}

// plantedAt is the size at which the failures are planted. The ladder must bracket it exactly; growth needs a longer one.
const plantedAt = 40_000

func ladderOf(mode string) string {
	if mode == "linear" || mode == "quadratic" {
		return "2500,5000,10000,20000,40000,80000"
	}
	return "20000,39999,40000"
}

// planted is what brink must say of a mode.
type planted struct {
	kind     trial.Kind
	op       string // the finding's What where that is no signature
	function string // the guilty one
	hang     bool   // named within a minute of guest time; all others within five seconds of the host's
}

var plantedKinds = map[string]planted{
	"none":         {},
	"linear":       {}, // as its spec expects
	"quadratic":    {kind: judge.Growth, op: "walk"},
	"knee":         {kind: judge.Budget, op: "walk"},
	"panic":        {kind: trial.Panic, function: "seeded_panic"},
	"oops":         {kind: trial.Oops, function: "seeded_oops"},
	"gpf":          {kind: trial.Oops, function: "seeded_gpf"},
	"bug":          {kind: trial.Oops, function: "seeded_bug"},
	"corruption":   {kind: trial.Oops, function: "seeded_corruption"},
	"warn":         {kind: trial.Warning, function: "seeded_warn"},
	"atomic-sleep": {kind: trial.Warning, function: "seeded_atomic_sleep"},
	"soft-lockup":  {kind: trial.SoftLockup, function: "seeded_soft_lockup", hang: true},
	"hard-lockup":  {kind: trial.HardLockup, function: "seeded_hard_lockup", hang: true},
	"rcu-stall":    {kind: trial.RCUStall, function: "seeded_rcu_stall", hang: true},
	"hung-task":    {kind: trial.HungTask, function: "seeded_hung_task", hang: true},
	"leak":         {kind: trial.OOM},
	"errno":        {kind: trial.OpRefused, op: "walk"},
	"error-line":   {kind: trial.KernelError},
	"sleep":        {kind: trial.Deadline, op: "walk", function: "seeded_sleep", hang: true},
	"kill":         {kind: trial.WorkerKilled},
	"triple-fault": {kind: trial.VMDied},
	"zombie":       {kind: trial.StuckTask, function: "seeded_zombie", hang: true},
	"port":         {kind: trial.StuckTask, hang: true},
}

func TestEverySeededModeIsInTheTable(t *testing.T) {
	for _, mode := range seeded.Modes {
		assert.Contains(t, plantedKinds, mode)
	}
	assert.Len(t, plantedKinds, len(seeded.Modes))
}

// TestVMSeeded is the table of planted failures x kernels. It prints what was seen.
func TestVMSeeded(t *testing.T) {
	vmtest.Require(t)
	nameAgent(t)
	var mu sync.Mutex
	seen := map[string]map[string]string{}
	t.Cleanup(func() { t.Log("\n" + seededTable(seen)) })
	for i, mode := range seeded.Modes {
		for j, kernel := range seededKernels {
			if i%len(seededKernels) != j && os.Getenv("BRINK_CONTROLS") != "all" {
				continue // everything takes long: each mode on one kernel, unless asked for all
			}
			t.Run(mode+"/"+kernel, func(t *testing.T) {
				t.Parallel()
				text := plantAndFind(t, mode, kernel)
				mu.Lock()
				defer mu.Unlock()
				fmt.Fprintf(os.Stderr, "%-13s %-14s %s\n", mode, kernel, text) // it takes long: show how far it is
				if seen[mode] == nil {
					seen[mode] = map[string]string{}
				}
				seen[mode][kernel] = text
			})
		}
	}
}

// plantAndFind runs one mode on one kernel, checks what brink says, and returns a cell of the table.
func plantAndFind(t *testing.T, mode, kernel string) string {
	dir := t.TempDir()
	var out, errs bytes.Buffer
	code := run(context.Background(), []string{"--results", dir, "run", "seeded", "--kernel", kernel, "--set", "mode=" + mode,
		"--set", fmt.Sprintf("at=%d", plantedAt), "--sizes", ladderOf(mode), "--max-boots", "0", "--accel", "tcg"}, &out, &errs)
	want := plantedKinds[mode]
	_, events := record(t, dir)
	found := table(t, dir).Findings()
	if want.kind == "" {
		assert.Equal(t, exitGood, code, "%s%s", errs.String(), out.String())
		assert.Empty(t, found)
		return "no alarm"
	}
	require.Equal(t, exitFound, code, "%s%s", errs.String(), out.String())
	require.Len(t, found, 1, "one cause, one finding: %s", out.String())
	f := found[0]
	cell := fmt.Sprintf("%s %s", f.Kind, f.Function)
	assert.Equal(t, want.kind, f.Kind, out.String())
	if want.function != "" {
		assert.Equal(t, want.function, f.Function, out.String())
	}
	if want.op != "" {
		assert.Equal(t, want.op, f.What)
	}
	if f.Kind != judge.Growth {
		assert.Equal(t, int64(plantedAt-1), f.Safe, out.String())
		assert.Equal(t, int64(plantedAt), f.Broken, out.String())
	}
	assert.True(t, f.Seeded)
	assert.Contains(t, out.String(), "SEEDED")
	host, guest := timeToVerdict(events)
	switch {
	case want.hang && guest == 0: // the guest's clock stands still: nothing of it runs
		assert.Less(t, host, 2*time.Minute, "host time to the verdict")
	case want.hang:
		assert.Less(t, guest, time.Minute, "guest time to the verdict")
		return fmt.Sprintf("%s (%.0f s guest)", cell, guest.Seconds())
	case f.Kind != judge.Budget && f.Kind != judge.Growth && f.Kind != trial.OOM:
		assert.Less(t, host, 5*time.Second, "host time to the verdict")
	}
	return fmt.Sprintf("%s (%.1f s)", cell, host.Seconds())
}

// TestVMThresholdOfAPlantedPanic lets brink find the size by itself.
func TestVMThresholdOfAPlantedPanic(t *testing.T) {
	besideAnother(t)
	dir := t.TempDir()
	code, out, _ := brink(t, dir, "run", "seeded", "--kernel", "debian:6.12", "--set", "mode=panic", "--sizes", "16384,32768,65536",
		"--max-boots", "40", "--accel", "tcg")
	assert.Equal(t, exitFound, code)
	found := table(t, dir).Findings()
	require.Len(t, found, 1, out)
	f := found[0]
	require.NotNil(t, f.Search)
	assert.Less(t, f.Safe, int64(plantedAt))
	assert.GreaterOrEqual(t, f.Broken, int64(plantedAt))
	assert.LessOrEqual(t, float64(f.Broken-f.Safe), 0.02*float64(f.Safe))
	assert.LessOrEqual(t, f.Search.Boots, 12)
	assert.Contains(t, out, "threshold found")
	for _, name := range []string{"walk.svg", "walk.png"} {
		assert.FileExists(t, filepath.Join(dir, table(t, dir).Head.ID, "ramps", name))
	}
}

// timeToVerdict is the time from the begin of the step that failed to the moment it was known: by the host's clock,
// captures left out, and by the guest's as far as it goes on.
func timeToVerdict(events []trial.Event) (host, guest time.Duration) {
	var begin, end trial.Event
	var captures time.Duration
	for _, e := range events {
		for _, c := range e.Captures {
			captures += time.Duration(c.TookMS) * time.Millisecond
		}
		switch e.Type {
		case trial.EventBegin:
			begin, end, captures = e, trial.Event{}, 0
		case trial.EventKernel, trial.EventDeadline, trial.EventStuck, trial.EventOpError, trial.EventWorker, trial.EventOutcome:
			if end.Type == "" {
				end = e
				end.Host = e.Host.Add(-captures) // what comes before the outcome is the capture
			}
			if e.GuestNS > 0 && guest == 0 {
				guest = time.Duration(e.GuestNS - begin.GuestNS)
			}
			if e.Failure != nil && guest == 0 {
				guest = time.Duration(stamp(e.Failure.Text)*1e9) - time.Duration(begin.GuestNS)
			}
		}
	}
	return end.Host.Sub(begin.Host), guest
}

// stamp reads the time of a console text's first line, in seconds since boot.
func stamp(text string) (seconds float64) {
	_, _ = fmt.Sscanf(strings.TrimLeft(text, "[ "), "%f]", &seconds)
	return seconds
}

func seededTable(seen map[string]map[string]string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "planted\t%s\n", strings.Join(seededKernels, "\t"))
	for _, mode := range seeded.Modes {
		if seen[mode] != nil {
			fmt.Fprint(w, mode)
			for _, k := range seededKernels {
				fmt.Fprintf(w, "\t%s", seen[mode][k])
			}
			fmt.Fprintln(w)
		}
	}
	w.Flush()
	return b.String()
}
