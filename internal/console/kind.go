package console

// Kind is how the kernel failed, in the words of docs/design.md. The zero value is invalid.
type Kind int

// The kinds. Oops is a context the kernel killed (die(), BUG, an exception); Warning is one it reported and let go on
// (WARN, lockdep, KASAN and the other sanitizers); Panic is a panic with a cause of its own: one that merely ends
// an oops or a hang (panic_on_oops, softlockup_panic …) sets Report.Fatal on that one instead.
const (
	_ Kind = iota
	Panic
	Oops
	Warning
	SoftLockup
	HardLockup
	HungTask
	RCUStall
	WorkqueueStall
	OOM
	KernelError
)

// String returns the word that records and reports use.
func (k Kind) String() string {
	switch k {
	case Panic:
		return "panic"
	case Oops:
		return "oops"
	case Warning:
		return "warning"
	case SoftLockup:
		return "soft-lockup"
	case HardLockup:
		return "hard-lockup"
	case HungTask:
		return "hung-task"
	case RCUStall:
		return "rcu-stall"
	case WorkqueueStall:
		return "workqueue-stall"
	case OOM:
		return "oom"
	case KernelError:
		return "kernel-error"
	}
	return "invalid"
}

// Hang reports whether the kind is one of the detectors of missing progress; several of them see the same hang.
func (k Kind) Hang() bool {
	switch k {
	case SoftLockup, HardLockup, HungTask, RCUStall, WorkqueueStall:
		return true
	}
	return false
}

// Crash reports whether the kind means that the kernel itself misbehaved: not that it ran out of memory as told
// (oom), nor that it logged an error about something outside it (kernel-error).
func (k Kind) Crash() bool {
	return k != 0 && k != OOM && k != KernelError
}
