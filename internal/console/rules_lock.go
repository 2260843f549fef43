package console

// lockRules: kernel/locking/lockdep.c, kernel/sched/core.c, kernel/locking/spinlock_debug.c, lib/smp_processor_id.c.
// Lockdep's lines began with "[ INFO:" or "[ BUG:" before 4.10.
func lockRules() []rule {
	const dead = "possible deadlock"
	dep := func(lit, head string, from pick) rule {
		return rule{lit: lit, kind: Warning, class: "lockdep", head: head, pick: from}
	}
	bug := func(lit, class, head string, from pick) rule {
		return rule{lit: lit, kind: Warning, class: class, head: head, pick: from}
	}
	return []rule{
		dep("possible circular locking dependency detected", dead, fromLock),
		dep("possible recursive locking detected", dead, fromLock),
		dep("possible irq lock inversion dependency detected", dead, fromLock),
		dep("-safe -> ", "", fromOrigin).lockOrder(),
		dep("INFO: inconsistent lock state", "inconsistent lock state", fromLock),
		dep("inconsistent lock state", "inconsistent lock state", fromTrace),
		bug("INFO: suspicious RCU usage", "suspicious-rcu", "INFO: suspicious RCU usage", fromTrace),
		bug("WARNING: suspicious RCU usage", "suspicious-rcu", "WARNING: suspicious RCU usage", fromTrace),
		dep("BUG: bad unlock balance", "BUG: bad unlock balance", fromLock),
		dep("WARNING: bad unlock balance", "WARNING: bad unlock balance", fromLock),
		dep("BUG: held lock freed", "BUG: held lock freed", fromLock),
		dep("WARNING: held lock freed", "WARNING: held lock freed", fromLock),
		dep("BUG: lock held when returning to user", "BUG: lock held when returning to user space", fromLock),
		dep("WARNING: lock held when returning to user", "WARNING: lock held when returning to user space", fromLock),
		dep("lock held at task exit time", "lock held at task exit time", fromLock),
		dep("still has locks held", "", fromLock).headFromLine("BUG: still has locks held"),
		dep("Nested lock was not taken", "WARNING: Nested lock was not taken", fromTrace),
		dep("bad contention detected", "WARNING: bad contention detected", fromTrace),
		dep("Invalid wait context", "WARNING: invalid wait context", fromTrace),
		bug("INFO: trying to register non-static key", "non-static-key",
			"INFO: trying to register non-static key", fromTrace),
		bug("BUG: sleeping function called from", "atomic-sleep",
			"BUG: sleeping function called from invalid context", fromTrace),
		bug("BUG: scheduling while atomic", "atomic-sleep", "BUG: scheduling while atomic", fromTrace),
		bug("BUG: workqueue leaked lock", "lockdep", "BUG: workqueue leaked lock or atomic", fromLock),
		bug("BUG: workqueue leaked atomic", "lockdep", "BUG: workqueue leaked lock or atomic", fromLock),
		bug("BUG: using ", "preemptible", "", fromTrace).perCPU(),
		bug("BUG: spinlock ", "spinlock", "", fromTrace).wordsAfter("BUG: spinlock ", 2),
		bug("BUG: rwlock ", "spinlock", "", fromTrace).wordsAfter("BUG: rwlock ", 2),
		bug("BUG: looking up invalid subclass", "lockdep", "BUG: looking up invalid subclass", fromTrace),
		bug("BUG: MAX_", "lockdep", "", fromNothing).wholeLine(),
		bug("voluntary context switch within RCU", "lockdep",
			"WARNING: voluntary context switch within RCU", fromTrace),
	}
}
