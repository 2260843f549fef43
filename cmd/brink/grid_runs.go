package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"brink/internal/engine"
	"brink/internal/scenario"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/internal/wire"
	"brink/scenarios"
	"brink/vmimages"
)

// gridding makes the runs of a grid.
type gridding struct {
	*app
	folder *store.Grid
	find   func(scenario string) (scenario.Spec, error)
	// climb makes one run, or goes on with it, and keeps its reports. It returns errFound if something broke.
	climb func(spec scenario.Spec, folder *store.Run, events []trial.Event) error
}

// climbUnheard climbs a ramp whose report is only kept, not printed, on the kernel and machine of its head.
func (a *app) climbUnheard(spec scenario.Spec, folder *store.Run, events []trial.Event) error {
	g, err := machineOf(folder.Head.Machine)
	if err != nil {
		return err
	}
	g.why = "as for all runs"
	ready, err := a.prepareAgain(spec, folder.Head.Kernel, g)
	if err != nil {
		return err
	}
	quiet := *a
	quiet.out = io.Discard
	return quiet.climb(spec, ready, folder, events)
}

// resumeGrid goes on with a grid that was interrupted. Runs that are finished are not repeated.
func (a *app) resumeGrid(dir string) error {
	folder, err := store.OpenGrid(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	if folder.Head.Build != wire.Build {
		fmt.Fprintf(a.err, "note: the grid was begun by build %s, this is %s\n", folder.Head.Build, wire.Build)
	}
	return gridding{app: a, folder: folder, find: scenarios.Find, climb: a.climbUnheard}.run()
}

// run makes what is left to make and prints the grid's report. A run that fails through our own fault does not keep the others
// from being made.
func (g gridding) run() error {
	head := g.folder.Head
	fmt.Fprintf(g.err, "%s of scenario %s: %d runs, grid folder %s\n", head.Title(), head.Scenario, len(head.Runs), g.folder.Dir)
	faults := 0
	for i := range head.Runs {
		err := g.one(i)
		switch {
		case err != nil && g.ctx.Err() != nil:
			return fmt.Errorf("interrupted in run %d of %d, %s; `brink resume %s` goes on", i+1, len(head.Runs), head.Name(i), head.ID)
		case errors.Is(err, engine.ErrHarness):
			faults++
			fmt.Fprintf(g.err, "run %d of %d: %v\n", i+1, len(head.Runs), err)
		case err != nil:
			return fmt.Errorf("run %d of %d, %s: %w; `brink resume %s` goes on", i+1, len(head.Runs), head.Name(i), err, head.ID)
		}
	}
	if err := g.conclude(); faults == 0 || err != nil && !errors.Is(err, errFound) {
		return err
	}
	return fmt.Errorf("%w in %d of %d runs; `brink resume %s` tries them again", engine.ErrHarness, faults, len(head.Runs), head.ID)
}

// one makes a run, or goes on with it.
func (g gridding) one(i int) error {
	head := g.folder.Head
	spec, err := g.find(head.Scenario)
	if err != nil {
		return err
	}
	dirs, err := store.GridRuns(g.folder.Dir, head)
	if err != nil {
		return err
	}
	run := head.Runs[i]
	spec = spec.On(run.Axis, run.Settings).Scaled(run.Machine.Slowdown())
	folder, events, err := g.open(dirs[i], i)
	if err != nil {
		return err
	}
	defer folder.Close()
	fmt.Fprintf(g.err, "run %d of %d: %s, %s\n", i+1, len(head.Runs), head.Name(i), folder.Head.ID)
	if engine.Finished(spec, folder.Head, events) {
		fmt.Fprintln(g.err, "is finished already")
		return nil
	}
	begun := time.Now()
	if err := g.climb(spec, folder, events); err != nil && !errors.Is(err, errFound) {
		return err
	}
	fmt.Fprintf(g.err, "run %d of %d: done after %v\n", i+1, len(head.Runs), time.Since(begun).Round(time.Second))
	doc, err := loadGrid(g.folder.Dir, g.find)
	if err != nil {
		return err
	}
	return keepGrid(g.folder.Dir, doc)
}

// open opens the folder of a run, which is made if there is none.
func (g gridding) open(dir string, i int) (*store.Run, []trial.Event, error) {
	if dir == "" {
		run := g.folder.Head.Runs[i]
		name := strings.NewReplacer("=", "-", "axis ", "").Replace(g.folder.Head.Name(i))
		run.ID = runID(time.Now(), run.Scenario, vmimages.Kernel{Release: run.Kernel.Release}) + "-" + name
		run.Grid = g.folder.Head.ID
		folder, err := store.Create(filepath.Dir(g.folder.Dir), run)
		return folder, nil, err
	}
	folder, err := store.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	_, events, err := store.Load(dir)
	if err != nil {
		folder.Close()
		return nil, nil, err
	}
	return folder, events, nil
}

// conclude prints the grid's report, and returns errFound if any run found something.
func (g gridding) conclude() error {
	doc, err := loadGrid(g.folder.Dir, g.find)
	if err != nil {
		return err
	}
	if err := keepGrid(g.folder.Dir, doc); err != nil {
		g.log.Warn("the report could not be kept in the grid's folder", "why", err)
	}
	if err := g.printGrid(doc, telling(doc)); err != nil {
		return err
	}
	fmt.Fprintf(g.out, "\ngrid folder: %s\n", g.folder.Dir)
	if doc.Broken() {
		return errFound
	}
	return nil
}
