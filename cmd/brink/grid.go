package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"brink/internal/grid"
	"brink/internal/scenario"
	"brink/internal/store"
	"brink/internal/wire"
	"brink/scenarios"
)

// several reports whether more than one run was asked for.
func (c *runCmd) several() bool { return len(c.Grid) > 0 || strings.Contains(c.Axis, ",") }

// grid makes one run after the other, with the same kernel and machine.
func (c *runCmd) grid(a *app) error {
	spec, err := scenarios.Find(c.Scenario)
	if err != nil {
		return usageError{err}
	}
	head, err := c.gridHead(spec)
	if err != nil {
		return usageError{err}
	}
	ready, err := c.gridReady(a, spec, head)
	if err != nil {
		return err
	}
	head.ID = runID(time.Now(), spec.Name, ready.kernel) + "-grid"
	if head.Series() {
		head.ID = strings.TrimSuffix(head.ID, "-grid") + "-series"
	}
	folder, err := store.CreateGrid(a.results, head)
	if err != nil {
		return err
	}
	defer folder.Close()
	return gridding{app: a, folder: folder, find: scenarios.Find, climb: a.climbUnheard}.run()
}

// gridHead resolves what the user asked for, as far as it needs no kernel.
func (c *runCmd) gridHead(spec scenario.Spec) (grid.Head, error) {
	head := grid.Head{V: grid.Version, Build: wire.Build, Args: os.Args, Scenario: spec.Name}
	var parts []runCmd
	var err error
	switch {
	case len(c.Grid) > 1:
		err = fmt.Errorf("one --grid at a time: one axis is ramped, and one other stands still at several values")
	case len(c.Grid) == 1 && strings.Contains(c.Axis, ","):
		err = fmt.Errorf("give several axes to --axis, or another one to --grid, not both")
	case len(c.Grid) == 1:
		head.Axis, head.Second, parts, err = c.columns(spec)
	default:
		parts, err = c.series(spec)
	}
	if err != nil {
		return head, err
	}
	for _, part := range parts {
		_, run, err := part.headOf(spec)
		if err != nil {
			return head, err
		}
		head.Runs = append(head.Runs, run)
	}
	return head, nil
}

// columns returns the commands of a grid's runs: one for each value of the axis that stands still.
func (c *runCmd) columns(spec scenario.Spec) (ramped, second string, parts []runCmd, err error) {
	axis, err := spec.Axis(c.Axis)
	if err != nil {
		return "", "", nil, err
	}
	second, list, ok := strings.Cut(c.Grid[0], "=")
	if others := otherAxes(spec, axis.Name); !slices.Contains(others, second) || !ok {
		if len(others) == 0 {
			return "", "", nil, fmt.Errorf("scenario %s has no axis but %s: there is none for --grid", spec.Name, axis.Name)
		}
		return "", "", nil, fmt.Errorf("--grid %s: write it as AXIS=N,N,… with an axis that is not ramped: %s",
			c.Grid[0], strings.Join(others, ", "))
	}
	if value, ok := c.Set[second]; ok {
		return "", "", nil, fmt.Errorf("%s stands at the values of --grid: leave --set %s=%s out", second, second, value)
	}
	values, err := sizesOf(spec, second, list)
	if err != nil {
		return "", "", nil, err
	}
	for _, v := range values {
		part := *c
		part.Grid, part.Axis, part.Set = nil, axis.Name, map[string]string{second: strconv.FormatInt(v, 10)}
		maps.Copy(part.Set, c.Set)
		parts = append(parts, part)
	}
	return axis.Name, second, parts, nil
}

func otherAxes(spec scenario.Spec, ramped string) (names []string) {
	for _, a := range spec.Axes {
		if a.Name != ramped {
			names = append(names, a.Name)
		}
	}
	return names
}

// sizesOf reads the values of an axis, and returns them sorted.
func sizesOf(spec scenario.Spec, name, list string) ([]int64, error) {
	axis, err := spec.Axis(name)
	if err != nil {
		return nil, err
	}
	var values []int64
	for _, text := range strings.Split(list, ",") {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("--grid %s=%s: %q is not a whole number", name, list, text)
		}
		values = append(values, n)
	}
	if values, err = axis.Sizes(values); err != nil {
		return nil, fmt.Errorf("--grid %s=%s: %w", name, list, err)
	}
	return values, nil
}

// series returns the commands of runs that ramp one axis each. What is set for an axis holds in the runs that ramp another one.
func (c *runCmd) series(spec scenario.Spec) (parts []runCmd, err error) {
	seen := map[string]bool{}
	for _, name := range strings.Split(c.Axis, ",") {
		if name == "" || seen[name] {
			return nil, fmt.Errorf("--axis %s: name each axis once, with commas between", c.Axis)
		}
		if _, err := spec.Axis(name); err != nil {
			return nil, err
		}
		seen[name] = true
		part := *c
		part.Axis, part.Set = name, maps.Clone(c.Set)
		delete(part.Set, name)
		parts = append(parts, part)
	}
	return parts, nil
}

// gridReady chooses the machine and the kernel for all runs, writes them into the head, and asks the scenario whether each run can
// be done so.
func (c *runCmd) gridReady(a *app, spec scenario.Spec, head grid.Head) (prepared, error) {
	g, err := c.gridMachine(spec, head)
	if err != nil {
		return prepared{}, err
	}
	if err := enoughForTwins(head.Runs[0], g); err != nil {
		return prepared{}, err
	}
	for i := range head.Runs {
		run := &head.Runs[i]
		run.Machine = g.record()
		if err := refuse(spec.On(run.Axis, run.Settings), *run, ""); err != nil {
			return prepared{}, fmt.Errorf("%s: %w", head.Name(i), err)
		}
	}
	var ready prepared
	for i := range head.Runs {
		run := &head.Runs[i]
		own := spec.On(run.Axis, run.Settings)
		if i == 0 {
			ready, err = a.prepare(own, c.Kernel, g)
		} else {
			ready, err = a.prepareAgain(own, head.Runs[0].Kernel, g)
		}
		if err != nil {
			return ready, err
		}
		run.Kernel, run.Machine.Board, run.Machine.Cmdline = head.Runs[0].Kernel, ready.vm.Board(), ready.vm.KernelCmdline()
		if i == 0 {
			run.Kernel = ready.record()
		}
		if err := refuse(own, *run, ready.kernel.Config); err != nil {
			return ready, fmt.Errorf("%s: %w", head.Name(i), err)
		}
	}
	return ready, nil
}

// gridMachine is the machine of the run that needs the most memory.
func (c *runCmd) gridMachine(spec scenario.Spec, head grid.Head) (guest, error) {
	most, at := int64(-1), 0
	for i, run := range head.Runs {
		axis, err := spec.On(run.Axis, run.Settings).Axis(run.Axis)
		if err != nil {
			return guest{}, usageError{err}
		}
		if need := axis.Memory(run.Sizes[len(run.Sizes)-1]); need > most {
			most, at = need, i
		}
	}
	run := head.Runs[at]
	return c.machine(spec.On(run.Axis, run.Settings), run.Axis, run.Sizes)
}
