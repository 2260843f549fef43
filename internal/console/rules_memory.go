package console

import "strings"

// memoryRules: lib/list_debug.c, lib/refcount.c, lib/debugobjects.c, mm/slub.c, mm/usercopy.c, mm/memory.c,
// mm/page_alloc.c, mm/kmemleak.c, mm/oom_kill.c.
func memoryRules() []rule {
	const list = "BUG: corrupted list"
	note := func(lit, class, head string) rule {
		return rule{lit: lit, kind: Warning, class: class, head: head, pick: fromRegs, role: notes}
	}
	bug := func(lit, class, head string, from pick) rule {
		return rule{lit: lit, kind: Warning, class: class, head: head, pick: from}
	}
	return []rule{
		note("list_add corruption", "list-corruption", list),
		note("list_del corruption", "list-corruption", list),
		note("list_add double add", "list-corruption", list),
		note("refcount_t: ", "refcount", "WARNING: refcount bug"),
		note("ODEBUG: ", "odebug", "WARNING: ODEBUG bug"),
		note("usercopy: Kernel memory ", "usercopy", "BUG: bad usercopy"),
		note("usercopy: kernel memory ", "usercopy", "BUG: bad usercopy"),
		bug("BUG: Bad page state in", "bad-page", "BUG: Bad page state", fromOrigin),
		bug("BUG: Bad page map in", "bad-page", "BUG: Bad page map", fromTrace),
		bug("BUG: Bad page cache", "bad-page", "BUG: Bad page cache", fromOrigin),
		bug("BUG: Bad rss-counter", "bad-page", "BUG: Bad rss-counter state", fromNothing),
		bug("BUG: non-zero ", "bad-page", "", fromNothing).wordsAfter("BUG: non-zero ", 1),
		bug("BUG: memory leak", "memory-leak", "memory leak", fromTrace),
		bug(": bad pmd ", "bad-page", "bad page table entry", fromNothing).single(),
		bug(": bad pud ", "bad-page", "bad page table entry", fromNothing).single(),
		bug(": bad p4d ", "bad-page", "bad page table entry", fromNothing).single(),
		bug(": bad pgd ", "bad-page", "bad page table entry", fromNothing).single(),
		bug("BUG: Dentry ", "vfs", "BUG: Dentry still in use", fromTrace),
		bug("BUG ", "slab", "", fromTrace).slab(),
		bug("INFO: Freed in ", "slab", "", fromNothing).wholeLine().leading(),
		bug("INFO: Allocated in ", "slab", "", fromNothing).wholeLine().leading(),
		oom(" invoked oom-killer", "oom", opens),
		oom("emory cgroup out of memory: Kill", "oom-cgroup", tails),
		oom("Out of memory: Kill", "oom-global", tails),
		oom("Out of memory and no killable", "oom-global", tails),
	}
}

func oom(lit, class string, role role) rule {
	return rule{lit: lit, kind: OOM, class: class, pick: fromNothing, fill: fillOOM, role: role}
}

// leading makes the rule hit only where the literal opens the record.
func (r rule) leading() rule {
	r.start = true
	return r
}

// single makes a report of the one line: pmd_ERROR and its like print no more.
func (r rule) single() rule {
	r.role = alone
	r.fill = func(rep *Report, _ *facts) { rep.Subsystem = "mm" }
	return r
}

// slab reads "BUG kmalloc-8 (Tainted: G    B): Object already free".
func (r rule) slab() rule {
	r.start, r.with = true, "ainted"
	r.fill = func(_ *Report, f *facts) {
		_, what, _ := strings.Cut(f.first, "): ")
		f.head = "BUG: " + stable(what)
	}
	return r
}

// fillOOM tells a cgroup's limit from the machine's, and names the victim.
func fillOOM(r *Report, f *facts) {
	for _, l := range f.lines {
		switch {
		case strings.Contains(l, "emory cgroup out of memory"), strings.Contains(l, "CONSTRAINT_MEMCG"):
			r.Class = "oom-cgroup"
		case strings.Contains(l, "Out of memory: Kill"):
			r.Class = "oom-global"
		}
		if i := strings.Index(l, "Killed process "); i >= 0 {
			r.Process, r.PID = victim(l[i+len("Killed process "):])
		}
	}
	f.head = "out of memory"
	if r.Class == "oom-cgroup" {
		f.head = "out of memory in a cgroup"
	}
	r.Subsystem = "mm"
}

// victim reads "123 (comm) total-vm:…".
func victim(s string) (comm string, pid int) {
	pid = number(s, -1)
	_, s, _ = strings.Cut(s, "(")
	comm, _, _ = strings.Cut(s, ")")
	return comm, pid
}
