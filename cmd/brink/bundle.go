package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"brink/internal/bundle"
	"brink/internal/judge"
	"brink/internal/lab"
	"brink/internal/minimise"
	"brink/internal/qemu"
	"brink/internal/store"
	"brink/internal/summary"
	"brink/internal/trial"
	"brink/internal/wire"
)

type bundleCmd struct {
	RunID   string `arg:"" name:"run" default:"last" help:"Run: folder, ID, beginning of an ID, or last."`
	Output  string `short:"o" help:"The archive; by default brink-RUN.tar.zst in the current folder." placeholder:"FILE" type:"path"`
	Finding int    `help:"Which of the run's findings, counted from 1 as the report lists them; by default the one whose threshold was searched." placeholder:"N"`
	Recipe  bool   `help:"Name kernel and modules with their hashes instead of holding them; get.sh gets them from Debian's packages."`
	NoTry   bool   `help:"Do not run the reproducer once before it is packed."`
}

// Help is printed below the flags.
func (bundleCmd) Help() string {
	return `Packs the reproducer of a finding: the kernel and the initramfs that show it at the broken size, the run's record and
reports, and run.sh, which needs nothing but QEMU. It is run once before it is packed, and what it said is in README.txt.

Exit codes: 0 packed, 1 packed though its own run.sh did not reproduce the failure, 2 nothing to pack, 3 brink itself failed.`
}

// packing is a bundle in the making.
type packing struct {
	app      *app
	dir      string // of the run
	head     trial.Run
	table    *judge.Table
	doc      summary.Summary
	finding  summary.Finding
	chosen   bundle.Chosen
	manifest bundle.Manifest
	small    *minimise.Result // what brink minimise left of it, nil if that was not asked for
	stage    string
}

func (c *bundleCmd) Run(a *app) error {
	p, err := c.open(a)
	if err != nil {
		return err
	}
	path := c.Output
	if path == "" {
		path = "brink-" + p.head.ID + ".tar.zst"
	}
	if err := checkOutput(path); err != nil {
		return err
	}
	if p.stage, err = os.MkdirTemp("", "brink-bundle-"); err != nil {
		return fmt.Errorf("stage bundle: %w", err)
	}
	defer os.RemoveAll(p.stage)
	if err := p.fill(c.Recipe); err != nil {
		return err
	}
	if !c.NoTry && !c.Recipe {
		if err := p.try(); err != nil {
			return err
		}
	}
	if err := p.write(path); err != nil {
		return err
	}
	if p.manifest.Tried == notReproduced {
		fmt.Fprintln(a.err, "brink: run.sh did not reproduce the failure when it was tried; the bundle says so")
		return errFound
	}
	return nil
}

// open reads the run and chooses what is packed.
func (c *bundleCmd) open(a *app) (*packing, error) {
	dir, err := store.Find(a.results, c.RunID)
	if err != nil {
		return nil, usageError{err}
	}
	p := &packing{app: a, dir: dir}
	var events []trial.Event
	if p.head, events, err = store.Load(dir); err != nil {
		return nil, err
	}
	if p.doc, err = summarise(dir); err != nil {
		return nil, err
	}
	spec, err := specOf(p.head)
	if err != nil {
		return nil, err
	}
	if fed(spec) {
		return nil, usagef("the frames of run %s came from this machine, and a bundle has nobody to send them: "+
			"repeat it with frames from inside the guest (--set source=hub) and pack that run", p.head.ID)
	}
	if len(spec.Recipes) > 0 {
		return nil, usagef("run %s needs modules (%s) whose licence does not allow to pass them on with a kernel, and which were built on this "+
			"machine: such a run has no bundle. Its report has the command that repeats it anywhere; brink builds the modules there",
			p.head.ID, strings.Join(spec.Recipes, ", "))
	}
	p.table = judge.Read(spec, p.head, events)
	if p.finding, err = c.choose(p); err != nil {
		return nil, err
	}
	expect, err := bundle.ExpectOf(p.finding, p.doc)
	if err == nil {
		p.chosen, err = bundle.Choose(p.finding, expect, events, p.table.Probes)
	}
	if err != nil {
		return nil, usageError{err}
	}
	p.manifest = p.describe(expect, events)
	return p, p.minimised()
}

// minimised takes the smaller reproduction instead of the run's own, if brink minimise has made one of this finding.
func (p *packing) minimised() error {
	small, err := store.LoadMinimised(p.dir)
	if err != nil || small == nil || small.Target.What != p.finding.What || small.Target.Kind != p.finding.Kind || small.Confirmed == 0 {
		return err
	}
	p.small, p.chosen.Plan = small, small.Plan
	m := &p.manifest
	m.Machine, m.Settings, m.Without, m.Dropped = small.Machine, small.Plan.Settings, small.Without, small.Dropped
	m.Failure.Size, m.Failure.Expect.Size = small.Target.At, small.Target.At
	for _, s := range small.Plan.Steps {
		if s.Size > 0 {
			m.Failure.Size, m.Failure.Expect.Size = s.Size, s.Size
		}
	}
	return nil
}

// choose picks the finding: the one asked for, else the one that was searched, else the first.
func (c *bundleCmd) choose(p *packing) (summary.Finding, error) {
	all := p.doc.Findings
	if len(all) == 0 {
		return summary.Finding{}, usagef("run %s has no failure to reproduce: %s", p.head.ID, p.doc.Verdict.Text)
	}
	if c.Finding < 0 || c.Finding > len(all) {
		return summary.Finding{}, usagef("--finding %d: the run has %d, counted from 1", c.Finding, len(all))
	}
	if c.Finding > 0 {
		return all[c.Finding-1], nil
	}
	target, ok := p.table.Target()
	for _, f := range all {
		if ok && f.What == target.What && f.Kind == target.Kind {
			return f, nil
		}
	}
	return all[0], nil
}

func (p *packing) describe(expect bundle.Expect, events []trial.Event) bundle.Manifest {
	f := p.finding
	m := bundle.Manifest{Run: p.head.ID, Build: wire.Build, Made: p.doc.End, Scenario: p.head.Scenario, Settings: p.head.Settings,
		Seeded: p.head.Seeded, Kernel: p.head.Kernel, Machine: p.head.Machine, NICs: p.table.Spec.NICs,
		Disks: p.table.Spec.Disks,
		Failure: bundle.Failure{What: f.What, Kind: f.Kind, Op: f.Op, Signature: f.Signature, Function: f.Function, Size: expect.Size,
			Axis: p.head.Axis, Title: f.Title, Expect: expect}}
	m.Original.Trial = p.chosen.Trial
	for _, t := range p.doc.Trials {
		if t.Number == p.chosen.Trial {
			m.Original.Outcome, m.Original.HostNS = t.Outcome, t.HostNS
			m.Original.Outcome.Failure = nil // its text is in the record
		}
	}
	m.Original.Samples = samplesOf(events, p.chosen.Trial, expect)
	return m
}

// samplesOf returns the timings of the failing op at its size in a trial.
func samplesOf(events []trial.Event, number int, e bundle.Expect) (samples []trial.Sample) {
	for _, ev := range events {
		if ev.Trial == number && ev.Op == e.Op && ev.Size == e.Size {
			samples = append(samples, ev.Samples...)
		}
	}
	return samples
}

// What run.sh says.
const (
	reproduced    = "REPRODUCED"
	notReproduced = "NOT REPRODUCED"
)

// try runs run.sh in the staged bundle, as its reader will.
func (p *packing) try() error {
	if err := p.finish(); err != nil {
		return err
	}
	fmt.Fprintln(p.app.err, "trying run.sh")
	cmd := exec.CommandContext(p.app.ctx, "sh", bundle.RunFile)
	cmd.Dir, cmd.Stderr, cmd.WaitDelay = p.stage, p.app.err, killDelay
	cmd.Env = append(os.Environ(), "ACCEL="+p.manifest.Machine.Accel) // the machine it was found on
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}             // so that all of it can be ended
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	out, err := cmd.Output()
	if p.app.ctx.Err() != nil {
		return context.Cause(p.app.ctx)
	}
	code := -1
	var exit *exec.ExitError
	switch {
	case err == nil:
		code = 0
	case errors.As(err, &exit):
		code = exit.ExitCode()
	}
	switch code {
	case 0:
		p.manifest.Tried = reproduced
	case 1:
		p.manifest.Tried = notReproduced
	default:
		return fmt.Errorf("run.sh could not be tried: %s; --no-try packs it all the same", strings.TrimSpace(string(out)))
	}
	fmt.Fprintf(p.app.err, "run.sh: %s\n", p.manifest.Tried)
	left, err := filepath.Glob(filepath.Join(p.stage, "run.*"))
	for _, name := range left {
		if filepath.Base(name) != bundle.RunFile {
			err = errors.Join(err, os.Remove(name))
		}
	}
	return err
}

// finish writes what depends on all the rest.
func (p *packing) finish() error {
	for name, write := range map[string]func(io.Writer, bundle.Manifest) error{bundle.RunFile: bundle.WriteRun, bundle.ReadmeFile: bundle.WriteReadme} {
		if err := p.create(name, func(w io.Writer) error { return write(w, p.manifest) }); err != nil {
			return err
		}
	}
	var err error
	p.manifest, err = bundle.Finish(p.stage, p.manifest)
	return err
}

// write packs the staged bundle, whole or not at all.
func (p *packing) write(path string) error {
	if err := p.finish(); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".brink-bundle-")
	if err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	defer os.Remove(tmp.Name())
	err = bundle.Write(tmp, p.stage, "brink-"+p.head.ID, p.manifest)
	if err := errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.app.out, "%s (%.1f MB): %s\n", path, float64(info.Size())/1e6, p.finding.Title)
	return nil
}

// create writes a file of the staged bundle.
func (p *packing) create(name string, write func(io.Writer) error) error {
	path := filepath.Join(p.stage, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if strings.HasSuffix(name, ".sh") {
		mode = 0o755
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// guestOf is the machine of a record as far as an initramfs depends on it; it need not run here.
func guestOf(m trial.Machine) guest {
	return guest{vm: qemu.Config{Accel: qemu.Accel(m.Accel), Clock: m.Clock, MemoryMB: m.MemoryMB, CPUs: m.CPUs, CPU: m.CPU}}
}

// pack puts the initramfs with its plan into the bundle.
func (p *packing) packInitrd(name, initramfs string) error {
	path := filepath.Join(p.stage, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return lab.WithPlan(path, initramfs, p.chosen.Plan)
}
