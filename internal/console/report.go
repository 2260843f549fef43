package console

// Report is one failure that the console tells of.
type Report struct {
	Kind  Kind
	Class string // finer than Kind: "null-deref", "KASAN: use-after-free", "lockdep", "init-killed" …; see rules_*.go
	Title string // one line for people, stable between runs: "KASAN: use-after-free Read in foo"

	Function  string // the function to blame, bare: no offset, no .isra/.constprop/.cold; empty when there is none
	Waits     string // for a hang: the primitive Function waits in ("rtnl_lock", "synchronize_rcu"), if any
	Subsystem string // "wireguard", "net", "mm", "fs/xfs" …

	Process   string // comm of the task; of the victim for an OOM kill
	PID, CPU  int    // -1 when the text does not say
	Taint     string // "Not tainted" or the letters: "G W O"
	Trace     []Frame
	Registers string // the line that says where the CPU was: "RIP: 0010:foo+0x12/0x40"

	Fatal     bool // the kernel panicked in the course of it
	Corrupted bool // lines are missing or mixed: don't trust Function

	Start, End int64  // byte offsets in the input
	Text       string // the console text, cleaned, at most 32 KiB
	Repeats    int    // how often the same signature came again in the same event, with Parse in the whole console

	// Secondary is what followed from the same event: other CPUs, another detector of the same hang. Each lacks Text
	// and Trace.
	Secondary []Report
}

// Frame is one line of a call trace, innermost first.
type Frame struct {
	Function   string // bare name
	Module     string // "wireguard", or empty when built in
	Unreliable bool   // marked "?": found on the stack, perhaps never called
}

// Crash reports whether the kernel itself misbehaved; see Kind.Crash. A device that never becomes free is a logged
// error by kind, and yet a reference the kernel lost.
func (r Report) Crash() bool {
	return r.Kind.Crash() || r.Class == classUnregister
}

// InitKilled reports that pid 1 ended and took the kernel with it: the agent's fault, not the kernel's.
func (r Report) InitKilled() bool { return r.Class == classInitKilled }

// Signature is the name of the failure: kind, function and subsystem, joined by colons; the class takes the place of a
// function that is not known. It holds nothing that differs between two runs: no address, pid, CPU or time.
func (r Report) Signature() string {
	name := r.Function
	if name == "" {
		name = r.Class
	}
	return r.Kind.String() + ":" + name + ":" + r.Subsystem
}
