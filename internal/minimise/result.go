package minimise

import (
	"encoding/json"
	"fmt"
	"time"

	"brink/internal/explain"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Version is the version of Result's JSON. A reader refuses newer ones.
const Version = 1

// Result is the smallest reproduction that was found: all that it takes to boot the guest and show the failure. What a
// guest always has (the agent, its channel, the console) is not in it.
type Result struct {
	V      int            `json:"v"`
	Target explain.Target `json:"target"`
	Kernel trial.Kernel   `json:"kernel"`
	// Plan is what the agent follows. Its settings hold all options, Settings those that are not at their defaults.
	Plan     trial.Plan        `json:"plan"`
	Settings scenario.Settings `json:"settings,omitempty"`
	// Machine has the whole command line of the kernel.
	Machine trial.Machine `json:"machine"`
	Modules []string      `json:"modules,omitempty"` // of the kernel's own, without their dependencies and those of the channel
	Built   []string      `json:"built,omitempty"`   // modules of brink's own, loaded last
	Tools   []string      `json:"tools,omitempty"`   // host programs in the guest
	Devices []string      `json:"devices,omitempty"` // beside the channel's: pvpanic or none
	// Without is what is left out of the machine that brink usually boots: for qemu.Config.Without.
	Without []string `json:"without,omitempty"`

	Dropped    []string      `json:"dropped,omitempty"` // a line each
	Kept       []string      `json:"kept,omitempty"`    // a line each, with why
	Complete   bool          `json:"complete"`          // everything was tried; else a limit came first
	Boots      int           `json:"boots"`             // fresh VMs spent, those of earlier calls included
	Took       time.Duration `json:"took_ns"`           // by the host's clock, of all calls
	Rate       float64       `json:"rate"`              // share of the VMs that show it with nothing left out; 1: always
	Confirmed  int           `json:"confirmed"`         // VMs with other seeds that showed it
	Confirming int           `json:"confirming"`        // VMs with other seeds it was tried in
}

// ParseResult reads a result.
func ParseResult(text []byte) (Result, error) {
	var r Result
	if err := json.Unmarshal(text, &r); err != nil {
		return Result{}, fmt.Errorf("parse minimised reproduction: %w", err)
	}
	if r.V > Version {
		return Result{}, fmt.Errorf("minimised reproduction has version %d, this build knows %d: use a newer brink", r.V, Version)
	}
	if r.V < 1 {
		return Result{}, fmt.Errorf("parse minimised reproduction: it has no version")
	}
	if err := r.Plan.Check(); err != nil {
		return Result{}, fmt.Errorf("parse minimised reproduction: %w", err)
	}
	return r, nil
}

// New makes the result of a report. What the host knows of the machine, and how long it took, is for the caller to add.
func New(q Question, head trial.Run, r Report, lines []Line) Result {
	c := r.Best
	settings := scenario.Settings{}
	for _, o := range set(q.Spec, c.Settings) {
		settings[o.Name] = c.Settings[o.Name]
	}
	return Result{V: Version, Target: q.Target, Kernel: head.Kernel, Plan: q.planOf(c, head, lines), Settings: settings,
		Machine: c.Machine, Modules: c.Modules, Built: c.Built, Tools: c.Tools, Devices: c.Devices, Without: q.Left(c),
		Dropped: r.Dropped, Kept: r.Kept, Boots: Boots(lines, q.Target), Took: took(lines, q.Target), Rate: r.Rate,
		Confirmed: r.Tally.Confirmed, Confirming: r.Tally.Confirming}
}

// Left returns the devices and arguments that a candidate is without.
func (q Question) Left(c Candidate) (without []string) {
	for _, pair := range [][2][]string{{q.Whole.Devices, c.Devices}, {q.Whole.Args, c.Args}} {
		without = append(without, missing(pair[0], pair[1])...)
	}
	return without
}

// planOf returns the plan of the last trial in which a candidate showed the target: it is known to work.
func (q Question) planOf(c Candidate, head trial.Run, lines []Line) (plan trial.Plan) {
	for _, own := range trials(lines, q.Target) {
		if own[0].Try.Candidate.Key() != c.Key() {
			continue
		}
		if p, ok := probe(q.Spec, head, q.Target, own); ok && shows(p, q.Target) {
			plan = *own[0].Plan
		}
	}
	return plan
}

// took adds up the trials' time by the host's clock.
func took(lines []Line, target explain.Target) (sum time.Duration) {
	for _, own := range trials(lines, target) {
		sum += hostTime(own)
	}
	return sum
}

// Typical returns what a trial takes on average by the host's clock, of those that came to their end; 0 without any.
func Typical(lines []Line, target explain.Target) time.Duration {
	var sum time.Duration
	n := 0
	for _, own := range trials(lines, target) {
		if own[len(own)-1].Type == trial.EventOutcome {
			sum += hostTime(own)
			n++
		}
	}
	return sum / time.Duration(max(1, n))
}

func hostTime(lines []Line) time.Duration { return lines[len(lines)-1].Host.Sub(lines[0].Host) }
