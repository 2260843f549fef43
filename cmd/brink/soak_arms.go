package main

import (
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"time"

	"brink/internal/scenario"
	"brink/internal/soak"
	"brink/internal/trial"
	"brink/scenarios"
)

// soakArm is what half of the VMs do, or all.
type soakArm struct {
	ref  string
	spec scenario.Spec // with what the axis and the settings need; not scaled to a machine
	head trial.Run
}

// defaultVMs is how many VMs are kept busy unless the user says it.
func defaultVMs() int { return runtime.GOMAXPROCS(0) }

// arms resolves what runs side by side, as far as it needs no kernel.
func (c *soakCmd) arms() ([]soakArm, error) {
	arms := []soakArm{{ref: c.Kernel}}
	if c.Against != "" || len(c.AgainstSet) > 0 {
		other := soakArm{ref: c.Against}
		if c.Against == "" {
			other.ref = c.Kernel
		}
		arms = append(arms, other)
	}
	for i := range arms {
		set := maps.Clone(c.Set)
		if i > 0 {
			if set == nil {
				set = map[string]string{}
			}
			maps.Copy(set, c.AgainstSet)
		}
		if err := c.arm(&arms[i], set); err != nil {
			return nil, usageError{err}
		}
	}
	if len(arms) > 1 && arms[0].ref == arms[1].ref && maps.Equal(arms[0].head.Settings, arms[1].head.Settings) {
		return nil, usagef("--against: both halves are the same, %s: name another kernel, or other settings with --against-set", arms[0].ref)
	}
	return arms, nil
}

func (c *soakCmd) arm(arm *soakArm, set map[string]string) error {
	spec, err := scenarios.Find(c.Scenario)
	if err != nil {
		return err
	}
	axis, err := spec.Axis(c.Axis)
	if err != nil {
		return err
	}
	size, err := soakSize(axis, c.Size)
	if err != nil {
		return err
	}
	climb := runCmd{Scenario: c.Scenario, Axis: c.Axis, Sizes: []int64{size}, Set: set, Seed: c.Seed, Start: string(trial.StartBoot), VMCore: c.VMCore}
	if arm.spec, arm.head, err = climb.head(); err != nil {
		return err
	}
	arm.head.Args, arm.head.MaxBoots = nil, 0
	return soakable(arm.spec)
}

// soakSize is what the VMs are loaded to: what was asked for, or the end of the ladder.
func soakSize(axis scenario.Axis, asked *int64) (int64, error) {
	if asked != nil {
		sizes, err := axis.Sizes([]int64{*asked})
		if err != nil {
			return 0, err
		}
		return sizes[0], nil
	}
	ladder, err := axis.Ladder(0, 0)
	if err != nil {
		return 0, err
	}
	return ladder[len(ladder)-1], nil
}

// ready chooses machine and kernels, writes them into the head, and asks the scenario whether it can be done so.
func (c *soakCmd) ready(a *app, h *trial.Soak, arms []soakArm) (*soaking, error) {
	g, err := c.soakMachine(arms)
	if err != nil {
		return nil, err
	}
	if err := fitSoak(a.err, h, &g, arms, a.results); err != nil {
		return nil, err
	}
	for i := range arms {
		arms[i].head.Machine = g.record()
		if err := refuse(arms[i].spec, arms[i].head, ""); err != nil {
			return nil, err
		}
	}
	s := &soaking{app: a}
	for i := range arms {
		ready, err := a.prepare(arms[i].spec, arms[i].ref, g)
		if err != nil {
			return nil, err
		}
		head := &arms[i].head
		head.Kernel, head.Machine.Board, head.Machine.Cmdline = ready.record(), ready.vm.Board(), ready.vm.KernelCmdline()
		if err := refuse(arms[i].spec, *head, ready.kernel.Config); err != nil {
			return nil, err
		}
		h.Arms = append(h.Arms, *head)
		s.add(arms[i].spec, *head, ready)
	}
	h.ID = runID(time.Now(), arms[0].spec.Name, s.arms[0].ready.kernel) + "-soak"
	return s, nil
}

// soakMachine is the machine of the arm that needs the most memory.
func (c *soakCmd) soakMachine(arms []soakArm) (guest, error) {
	most, at := int64(-1), 0
	for i, arm := range arms {
		axis, err := arm.spec.Axis(arm.head.Axis)
		if err != nil {
			return guest{}, usageError{err}
		}
		if need := axis.Memory(arm.head.Sizes[0]); need > most {
			most, at = need, i
		}
	}
	return c.machine(arms[at].spec, arms[at].head.Axis, arms[at].head.Sizes)
}

// fitSoak decides how many of the VMs that were asked for are started, and says so where that is not all. The guest is told how many
// share the host, so that one that waits for the others does not count as one that hangs.
func fitSoak(w io.Writer, h *trial.Soak, g *guest, arms []soakArm, results string) error {
	asked := h.Asked
	disks, err := roomForDisks(results, diskBytes(arms), asked, len(arms))
	if err != nil {
		return usageError{err}
	}
	room, err := soak.Fit(soakHost(), soak.Guest{Memory: g.vm.MemoryMB << 20, CPUs: g.vm.CPUs, KVM: g.vm.Accel == "kvm"}, min(asked, disks.VMs), len(arms))
	if err != nil {
		return usageError{err}
	}
	h.VMs = room.VMs
	g.vm.Crowd = crowd(h.VMs*g.vm.CPUs, runtime.GOMAXPROCS(0))
	for _, text := range []string{disks.Text, room.Text, room.Slow} {
		if text != "" {
			fmt.Fprintln(w, text)
		}
	}
	return nil
}

// crowd is how many virtual CPUs share one of the host; 0 where each can have its own.
func crowd(virtual, host int) int {
	if virtual <= host {
		return 0
	}
	return (virtual + host - 1) / host
}

// soakable refuses a scenario that has nothing to do again and again.
func soakable(spec scenario.Spec) error {
	loads := slices.ContainsFunc(spec.Ops, func(o scenario.Op) bool { return o.From == scenario.Empty && o.To == scenario.Full })
	works := slices.ContainsFunc(spec.Ops, func(o scenario.Op) bool { return o.From == scenario.Full })
	if !loads || !works {
		return fmt.Errorf("scenario %s cannot be soaked: it has no op that is done again and again with the size loaded", spec.Name)
	}
	return nil
}
