// Package seeded describes brink's own control: a kernel module with a failure planted at a size that is known, which
// brink must find, name and bracket. It says nothing about any kernel.
package seeded

import (
	"time"

	"brink/internal/scenario"
)

// ServicePort is the TCP port that the scenario's service listens on.
const ServicePort = 7777

// Modes lists what can be planted; vmimages/seeded says what each does.
var Modes = []string{
	"none",
	"linear", "quadratic", "knee",
	"panic", "oops", "gpf", "bug", "warn", "corruption", "atomic-sleep",
	"soft-lockup", "hard-lockup", "rcu-stall", "hung-task",
	"leak", "errno", "error-line", "sleep", "kill", "triple-fault", "zombie", "port",
}

// Spec returns the scenario.
func Spec() scenario.Spec {
	return scenario.Spec{
		Name:     "seeded",
		Title:    "a planted failure, to try brink itself",
		Incident: "none: a positive control; whatever it shows is marked seeded",
		Axes: []scenario.Axis{{
			Name: "entries", Unit: "entry", Title: "entries on the module's list",
			Min: 1, Max: 10_000_000, From: 1024, To: 65536,
			MemoryBase: 256 << 20, MemoryPerUnit: 128,
		}},
		Ops:     ops(),
		Options: options(),
		Plain:   plain(),
		Built:   []string{"seeded"},
		Seeded:  true,
	}
}

func ops() []scenario.Op {
	const ms, us = time.Millisecond, time.Microsecond
	return []scenario.Op{
		{Name: "grow", Title: "add entries up to the size", From: scenario.Smaller, To: scenario.Full, Reps: 1,
			Growth: scenario.Linear, Budget: scenario.Budget{Base: 10 * ms, PerUnit: 10 * us}, Deadline: scenario.MinDeadline},
		{Name: "walk", Title: "the op that fails: cheap and constant below the planted size", From: scenario.Full, To: scenario.Full, Reps: 4,
			Growth: scenario.Linear, Budget: scenario.Budget{Base: 5 * ms, PerUnit: us / 2}, Deadline: scenario.MinDeadline},
		{Name: "service", Title: "a process with a listening port is killed, reaped, and its port bound again", From: scenario.Full,
			To: scenario.Full, Reps: 1, Growth: scenario.Constant, Budget: scenario.Budget{Base: time.Second}, Deadline: 2 * scenario.MinDeadline},
		{Name: "clear", Title: "free all entries", From: scenario.Full, To: scenario.Empty, Reps: 1,
			Growth: scenario.Linear, Budget: scenario.Budget{Base: 10 * ms, PerUnit: 10 * us}, Deadline: scenario.MinDeadline},
		{Name: "load", Title: "add all entries to an empty list", From: scenario.Empty, To: scenario.Full, Reps: 1,
			Growth: scenario.Linear, Budget: scenario.Budget{Base: 10 * ms, PerUnit: 10 * us}, Deadline: scenario.MinDeadline},
	}
}

func options() []scenario.Option {
	return []scenario.Option{
		{Name: "mode", Kind: scenario.Choice, Default: "panic", Choices: Modes, Help: "what is planted"},
		{Name: "at", Kind: scenario.Int, Default: "40000", Min: 1, Max: 10_000_000, Help: "the size from which on it fires"},
		{Name: "one-in", Kind: scenario.Int, Default: "1", Min: 1, Max: 1_000_000_000,
			Help: "from that size on it fires in one of so many walks (or holds of a service), drawn from the seed"},
	}
}
