// Package scenario holds the words a scenario is described with: what state grows (axis), which kernel operations are
// timed (op), what they may cost, and which options a user may set.
//
// A Spec is data. It is safe to load on the host: the code that grows the state lives in scenarios/NAME/guest and runs
// only inside the guest. This package knows the standard library and nothing else.
package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Spec describes one scenario.
type Spec struct {
	Name     string   // lower case, one word: the folder's name
	Title    string   // one line for `brink list`
	Incident string   // the production failure it stands for, one line
	Axes     []Axis   // the first one is ramped unless the user names another
	Ops      []Op     // in the order they are done at one size
	Options  []Option // what --set accepts
	Rate     string   // the numeric option that is the load, halved by `brink explain`; empty: there is none
	Modules  []string // kernel modules the guest loads, without their dependencies
	Built    []string // modules of brink's own (vmimages/NAME), built for the guest's kernel and loaded last
	Recipes  []string // recipes of modules that are built on the user's machine (vmimages.Recipe), loaded after Built
	Seeded   bool     // the failures are planted: whatever it shows is marked so
	Tools    []string // host programs copied into the guest, by name
	Plain    []Plain  // shell scripts that show its failures without brink; the first that fits is used

	Signals []Signal // what it records once a second beside the ops
	Limits  []Limit  // bounds on the signals
	NICs    []NIC    // network cards of the guest
	Disks   []Disk   // of the guest
	CPUs    int      // virtual ones, unless the user says how many; 0: one
	Expects []Expect // what the kernel says that is no failure in this scenario
	// Features are the CPU features its costs rest on, as QEMU names them (avx), which `brink explain` takes away one by one;
	// empty: it tries two groups of them.
	Features []string

	// Needs returns what the guest needs besides with these settings; nil: nothing.
	Needs func(axis string, s Settings) Needs
	// Refuse says why the scenario cannot be done so, for errors of the user's that no single option shows; nil: it always can.
	Refuse func(Setup) error
}

// Axis returns the axis of that name; an empty name means the first one.
func (s Spec) Axis(name string) (Axis, error) {
	if name == "" && len(s.Axes) > 0 {
		return s.Axes[0], nil
	}
	for _, a := range s.Axes {
		if a.Name == name {
			return a, nil
		}
	}
	return Axis{}, fmt.Errorf("unknown axis %q of scenario %s: it has %s", name, s.Name, strings.Join(s.axisNames(), ", "))
}

// Op returns the op of that name.
func (s Spec) Op(name string) (Op, bool) {
	i := slices.IndexFunc(s.Ops, func(o Op) bool { return o.Name == name })
	if i < 0 {
		return Op{}, false
	}
	return s.Ops[i], true
}

// Scaled returns the spec with budgets, deadlines and limits of time multiplied, for machines that are so much slower than a
// processor. Their times depend on what else the host does, so a limit that compares two times says nothing there and is left out.
func (s Spec) Scaled(factor int) Spec {
	f := time.Duration(factor)
	s.Ops = slices.Clone(s.Ops)
	for i := range s.Ops {
		o := &s.Ops[i]
		o.Budget.Base, o.Budget.PerUnit, o.Deadline = o.Budget.Base*f, o.Budget.PerUnit*f, o.Deadline*f
	}
	s.Limits = s.scaledLimits(factor)
	return s
}

func (s Spec) scaledLimits(factor int) (limits []Limit) {
	for _, l := range s.Limits {
		time := slices.ContainsFunc(s.Signals, func(x Signal) bool { return x.Name == l.Signal && x.Unit == "ns" })
		switch {
		case time && l.Form == Above:
			l.Bound *= float64(factor)
		case time && factor > 1:
			continue
		}
		limits = append(limits, l)
	}
	return limits
}

func (s Spec) axisNames() []string {
	names := make([]string, len(s.Axes))
	for i, a := range s.Axes {
		names[i] = a.Name
	}
	return names
}
