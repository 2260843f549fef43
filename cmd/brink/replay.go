package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"brink/internal/bundle"
	"brink/internal/engine"
	"brink/internal/judge"
	"brink/internal/lab"
	"brink/internal/qemu"
	"brink/internal/scenario"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/scenarios"
)

type replayCmd struct {
	Bundle string `arg:"" help:"Archive that brink bundle made." type:"existingfile"`
	Times  int    `default:"1" help:"How often it is tried, each time in a fresh VM with another seed but for the first."`
}

// Help is printed below the flags.
func (replayCmd) Help() string {
	return `Checks every file of the bundle against its hash, boots the guest with all of brink's detectors, and compares what it shows
with the original: the signature, the op, the size and the timings. The record of it is a run of its own.

Exit codes: 0 REPRODUCED, 1 NOT REPRODUCED, 2 no usable bundle, 3 brink itself failed. (As run.sh, and unlike brink run.)`
}

// replay is a bundle taken apart.
type replay struct {
	app    *app
	dir    string // holds the bundle's files
	m      bundle.Manifest
	plan   trial.Plan
	spec   scenario.Spec
	folder *store.Run
	events []trial.Event
}

func (c *replayCmd) Run(a *app) error {
	if c.Times < 1 {
		return usagef("--times is a number from 1 on")
	}
	dir, err := os.MkdirTemp("", "brink-replay-")
	if err != nil {
		return fmt.Errorf("unpack bundle: %w", err)
	}
	defer os.RemoveAll(dir)
	r, err := openBundle(a, c.Bundle, dir)
	if err != nil {
		return err
	}
	local, err := r.prepare()
	if err != nil {
		return err
	}
	defer r.folder.Close()
	for range c.Times {
		if err := r.boot(local); err != nil {
			return err
		}
	}
	return r.conclude()
}

// openBundle unpacks and checks a bundle.
func openBundle(a *app, path, dir string) (*replay, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usageError{err}
	}
	defer f.Close()
	r := &replay{app: a, dir: dir}
	if r.m, err = bundle.Unpack(f, dir); errors.Is(err, bundle.ErrBroken) {
		return nil, usageError{fmt.Errorf("%s: %w", path, err)}
	} else if err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, usageError{fmt.Errorf("%s: %w", path, err)}
	}
	fmt.Fprintf(a.err, "%s: %d files, all hashes right\nto reproduce: %s\n", path, len(r.m.Files), r.m.Failure.Title)
	return r, nil
}

// check refuses a bundle that cannot be repeated here, whatever its hashes say.
func (r *replay) check() (err error) {
	if r.spec, err = scenarios.On(r.m.Scenario, r.m.Failure.Axis, r.m.Settings); err != nil {
		return err
	}
	axis, err := r.spec.Axis(r.m.Failure.Axis)
	if err == nil {
		_, err = axis.Sizes([]int64{r.m.Failure.Size})
	}
	if err != nil {
		return err
	}
	if err := guestOf(r.m.Machine).vm.Check(); err != nil {
		return err
	}
	if r.plan, err = readPlan(filepath.Join(r.dir, bundle.PlanFile)); err != nil {
		return err
	}
	if r.plan.Scenario != r.m.Scenario {
		return fmt.Errorf("its plan is of scenario %s and its manifest says %s", r.plan.Scenario, r.m.Scenario)
	}
	return nil
}

// prepare makes the machine and the kernel, from the bundle or by its recipe.
func (r *replay) prepare() (*lab.Local, error) {
	g, err := r.machine()
	if err != nil {
		return nil, err
	}
	if err := enoughMemory(g); err != nil {
		return nil, err
	}
	local := &lab.Local{Limits: lab.DefaultLimits(g.vm), Release: r.m.Kernel.Release, Build: r.m.Build}
	local.Initramfs, g.vm.Kernel = filepath.Join(r.dir, bundle.InitrdFile), filepath.Join(r.dir, bundle.KernelFile)
	g.vm.Cmdline = qemu.ReleaseArgs(r.m.Kernel.Release)
	if r.m.Recipe != nil {
		g.vm.Cmdline = nil // prepare adds it
		ready, err := r.app.prepareAgain(r.spec, r.m.Kernel, g)
		if err != nil {
			return nil, err
		}
		local.Build, local.Initramfs, g.vm = "", ready.initramfs, ready.vm
	}
	g.vm.NICs, g.vm.Disks = r.spec.NICs, r.spec.Disks
	local.VM = g.vm
	head := r.head(g)
	if r.folder, err = store.Create(r.app.results, head); err != nil {
		return nil, err
	}
	local.TrialDir, local.Snapshot = r.folder.TrialDir, filepath.Join(r.folder.Dir, "snapshot")
	fmt.Fprintf(r.app.err, "%s on %s, %s (%s), clock %s, %d MiB\nrun folder %s\n", r.spec.Name, r.m.Kernel.Name, g.vm.Accel, g.why,
		g.vm.Clock, g.vm.MemoryMB, r.folder.Dir)
	return local, nil
}

// machine is the one the failure was found on, or without KVM the next best if no times are compared.
func (r *replay) machine() (guest, error) {
	g, err := machineOf(r.m.Machine)
	g.vm.Without = r.m.Without
	if err == nil || r.m.Machine.Accel != string(qemu.KVM) || r.m.Failure.Expect.Clock {
		return g, err
	}
	m := r.m.Machine
	m.Accel, m.Clock, m.CPU = string(qemu.TCG), trial.ClockWall, ""
	if m.CPUs == 1 {
		m.Clock = trial.ClockICount
	}
	g, err2 := machineOf(m)
	g.why = err.Error()
	return g, err2
}

func (r *replay) head(g guest) trial.Run {
	m := g.record()
	m.Cmdline = g.vm.KernelCmdline()
	axis := r.m.Failure.Axis
	sizes := []int64{r.m.Failure.Size}
	for _, s := range r.plan.Steps {
		if s.Size > 0 && s.Size <= r.m.Failure.Size && !slices.Contains(sizes, s.Size) {
			sizes = append(sizes, s.Size)
		}
	}
	slices.Sort(sizes)
	return trial.Run{V: trial.Version, ID: time.Now().UTC().Format("20060102-150405") + store.ReplayMark + r.m.Scenario, Build: r.m.Build,
		Args: os.Args, Scenario: r.m.Scenario, Axis: axis, Sizes: sizes, Settings: r.m.Settings, Seed: r.plan.Seed, Seeded: r.m.Seeded,
		Start: string(trial.StartBoot), Replay: r.m.Run, Kernel: r.m.Kernel, Machine: m}
}

// tried counts the VMs so far.
func (r *replay) tried() (n int) {
	for _, e := range r.events {
		n = max(n, e.Trial)
	}
	return n
}

// boot tries it once.
func (r *replay) boot(local *lab.Local) error {
	head := r.folder.Head
	spec := r.spec.Scaled(head.Machine.Slowdown())
	show := newProgress(r.app.err, spec, head, r.events)
	defer show.close()
	var begun []trial.Event
	head.Seed += uint64(r.tried())
	run := engine.Engine{Spec: spec, Head: head, Executor: local, Record: r.folder,
		Before: r.tried(), Observe: func(e trial.Event) { begun = append(begun, e); show.event(e) }}
	outcome, err := run.Try(r.app.ctx, r.steps(), trial.Probe{Size: r.m.Failure.Size, What: r.m.Failure.What, Kind: r.m.Failure.Kind})
	r.events = append(r.events, begun...)
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("interrupted; the same command tries it again")
	}
	if err == nil && outcome.Kind == trial.Harness {
		err = fmt.Errorf("%w: %s", engine.ErrHarness, outcome.Text)
	}
	return err
}

// steps are the plan's, with deadlines that fit the machine it is repeated on.
func (r *replay) steps() []trial.Step {
	steps := slices.Clone(r.plan.Steps)
	for i := range steps {
		steps[i].Deadline = steps[i].Deadline * time.Duration(r.folder.Head.Machine.Slowdown()) / time.Duration(r.m.Machine.Slowdown())
	}
	return steps
}

// conclude compares what was seen with the original.
func (r *replay) conclude() error {
	head := r.folder.Head
	table := judge.Read(r.spec.Scaled(head.Machine.Slowdown()), head, r.events)
	f, o := r.m.Failure, r.m.Original
	seen := 0
	for _, p := range table.Probes {
		shows := p.Shows(f.What, f.Kind)
		if f.Kind == judge.Growth {
			shows = f.Expect.Grew(eventsOf(r.events, p.Trial))
		}
		if shows {
			seen++
		}
		fmt.Fprintf(r.app.out, "trial %d: %s\n", p.Trial, ended(p, shows))
		r.timings(p.Trial)
	}
	fmt.Fprintf(r.app.out, "original: %s of %s, run %s, trial %d: %s\n", f.Kind, f.What, r.m.Run, o.Trial, o.Outcome.Kind)
	if seen == 0 {
		fmt.Fprintln(r.app.out, notReproduced)
		return errFound
	}
	fmt.Fprintf(r.app.out, "%s in %d of %d VMs\n", reproduced, seen, len(table.Probes))
	return nil
}

// ended is one line on how a VM ended.
func ended(p judge.Probe, shows bool) string {
	text := string(p.Outcome.Kind)
	if p.Outcome.Text != "" {
		text += ": " + p.Outcome.Text
	}
	var others []string
	for _, g := range p.Findings {
		others = append(others, string(g.Kind)+" of "+g.What)
	}
	switch {
	case shows:
		return text + " (the same failure)"
	case len(others) > 0:
		return text + " (not the same: " + strings.Join(others, ", ") + ")"
	}
	return text + " (nothing failed)"
}

// timings puts the failing op's times beside the original's, where they are of one clock.
func (r *replay) timings(number int) {
	if r.folder.Head.Machine.Clock != r.m.Machine.Clock || r.folder.Head.Machine.Accel != r.m.Machine.Accel {
		return
	}
	old, now := r.m.Original.Samples, samplesOf(eventsOf(r.events, number), number, r.m.Failure.Expect)
	for i := range min(len(old), len(now)) {
		note := ""
		if r.m.Machine.Clock == trial.ClockICount && old[i].WallNS == now[i].WallNS {
			note = ", the same to the nanosecond"
		}
		fmt.Fprintf(r.app.out, "  %s: %s, originally %s, %.3f times%s\n", r.m.Failure.Op, judge.Duration(now[i].Wall()), judge.Duration(old[i].Wall()),
			float64(now[i].WallNS)/float64(max(1, old[i].WallNS)), note)
	}
}

func eventsOf(events []trial.Event, number int) []trial.Event {
	return slices.DeleteFunc(slices.Clone(events), func(e trial.Event) bool { return e.Trial != number })
}

// readPlan reads the plan of a bundle.
func readPlan(path string) (trial.Plan, error) {
	var p trial.Plan
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, fmt.Errorf("it has no %s", bundle.PlanFile)
	} else if err != nil {
		return p, err
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return p, fmt.Errorf("read plan: %w", err)
	}
	return p, p.Check()
}
