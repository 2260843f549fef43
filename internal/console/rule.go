package console

import "strings"

// rule says what a failure looks like on its first line, and what it is called.
type rule struct {
	lit   string   // what the record holds; at least 4 bytes
	start bool     // lit must open the record: it is a common word elsewhere
	with  string   // what else the record must hold
	but   []string // what it must not hold

	kind  Kind
	class string
	head  string // the title without the function
	pick  pick
	fill  func(*Report, *facts) // what only the text can tell: a finer class, a function named on the line

	role role
}

// role is the part a rule plays among those that hit for one failure.
type role int

const (
	opens role = iota // begins a report of its own
	hint              // "cut here": something begins, the next lines say what
	notes             // a message printed before the WARN or BUG that it belongs to; its class wins
	tails             // a second line of an oops that has begun, or its first if that line was lost
	final             // the kernel panics
	alone             // one line, nothing follows
	maybe             // counts only if a call trace follows
)

// pick is how the guilty function of a rule is found; see guilty.go.
type pick int

const (
	fromTrace   pick = iota // first frame that is no messenger
	fromRegs                // where the CPU was, then the trace
	fromWarning             // named on the WARNING line, then the trace
	fromLock                // where the lock was taken ("at: foo+0x1/0x2"), then the trace
	fromOrigin              // the trace of who made the thing that broke, then that of who noticed
	fromHang                // the task's trace, past what it waits in
	fromStall               // the CPU's trace, what the nearest dispatcher called
	fromNothing
)

// hit reports whether the rule's literal, found at text[i:], counts.
func (r *rule) hit(text string, i int) bool {
	if r.start && !leads(text[:i]) {
		return false
	}
	if r.with != "" && !strings.Contains(text, r.with) {
		return false
	}
	for _, s := range r.but {
		if strings.Contains(text, s) {
			return false
		}
	}
	return true
}

// leads reports whether s is only what the kernel puts before the first word of a message.
func leads(s string) bool {
	s = strings.Trim(s, " \t[")
	switch s {
	case "", "rcu:", "watchdog:", "NMI watchdog:", "Oops:", "kernel:", "traps:":
		return true
	}
	return false
}

// rules is every rule, the more specific first: of several that hit one record the first counts.
func rules() []rule {
	var all []rule
	for _, table := range [][]rule{
		panicRules(), sanitizerRules(), hangRules(), lockRules(), memoryRules(), oopsRules(), warningRules(),
		fsRules(), errorRules(), lastRules(),
	} {
		all = append(all, table...)
	}
	return all
}
