package console

import "strings"

// warningRules: kernel/panic.c __warn(). Before 6.18 "WARNING: CPU: 1 PID: 2 at file:line func+0x1/0x2", since then
// "WARNING: file:line at func+0x1/0x2, CPU#1: comm/2".
func warningRules() []rule {
	return []rule{
		{lit: "------------[ cut here ]------------", role: hint},
		warn("WARNING: CPU:", ""),
		warn("WARNING: ", ", CPU#").leading(),
		warn("WARNING: ", ".c:").leading(),
		warn("WARNING: ", ".h:").leading(),
		warn("WARNING: ", ".rs:").leading(),
		warn("WARNING: at ", "").leading(),
		{lit: "WARNING: kernel stack ", kind: Warning, class: "unwinder", pick: fromNothing, fill: fillStackWarning},
	}
}

func warn(lit, with string) rule {
	return rule{lit: lit, with: with, kind: Warning, class: "WARN", pick: fromWarning, fill: fillWarning}
}

// fillWarning tells the warnings that a library raises for its caller from those of the code itself.
func fillWarning(r *Report, f *facts) {
	rest := after(f.first, "WARNING: ")
	if strings.HasPrefix(rest, "CPU:") {
		rest = after(rest, " at ")
	}
	rest = strings.TrimPrefix(rest, "at ")
	f.path = pathIn(rest)
	f.named = firstOf(funcIn(rest), funcIn(after(rest, " at ")))
	f.head = "WARNING"
	for _, l := range warningLibraries() {
		if strings.HasPrefix(f.path, l.path) && strings.Contains(f.named, l.function) {
			r.Class, f.head = l.class, l.head
			return
		}
	}
	if strings.Contains(rest, ", CPU#") {
		r.Process, r.PID = splitTask(after(after(rest, ", CPU#"), ": "))
	}
}

// library is code whose warnings are about its caller.
type library struct{ path, function, class, head string }

func warningLibraries() []library {
	return []library{
		{"lib/refcount.c", "", "refcount", "WARNING: refcount bug"},
		{"lib/debugobjects.c", "", "odebug", "WARNING: ODEBUG bug"},
		{"lib/kobject.c", "", "kobject", "WARNING: kobject bug"},
		{"lib/list_debug.c", "", "list-corruption", "BUG: corrupted list"},
		{"kernel/locking/lockdep.c", "", "lockdep", "WARNING: locking bug"},
		{"mm/usercopy.c", "", "usercopy", "WARNING: bad usercopy"},
		{"fs/proc/generic.c", "", "proc", "WARNING: proc registration bug"},
		{"mm/", "kmalloc", "kmalloc", "WARNING: kmalloc bug"},
		{"mm/", "kvmalloc", "kmalloc", "WARNING: kmalloc bug"},
		{"mm/vmalloc.c", "__vmalloc_node_range", "vmalloc", "WARNING: zero-size vmalloc"},
	}
}

// fillStackWarning reads the frame-pointer unwinder's complaints, whose addresses differ from run to run.
func fillStackWarning(_ *Report, f *facts) {
	what, _, _ := strings.Cut(after(f.first, "WARNING: kernel stack "), " at ")
	f.head = "WARNING: kernel stack " + what + " has bad value"
	if strings.Contains(f.first, "'bp'") {
		f.head = "WARNING: kernel stack " + what + " has bad 'bp' value"
	}
}

// lastRules catch what nobody foresaw: the kernel says BUG at the start of a record, or WARNING or INFO, which user
// space and boot messages say too: they count when the kernel found it worth a call trace.
func lastRules() []rule {
	return []rule{
		rule{lit: "ASSERT FAILED", kind: Warning, class: "assert", pick: fromTrace}.wholeLine(),
		rule{lit: "BUG: ", start: true, kind: Warning, class: "BUG", pick: fromTrace}.wholeLine(),
		rule{lit: "WARNING: ", start: true, kind: Warning, class: "warning", pick: fromTrace, role: maybe}.wholeLine(),
		rule{lit: "INFO: ", start: true, kind: Warning, class: "info", pick: fromTrace, role: maybe}.wholeLine(),
	}
}
