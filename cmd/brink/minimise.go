package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"brink/internal/explain"
	"brink/internal/judge"
	"brink/internal/minimise"
	"brink/internal/scenario"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/internal/wire"
	"brink/scenarios"
)

type minimiseCmd struct {
	RunID    string        `arg:"" name:"run" help:"Run: folder, ID, beginning of an ID, or last."`
	Time     time.Duration `default:"10m" help:"How long it may take, on this machine's clock; the same command goes on from there."`
	MaxBoots int           `default:"60" help:"Fresh VMs that may be spent, those of earlier calls included."`
}

// Help is printed below the flags.
func (minimiseCmd) Help() string {
	return `The failure of a finished run is repeated in fresh VMs with less and less around it: steps, repetitions,
options, vCPUs, memory, modules, devices, arguments of the kernel, and the size down to the smallest that is known to
break. What is left is confirmed in two VMs with other seeds and kept in the run folder: minimised.json, and its plan
in minimised/plan.json.

Exit codes: 1 the failure came back, 0 it did not come back, 2 there is none to minimise, 3 brink itself failed.`
}

func (c *minimiseCmd) Run(a *app) error {
	m, err := c.open(a)
	if err != nil {
		return err
	}
	defer m.close()
	if err := m.prepare(); err != nil {
		return err
	}
	return m.conclude(m.run())
}

// open checks that there is something to minimise, and locks the run.
func (c *minimiseCmd) open(a *app) (*minimisation, error) {
	if c.Time <= 0 || c.MaxBoots < 1 {
		return nil, usagef("--time is a duration as 10m, and --max-boots a number from 1 on")
	}
	dir, err := store.Find(a.results, c.RunID)
	if err != nil {
		return nil, usageError{err}
	}
	m := &minimisation{app: a, limit: c.Time, maxBoots: c.MaxBoots}
	if m.folder, err = store.Open(dir); err != nil {
		return nil, err
	}
	if err := m.load(); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

// load reads the run, what is to be minimised of it, and what earlier calls found.
func (m *minimisation) load() error {
	head, events, err := store.Load(m.folder.Dir)
	if err != nil {
		return err
	}
	if head.Build != wire.Build {
		fmt.Fprintf(m.app.err, "note: the run was made by build %s, this is %s\n", head.Build, wire.Build)
	}
	m.head, m.q.FloorMB = head, floorMB
	if m.q.Spec, err = scenarios.On(head.Scenario, head.Axis, head.Settings); err != nil {
		return err
	}
	axis, err := m.q.Spec.Axis(head.Axis)
	if err != nil {
		return err
	}
	m.q.Unit = axis.Name
	if m.q.Target, err = targetOf(m.q.Spec, head, events); err != nil {
		return usageError{errors.New(strings.Replace(err.Error(), "nothing to explain", "nothing to minimise", 1))}
	}
	m.q.Rate = rateOf(m.q.Spec, head, events, m.q.Target)
	if m.lines, err = store.LoadMinimisation(m.folder.Dir); err != nil {
		return err
	}
	m.record, err = m.folder.Minimise()
	return err
}

// floorMB is the least memory that is tried, in MiB: a Debian kernel with brink's initramfs boots in it on its own.
const floorMB = 256

// rateOf returns how often the search for the threshold saw the target at or above it, 0 if there was no search.
func rateOf(spec scenario.Spec, head trial.Run, events []trial.Event, target explain.Target) float64 {
	for _, f := range judge.Read(spec.Scaled(head.Machine.Slowdown()), head, events).Findings() {
		if f.What == target.What && f.Kind == target.Kind && f.Search != nil {
			return f.Search.Rate
		}
	}
	return 0
}

// conclude prints what came out, and keeps it. Exit code 1 says that the failure came back.
func (m *minimisation) conclude(r minimise.Report, complete bool, err error) error {
	if err != nil {
		return err
	}
	if !r.Back {
		fmt.Fprintf(m.app.out, "%s did not come back in %d fresh VMs (the last one: %s): there is nothing to minimise\n",
			m.title(), r.Whole.Shown+r.Whole.Missed, r.Whole.Last)
		return nil
	}
	result := minimise.New(m.q, m.head, r, m.lines)
	result.Complete = complete
	result.Machine.Cmdline = m.config(r.Best).KernelCmdline()
	if err := m.print(result, r); err != nil {
		return err
	}
	if err := m.record.Keep(result); err != nil {
		return err
	}
	fmt.Fprintf(m.app.out, "plan: %s\n", filepath.Join(m.folder.Dir, "minimised", "plan.json"))
	return errFound
}
