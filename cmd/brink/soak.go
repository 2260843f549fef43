package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"brink/internal/soak"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/internal/wire"
)

type soakCmd struct {
	Scenario string `arg:"" help:"Scenario, see brink list."`
	Kernel   string `short:"k" default:"debian:6.12" help:"Kernel, as for brink run."`

	Against    string            `help:"A second kernel, for half of the VMs: does it fail less often?" placeholder:"REF"`
	AgainstSet map[string]string `help:"Option of the scenario for that half, beside those of --set; without --against, on the same kernel." placeholder:"NAME=VALUE" mapsep:"none"`
	VMs        *int              `name:"vms" help:"VMs side by side; by default one for each CPU, two at least with --against." placeholder:"N"`
	For        time.Duration     `default:"30m" help:"How long, by the host's clock, if the question is not answered before."`
	Life       time.Duration     `help:"Guest time after which a VM makes way for a fresh one with another seed; by default it lives as long as the soak." placeholder:"TIME"`
	Below      *float64          `help:"Ask whether the rate is below so many failures per VM-hour, and stop when that is certain." placeholder:"RATE"`
	Within     *float64          `help:"Stop when the rate is known within this factor, as 2." placeholder:"FACTOR"`

	Size   *int64            `help:"Size to load each VM to; by default the last one of the axis's ladder." placeholder:"N"`
	Axis   string            `help:"Axis of that size; the scenario's first one by default."`
	Set    map[string]string `help:"Option of the scenario, see brink list." placeholder:"NAME=VALUE" mapsep:"none"`
	Seed   *uint64           `help:"Seed of the first VM, the others count on from it. 1 by default." placeholder:"N"`
	VMCore bool              `name:"vmcore" help:"Save the memory of a guest that fails, for crash(8)."`
	JSON   bool              `name:"json" help:"Print the result as JSON."`

	machineFlags `embed:""`
}

// Help is printed below the flags.
func (soakCmd) Help() string {
	return `Keeps VMs busy that are loaded to one size and do the scenario's ops over and over, each with a seed of its own. A VM that
fails is replaced by a fresh one. What counts is VM time, by the guest's clock, from the beginning of the load to the failure or
the end. The result is the failure rate per VM-hour with its exact Poisson interval, the time to failure, and each way to fail
with its share; without a failure the rate that it is below with 95% confidence. As many VMs are started as the host has memory
for, never more.

With --against two kernels get half of the VMs each and the same seeds, and a sequential test stops when one is better beyond
doubt (5%); else it says how much longer it would take. brink resume goes on with a soak, --for makes it longer.

Exit codes: 0 no failure, or fewer than --below asks, or the second kernel is better; 1 a failure, more than --below asks, or the
second kernel is worse; 2 wrong usage; 3 brink itself failed.`
}

func (c *soakCmd) Run(a *app) error {
	arms, err := c.arms()
	if err != nil {
		return err
	}
	head, err := c.head(len(arms))
	if err != nil {
		return err
	}
	s, err := c.ready(a, &head, arms)
	if err != nil {
		return err
	}
	if s.folder, err = store.CreateSoak(a.results, head); err != nil {
		return err
	}
	defer s.folder.Close()
	return s.run(nil, c.JSON)
}

// head resolves what the user asked for beside the arms.
func (c *soakCmd) head(arms int) (trial.Soak, error) {
	h := trial.Soak{V: trial.Version, Build: wire.Build, Args: os.Args, For: c.For, Life: c.Life,
		Asked: max(defaultVMs(), arms)}
	if c.VMs != nil {
		h.Asked = *c.VMs
	}
	switch {
	case h.Asked < arms:
		return h, usagef("--vms %d: give at least %d", h.Asked, arms)
	case c.For < time.Second:
		return h, usagef("--for %v: give how long it shall last, as 30m; a second is the least", c.For)
	case c.Life < 0 || c.Life > 0 && c.Life < time.Second:
		return h, usagef("--life %v: give the time that a VM has, as 10m, or leave it out", c.Life)
	case c.Below != nil && *c.Below <= 0:
		return h, usagef("--below %v: give failures per VM-hour, as 0.2", *c.Below)
	case c.Within != nil && *c.Within == 0:
		return h, usagef("--within 0: give a number above 1, 2 for half to double")
	}
	if c.Below != nil {
		h.Below = *c.Below
	}
	if c.Within != nil {
		h.Within = *c.Within
	}
	if err := soakQuestion(h, arms).Check(); err != nil {
		return h, usageError{err}
	}
	return h, nil
}

// soakQuestion is what the soak is to answer.
func soakQuestion(h trial.Soak, arms int) soak.Question {
	return soak.Question{Arms: arms, Below: h.Below, Within: h.Within}
}

// armName is what an arm is called in one line: its kernel, and what it is set to where that differs from the other one.
func armName(h trial.Soak, arm int) string {
	text := h.Arms[arm].Kernel.Name
	if len(h.Arms) < 2 {
		return text
	}
	other := h.Arms[1-arm].Settings
	for _, name := range slices.Sorted(maps.Keys(h.Arms[arm].Settings)) {
		if v := h.Arms[arm].Settings[name]; other[name] != v {
			text += fmt.Sprintf(" %s=%s", name, v)
		}
	}
	return text
}
