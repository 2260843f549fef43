package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"brink/internal/engine"
	"brink/internal/judge"
	"brink/internal/lab"
	"brink/internal/plain"
	"brink/internal/scenario"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/internal/wire"
)

// plainHeartbeat is how often the agent reports while the script runs, in guest time.
const plainHeartbeat = 5 * time.Second

// plainTries is how often a VM that was lost to a harness fault is started anew.
const plainTries = 3

// verification runs a script in fresh VMs.
type verification struct {
	app    *app
	dir    string // of the run
	head   trial.Run
	script plain.Script
	// expects is what the kernel may say without failing.
	expects []scenario.Expect
	record  *os.File
	trials  int
	// executor runs the trials.
	executor engine.Executor
}

// verify runs the script in VMs with the run's kernel and machine, and keeps the verdict in the run folder.
func (a *app) verify(dir string, head trial.Run, spec scenario.Spec, s plain.Script) (plain.Verdict, error) {
	ready, err := a.prepareScript(head, spec, s)
	if err != nil {
		return plain.Verdict{}, err
	}
	v := &verification{app: a, dir: dir, head: head, script: s, expects: spec.Expects}
	v.executor = v.localVMs(ready)
	if err := v.open(); err != nil {
		return plain.Verdict{}, err
	}
	defer v.record.Close()
	verdict, err := v.judge()
	if err != nil {
		return verdict, err
	}
	verdict = describe(verdict, head, ready, fmt.Sprintf("%x", sha256.Sum256([]byte(s.Text))))
	text, err := json.MarshalIndent(verdict, "", "  ")
	if err != nil {
		return verdict, err
	}
	return verdict, store.WriteFile(filepath.Join(dir, plainDir, plainVerdict), append(text, '\n'))
}

// prepareScript gets the run's kernel and machine, and an initramfs with the script's tools.
func (a *app) prepareScript(head trial.Run, spec scenario.Spec, s plain.Script) (prepared, error) {
	if err := checkTools(s.Tools); err != nil {
		return prepared{}, err
	}
	g, err := machineOf(head.Machine)
	if err != nil {
		return prepared{}, err
	}
	spec.Tools = slices.Concat(spec.Tools, s.Tools)
	ready, err := a.prepareAgain(spec, head.Kernel, g)
	return ready, err
}

// toolPackage is Debian's package with a program that scripts call, empty if it is not known.
func toolPackage(tool string) string {
	return map[string]string{"sh": "dash", "ip": "iproute2", "bridge": "iproute2", "wg": "wireguard-tools", "awk": "mawk",
		"insmod": "kmod", "echo": "coreutils"}[tool]
}

// checkTools looks for the programs on this machine, from which the guest gets them.
func checkTools(tools []string) error {
	for _, tool := range tools {
		found := slices.ContainsFunc([]string{"", "/usr/local/sbin", "/usr/sbin", "/sbin"}, func(dir string) bool {
			_, err := exec.LookPath(filepath.Join(dir, tool))
			return err == nil
		})
		if found {
			continue
		}
		if name := toolPackage(tool); name != "" {
			return fmt.Errorf("no %s on this machine, which the script needs in the guest: install Debian's package %s", tool, name)
		}
		return fmt.Errorf("no %s on this machine, which the script needs in the guest: install it", tool)
	}
	return nil
}

// open empties the record of an earlier verification.
func (v *verification) open() error {
	base := filepath.Join(v.dir, plainDir)
	if err := os.RemoveAll(filepath.Join(base, plainTrialDir)); err != nil {
		return fmt.Errorf("remove old trials: %w", err)
	}
	var err error
	if v.record, err = os.Create(filepath.Join(base, plainEvents)); err != nil {
		return fmt.Errorf("keep record: %w", err)
	}
	return nil
}

// localVMs runs the trials on this machine.
func (v *verification) localVMs(p prepared) *lab.Local {
	return &lab.Local{VM: p.vm, Initramfs: p.initramfs, Release: p.kernel.Release, Limits: lab.DefaultLimits(p.vm),
		TrialDir: func(n int) (string, error) {
			dir := filepath.Join(v.dir, v.folder(n))
			return dir, os.MkdirAll(dir, 0o755)
		}}
}

// folder is that of a trial, in the run folder.
func (v *verification) folder(n int) string {
	return filepath.Join(plainDir, plainTrialDir, fmt.Sprintf("%03d", n))
}

// judge runs the script at its size, and at a safe one where that is needed.
func (v *verification) judge() (plain.Verdict, error) {
	broken, err := v.run(v.script.Size)
	if err != nil {
		return plain.Verdict{}, err
	}
	verdict := v.script.Judge(broken, nil)
	if !v.script.NeedsSafe() || !v.script.Shown(broken) {
		return verdict, nil
	}
	safe, err := v.run(v.script.Safe)
	if err != nil {
		return plain.Verdict{}, err
	}
	return v.script.Judge(broken, &safe), nil
}

// run runs the script once, in a fresh VM. What a harness fault spoils is tried again.
func (v *verification) run(size int64) (plain.Run, error) {
	for try := 1; ; try++ {
		got, err := v.try(size)
		switch {
		case err != nil:
			return got, err
		case got.Outcome != trial.Harness:
			return got, nil
		case try == plainTries:
			return got, fmt.Errorf("%d VMs were lost, the last one to: %s", try, got.Text)
		}
	}
}

func (v *verification) try(size int64) (plain.Run, error) {
	v.trials++
	plan := trial.Plan{V: trial.Version, Run: v.head.ID, Trial: v.trials, Scenario: scenario.PlainScenario, Axis: v.head.Axis,
		Seed: v.head.Seed, Settings: v.script.Settings(), Clock: v.head.Machine.Clock, Heartbeat: plainHeartbeat,
		Detectors: v.head.Machine.Detectors(), Expects: v.expects, Steps: v.script.Steps(size)}
	plan.Detectors.StuckTask = 0 // a script may wait for long; the deadline of its op tells
	start := time.Now()
	fmt.Fprintf(v.app.err, "verify: %s %s in a fresh VM\n", judge.Count(size), v.head.Axis)
	var events []trial.Event
	keep := func(e trial.Event) error {
		e.V, e.Host, e.Trial = trial.Version, time.Now().UTC(), plan.Trial
		events = append(events, e)
		return wire.Write(v.record, e)
	}
	if err := keep(trial.Event{Type: trial.EventTrial, Step: -1, Plan: &plan, Start: trial.StartBoot}); err != nil {
		return plain.Run{}, err
	}
	end, err := v.executor.Trial(v.app.ctx, plan, trial.StartBoot, keep)
	if err == nil {
		err = keep(trial.Event{Type: trial.EventOutcome, Step: -1, Outcome: &end})
	}
	if err != nil {
		if v.app.ctx.Err() != nil {
			return plain.Run{}, errors.New("interrupted; the same command tries again")
		}
		return plain.Run{}, err
	}
	got := plain.Watch(size, events, end, v.folder(plan.Trial))
	fmt.Fprintf(v.app.err, "verify: %s %s: %s (%v)\n", judge.Count(size), v.head.Axis, got.Seen(), time.Since(start).Round(time.Second))
	return got, nil
}
