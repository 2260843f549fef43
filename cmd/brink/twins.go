package main

import (
	"fmt"
	"slices"

	"brink/internal/engine"
	"brink/internal/lab"
	"brink/internal/scenario"
	"brink/internal/trial"
	"brink/scenarios"
)

// The option that says where a scenario's frames come from, and the value with which they come from brink itself: the only
// place from which two VMs can get the same ones.
const sourceOption, fromHost = "source", "host"

// pair sets what --twins implies, and refuses what contradicts it.
func (c *runCmd) pair() error {
	if !c.Twins {
		return nil
	}
	spec, err := scenarios.Find(c.Scenario)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(spec.Options, func(o scenario.Option) bool { return o.Name == sourceOption && slices.Contains(o.Choices, fromHost) })
	value, set := c.Set[sourceOption]
	switch {
	case i < 0 && !fed(spec):
		return fmt.Errorf("--twins: scenario %s gets no frames from the host, "+
			"so there is nothing that two VMs could see together", spec.Name)
	case i >= 0 && set && value != fromHost:
		return fmt.Errorf("--twins: both VMs are fed by the host: leave --set %s=%s out", sourceOption, value)
	case c.Clock == "icount":
		return fmt.Errorf("--twins: frames from the host come in real time: leave --clock icount out")
	}
	c.Clock = "wall"
	if i >= 0 && !set {
		if c.Set == nil {
			c.Set = map[string]string{}
		}
		c.Set[sourceOption] = fromHost
	}
	return nil
}

// enoughForTwins makes sure that the host has the memory of both VMs.
func enoughForTwins(head trial.Run, g guest) error {
	if free := memAvailable(); head.Twins && free > 0 && 2*g.vm.MemoryMB > free {
		return fmt.Errorf("the two guests need %d MiB each and this machine has %d MiB available: free some, "+
			"or use a smaller --to or --memory", g.vm.MemoryMB, free)
	}
	return nil
}

// executor runs the trials of a run: in one VM each, or in two.
func executor(local *lab.Local, head trial.Run) engine.Executor {
	if head.Twins {
		return &lab.Twins{Local: local}
	}
	return local
}
