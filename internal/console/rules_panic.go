package console

import "strings"

const (
	classInitKilled = "init-killed"
	classUnregister = "unregister-netdevice"
)

// panicRules: kernel/panic.c.
func panicRules() []rule {
	return []rule{
		{lit: "Kernel panic - not syncing", kind: Panic, class: "panic", role: final, fill: fillPanic},
		{lit: "Kernel panic: ", start: true, kind: Panic, class: "panic", role: final, fill: fillPanic},
		{lit: "PANIC: early exception", kind: Oops, class: "early-exception", head: "PANIC: early exception",
			pick: fromRegs},
		{lit: "PANIC: double fault", kind: Oops, class: "double-fault", head: "PANIC: double fault", pick: fromRegs},
		{lit: "Kernel stack overflow", start: true, but: []string{"CPU:"}, kind: Oops, class: "stack-overrun",
			head: "kernel stack overflow", pick: fromRegs},
		{lit: "Insufficient stack space to handle exception", kind: Oops, class: "stack-overrun",
			head: "kernel stack overflow", pick: fromRegs},
	}
}

// cause is a panic that says in its reason what kind of failure it ends.
type cause struct {
	reason string
	kind   Kind
	class  string
	head   string
	pick   pick
}

func causes() []cause {
	const p = "kernel panic: "
	return []cause{
		{"Attempted to kill init", Panic, classInitKilled, p + "Attempted to kill init!", fromNothing},
		{"Attempted to kill the idle task", Panic, "idle-killed", p + "Attempted to kill the idle task!", fromTrace},
		{"stack-protector:", Panic, "stack-overrun", p + "stack is corrupted", fromTrace},
		{"corrupted stack end", Panic, "stack-overrun", p + "corrupted stack end", fromStall},
		{"softlockup", SoftLockup, "soft-lockup", "BUG: soft lockup", fromStall},
		{"hung_task", HungTask, "hung-task", "INFO: task hung", fromHang},
		{"RCU Stall", RCUStall, "rcu-stall", "INFO: rcu detected stall", fromStall},
		{"LOCKUP", HardLockup, "hard-lockup", "hard lockup", fromStall},
		{"panic_on_warn", Warning, "warning", "WARNING", fromTrace},
		{"panic_on_oom", OOM, "oom-panic", p + "out of memory", fromNothing},
		{"Out of memory", OOM, "oom-panic", p + "out of memory", fromNothing},
		{"deadlocked on memory", OOM, "oom-panic", p + "System is deadlocked on memory", fromNothing},
		{"Unable to mount root fs", Panic, "no-root", p + "VFS: Unable to mount root fs", fromNothing},
		{"No working init found", Panic, "no-init", p + "No working init found", fromNothing},
		{"Requested init", Panic, "no-init", p + "Requested init failed", fromNothing},
		{"Fatal exception", Panic, "fatal-exception", p + "Fatal exception", fromNothing},
		{"sysrq triggered crash", Panic, "sysrq", p + "sysrq triggered crash", fromNothing},
		{"Machine halted", Oops, "double-fault", "PANIC: double fault", fromRegs},
		{"Non maskable interrupt", Panic, "nmi", p + "NMI", fromStall},
		{"NMI", Panic, "nmi", p + "NMI", fromStall},
		{"Fatal hardware error", Panic, "hardware-error", p + "Fatal hardware error", fromNothing},
		{"Fatal machine check", Panic, "hardware-error", p + "Fatal machine check", fromNothing},
	}
}

// fillPanic names a panic that stands alone by its reason; one that ends an oops or a hang never gets here.
func fillPanic(r *Report, f *facts) {
	reason := panicReason(f.first)
	c := causeOf(reason)
	if c.kind == 0 {
		f.head, f.pick, f.anonymous = "kernel panic: "+stable(reason), fromTrace, true
		return
	}
	r.Kind, r.Class, f.head, f.pick = c.kind, c.class, c.head, c.pick
	if c.reason == "stack-protector:" {
		f.named = funcIn(after(reason, "corrupted in: "))
	}
}

// causeOf returns the cause that the reason of a panic names; its kind is 0 when it names none of them.
func causeOf(reason string) cause {
	for _, c := range causes() {
		if strings.Contains(reason, c.reason) {
			return c
		}
	}
	return cause{}
}

func panicReason(line string) string {
	reason := after(line, "Kernel panic")
	if i := strings.Index(reason, ": "); i >= 0 {
		return strings.TrimSpace(reason[i+2:])
	}
	return ""
}
