package minimise

import (
	"encoding/json"
	"math"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// Candidate is what a reproduction consists of. Two that are equal are the same experiment.
type Candidate struct {
	Size     int64             `json:"size"`
	Steps    []trial.Step      `json:"steps"`
	Settings scenario.Settings `json:"settings,omitempty"` // all options, those at their defaults included
	Machine  trial.Machine     `json:"machine"`            // without the kernel's command line, see Args
	Modules  []string          `json:"modules,omitempty"`  // of the kernel's own, without their dependencies
	Built    []string          `json:"built,omitempty"`    // modules of brink's own
	Tools    []string          `json:"tools,omitempty"`    // host programs in the guest
	Devices  []string          `json:"devices,omitempty"`  // those that could be left out (qemu.Config.Optional)
	Args     []string          `json:"args,omitempty"`     // arguments of the kernel that could be left out
}

// Key tells candidates apart.
func (c Candidate) Key() string {
	c.Machine.Cmdline = ""
	text, _ := json.Marshal(c) // of plain data, it cannot fail
	return string(text)
}

// Weight measures how much there is to a reproduction: the number of things in it, where each doubling of memory, size
// and vCPUs and of a step's repetitions counts as one. Options count if they are not at their defaults.
func (c Candidate) Weight(spec scenario.Spec) float64 {
	things := len(c.Steps) + len(c.Modules) + len(c.Built) + len(c.Tools) + len(c.Devices) + len(c.Args)
	doublings := math.Log2(float64(max(1, c.Machine.CPUs))) + math.Log2(float64(max(1, c.Machine.MemoryMB))) +
		math.Log2(float64(max(1, c.Size)))
	for _, s := range c.Steps {
		doublings += math.Log2(float64(max(1, s.Reps)))
	}
	return float64(things+len(set(spec, c.Settings))) + doublings
}

// set returns the options that are not at their defaults, in the order of the spec.
func set(spec scenario.Spec, settings scenario.Settings) []scenario.Option {
	var changed []scenario.Option
	for _, o := range spec.Options {
		if v, ok := settings[o.Name]; ok && v != o.Default {
			changed = append(changed, o)
		}
	}
	return changed
}
