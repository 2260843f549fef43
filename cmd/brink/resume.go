package main

import (
	"fmt"
	"time"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/internal/wire"
	"brink/scenarios"
)

type resumeCmd struct {
	RunID string        `arg:"" name:"run" help:"Run, grid or soak: folder, ID, beginning of an ID, or last for a run."`
	For   time.Duration `help:"How long a soak shall last in all, to make it longer." placeholder:"TIME"`
}

func (c *resumeCmd) Run(a *app) error {
	if dir, ok, err := a.soakOf(c.RunID); err != nil {
		return err
	} else if ok {
		return a.resumeSoak(dir, c.For)
	}
	if c.For != 0 {
		return usagef("--for is for a soak, and %s is none", c.RunID)
	}
	if dir, ok, err := a.gridOf(c.RunID); err != nil {
		return err
	} else if ok {
		return a.resumeGrid(dir)
	}
	dir, err := store.Find(a.results, c.RunID)
	if err != nil {
		return usageError{err}
	}
	folder, err := store.Open(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	head, events, err := store.Load(dir)
	if err != nil {
		return err
	}
	if head.Replay != "" {
		return usagef("%s repeats a bundle: `brink replay` does it again", head.ID)
	}
	if head.Build != wire.Build {
		fmt.Fprintf(a.err, "note: the run was begun by build %s, this is %s\n", head.Build, wire.Build)
	}
	spec, err := specOf(head)
	if err != nil {
		return err
	}
	g, err := machineOf(head.Machine)
	if err != nil {
		return err
	}
	ready, err := a.prepareAgain(spec, head.Kernel, g)
	if err != nil {
		return err
	}
	return a.climb(spec, ready, folder, events)
}

// loadTable reads a run into what it measured.
func loadTable(dir string) (*judge.Table, error) {
	head, events, err := store.Load(dir)
	if err != nil {
		return nil, err
	}
	spec, err := specOf(head)
	if err != nil {
		return nil, err
	}
	return judge.Read(spec, head, events), nil
}

// specOf returns a run's scenario with the budgets and deadlines that hold on its machine.
func specOf(head trial.Run) (scenario.Spec, error) {
	spec, err := scenarios.On(head.Scenario, head.Axis, head.Settings)
	return spec.Scaled(head.Machine.Slowdown()), err
}
