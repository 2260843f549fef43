package trial

import "slices"

// Kind is how a trial ended. The zero value is invalid.
type Kind string

// The outcomes of a trial.
const (
	Completed    Kind = "completed"
	Panic        Kind = "panic"
	Oops         Kind = "oops"
	Warning      Kind = "warning"
	SoftLockup   Kind = "soft-lockup"
	HardLockup   Kind = "hard-lockup"
	HungTask     Kind = "hung-task"
	RCUStall     Kind = "rcu-stall"
	OOM          Kind = "oom"
	KernelError  Kind = "kernel-error"  // a logged error
	OpRefused    Kind = "op-error"      // an errno
	Deadline     Kind = "deadline"      // an op ran past its deadline while the guest still answered
	StuckTask    Kind = "stuck-task"    // a zombie, a task in D state or a port that outlives its owner's end
	WorkerKilled Kind = "worker-killed" // by the kernel, without a word on the console
	Corruption   Kind = "corruption"    // data that a scenario reads is not what it wrote
	Unresponsive Kind = "unresponsive"
	VMDied       Kind = "vm-died"
	Harness      Kind = "harness" // our own fault: neither good nor bad
)

// Kills reports whether a trial with this outcome lost its VM, so that the ramp cannot go on from there.
func (k Kind) Kills() bool {
	return slices.Contains([]Kind{Panic, Oops, SoftLockup, HardLockup, HungTask, RCUStall, OOM, StuckTask, WorkerKilled,
		Corruption, Unresponsive, VMDied}, k)
}

// Failure is one thing that went wrong with the kernel.
type Failure struct {
	Kind      Kind   `json:"kind"`
	Title     string `json:"title"`               // one line
	Signature string `json:"signature,omitempty"` // stable over runs
	Function  string `json:"function,omitempty"`
	Subsystem string `json:"subsystem,omitempty"`
	Fatal     bool   `json:"fatal,omitempty"`     // the kernel died of it
	Secondary bool   `json:"secondary,omitempty"` // another sign of a failure that was seen before in this trial
	Expected  bool   `json:"expected,omitempty"`  // the scenario brings it about (Plan.Expects): no failure
	Text      string `json:"text,omitempty"`      // evidence, bounded
}

// Outcome is the end of a trial.
type Outcome struct {
	Kind    Kind     `json:"kind"`
	Size    int64    `json:"size,omitempty"` // where it failed
	Op      string   `json:"op,omitempty"`   // what it was doing
	Failure *Failure `json:"failure,omitempty"`
	Text    string   `json:"text,omitempty"`
}
