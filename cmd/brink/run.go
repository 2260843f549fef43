package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"brink/internal/scenario"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/internal/wire"
	"brink/scenarios"
	"brink/vmimages"
)

type runCmd struct {
	Scenario string `arg:"" help:"Scenario, see brink list."`
	Kernel   string `short:"k" default:"debian:6.12" help:"Kernel: debian:6.12, debian:bookworm, debian:6.12.117+deb12, debian:newest, each with /amd64 or /cloud-amd64; or file:PATH[,modules=DIR]."`

	Axis      string            `help:"Axis to ramp; the scenario's first one by default. Several, with commas between: a run for each." placeholder:"AXIS[,AXIS…]"`
	Grid      []string          `sep:"none" help:"A second axis, which stands still: a run for each of its values, and a table of both axes." placeholder:"AXIS=N,N,…"`
	From      *int64            `help:"First size of the ladder, which doubles from there." placeholder:"N"`
	To        *int64            `help:"Last size of the ladder." placeholder:"N"`
	Sizes     []int64           `help:"The whole ladder, instead of --from and --to." placeholder:"N,N,…"`
	Set       map[string]string `help:"Option of the scenario, see brink list." placeholder:"NAME=VALUE" mapsep:"none"`
	Seed      *uint64           `help:"Seed of everything random. 1 by default; the same seed repeats a run." placeholder:"N"`
	Start     string            `enum:"auto,boot,clone" default:"auto" help:"How trials start: boot a VM, clone a booted one, or choose."`
	Precision float64           `default:"0.02" help:"How narrow the threshold of the first failure is searched, relative to its size; 0: to one unit."`
	MaxBoots  int               `default:"40" help:"Fresh VMs that may be spent on it; 0: do not search."`
	Twins     bool              `help:"Run each trial in two VMs that see the same frames from the host, one by one: do they fail together?"`
	VMCore    bool              `name:"vmcore" help:"Save the memory of a guest that fails, for crash(8)."`

	machineFlags `embed:""`
}

// defaultSeed makes runs comparable unless another seed is asked for.
const defaultSeed = 1

func (c *runCmd) Run(a *app) error {
	if err := c.pair(); err != nil {
		return usageError{err}
	}
	if c.several() {
		return c.grid(a)
	}
	spec, head, err := c.head()
	if err != nil {
		return usageError{err}
	}
	guest, err := c.machine(spec, head.Axis, head.Sizes)
	if err != nil {
		return err
	}
	head.Machine = guest.record()
	if err := enoughForTwins(head, guest); err != nil {
		return err
	}
	if err := refuse(spec, head, ""); err != nil {
		return err
	}
	ready, err := a.prepare(spec, c.Kernel, guest)
	if err != nil {
		return err
	}
	head.Kernel, head.Machine.Cmdline = ready.record(), ready.vm.KernelCmdline()
	if err := refuse(spec, head, ready.kernel.Config); err != nil {
		return err
	}
	head.ID = runID(time.Now(), spec.Name, ready.kernel)
	folder, err := store.Create(a.results, head)
	if err != nil {
		return err
	}
	defer folder.Close()
	return a.climb(spec.Scaled(head.Machine.Slowdown()), ready, folder, nil)
}

// head resolves what the user asked for, as far as it needs no kernel.
func (c *runCmd) head() (scenario.Spec, trial.Run, error) {
	spec, err := scenarios.Find(c.Scenario)
	if err != nil {
		return spec, trial.Run{}, err
	}
	return c.headOf(spec)
}

// headOf is head for a scenario that was found.
func (c *runCmd) headOf(spec scenario.Spec) (scenario.Spec, trial.Run, error) {
	head := trial.Run{V: trial.Version, Build: wire.Build, Args: os.Args, Scenario: c.Scenario, Seed: defaultSeed, Start: c.Start}
	if c.Seed != nil {
		head.Seed = *c.Seed
	}
	axis, err := spec.Axis(c.Axis)
	if err != nil {
		return spec, head, err
	}
	head.Axis = axis.Name
	if head.Sizes, err = c.ladder(axis); err != nil {
		return spec, head, err
	}
	if spec, head.Settings, err = settled(spec, axis.Name, c.Set); err != nil {
		return spec, head, err
	}
	head.Seeded, head.VMCore, head.Width, head.MaxBoots, head.Twins = spec.Seeded, c.VMCore, c.Precision, c.MaxBoots, c.Twins
	if !(c.Precision >= 0 && c.Precision < 1) || c.MaxBoots < 0 {
		return spec, head, fmt.Errorf("--precision is a share from 0 to 1, as 0.02, and --max-boots a number from 0 on")
	}
	return spec, head, nil
}

func (c *runCmd) ladder(axis scenario.Axis) ([]int64, error) {
	switch {
	case len(c.Sizes) > 0 && (c.From != nil || c.To != nil):
		return nil, fmt.Errorf("give --sizes, or --from and --to, not both")
	case len(c.Sizes) > 0:
		return axis.Sizes(c.Sizes)
	}
	var ends [2]int64 // 0: the axis's default
	for i, n := range []*int64{c.From, c.To} {
		if n == nil {
			continue
		}
		if _, err := axis.Sizes([]int64{*n}); err != nil {
			return nil, err
		}
		ends[i] = *n
	}
	return axis.Ladder(ends[0], ends[1])
}

// runID sorts by time and tells runs apart at a glance.
func runID(now time.Time, scenario string, k vmimages.Kernel) string {
	release := strings.TrimSuffix(strings.TrimSuffix(k.Release, "-cloud-amd64"), "-amd64")
	return fmt.Sprintf("%s-%s-%s", now.UTC().Format("20060102-150405"), scenario, release)
}
