package soak

import "time"

// Job is what one VM is started for.
type Job struct {
	// Ordinal counts the VMs of a soak from 1, in the order of their starts: the trial's number.
	Ordinal int `json:"ordinal"`
	// Slot is its place among those that run side by side, from 0: the next VM in it starts when this one has ended.
	Slot int `json:"slot"`
	// Arm is which kernel it has: 0, or 1 for the one that is compared with it.
	Arm int `json:"arm"`
	// Seed is its own, but for the VM of the other arm that it races with.
	Seed uint64 `json:"seed"`
	// Race counts the pairs of VMs that are compared, from 1; 0 where there is one arm. See Versus.
	Race int `json:"race,omitempty"`
}

// Failure is what ended a VM.
type Failure struct {
	Signature string `json:"signature"` // stable over VMs; empty is one, too
	Title     string `json:"title,omitempty"`
	Function  string `json:"function,omitempty"`
}

// Result is what became of one VM. Start, Loaded and End are host time since the soak began, as Fleet.For is; a soak
// that was resumed goes on where it stopped. VM time is Time.
type Result struct {
	Job
	Start  time.Duration `json:"start_ns"`
	Loaded time.Duration `json:"loaded_ns,omitempty"` // when its load began, 0 for a VM that did not come so far
	End    time.Duration `json:"end_ns"`              // when it failed or was stopped; saving evidence comes after that
	Noted  time.Duration `json:"noted_ns,omitempty"`  // when that was over, and this was written; 0 for one that still ran
	// Time is VM time: from the beginning of the load to the failure, or to where the VM was stopped. Boot does not
	// count. It is in the clock of the rates, the guest's or the host's, whichever the caller gives in all of them.
	Time    time.Duration `json:"time_ns"`
	Failure *Failure      `json:"failure,omitempty"` // nil: it was stopped, or its time was up, without one
	// Harness says what our own fault was. Such a VM counts neither time nor failure.
	Harness string `json:"harness,omitempty"`
	// Partial says that the VM still ran when this was written. What is written of the same ordinal later replaces
	// it. If nothing is, because brink was killed, the time up to here counts.
	Partial bool `json:"partial,omitempty"`
	// Late says that the fleet was being stopped already when the VM failed, or that its race was not over then. It
	// counts in the rates, not in the verdict.
	Late bool `json:"late,omitempty"`
}

// counts reports whether the result says anything of the kernel.
func (r Result) counts() bool { return r.Harness == "" }
