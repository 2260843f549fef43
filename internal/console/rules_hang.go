package console

import "strings"

// hangRules: kernel/watchdog.c, kernel/watchdog_hld.c, kernel/rcu/tree_stall.h, tree_exp.h and tasks.h,
// kernel/hung_task.c, kernel/workqueue.c.
func hangRules() []rule {
	const soft, hard, stall, hung = "BUG: soft lockup", "hard lockup", "INFO: rcu detected stall", "INFO: task hung"
	return []rule{
		{lit: "BUG: soft lockup", kind: SoftLockup, class: "soft-lockup", head: soft, pick: fromStall, fill: fillSoft},
		{lit: "detected hard LOCKUP", kind: HardLockup, class: "hard-lockup", head: hard, pick: fromStall},
		{lit: "detected Hard LOCKUP", kind: HardLockup, class: "hard-lockup", head: hard, pick: fromStall},
		{lit: "self-detected stall", kind: RCUStall, class: "rcu-stall", head: stall, pick: fromStall},
		{lit: "self-detected expedited stall", kind: RCUStall, class: "rcu-stall", head: stall, pick: fromStall},
		{lit: "detected stall", with: "rcu", kind: RCUStall, class: "rcu-stall", head: stall, pick: fromStall},
		{lit: "detected expedited stalls", kind: RCUStall, class: "rcu-stall", head: stall, pick: fromStall},
		{lit: "INFO: rcu_", with: "stall", kind: RCUStall, class: "rcu-stall", head: stall, pick: fromStall},
		{lit: "INFO: task ", with: "can't die", kind: HungTask, class: "hung-task", head: "INFO: task can't die",
			pick: fromHang, fill: fillHung},
		{lit: "INFO: task ", with: " for more than ", kind: HungTask, class: "hung-task", head: hung, pick: fromHang,
			fill: fillHung},
		{lit: "BUG: workqueue lockup", kind: WorkqueueStall, class: "workqueue-lockup", head: "BUG: workqueue lockup",
			pick: fromNothing, fill: fillWorkqueue},
	}
}

// fillSoft reads "BUG: soft lockup - CPU#1 stuck for 22s! [comm:123]".
func fillSoft(r *Report, f *facts) {
	if i := strings.LastIndexByte(f.first, '['); i >= 0 {
		r.Process, r.PID = splitTask(strings.TrimRight(f.first[i+1:], "] "))
	}
	r.CPU = number(after(f.first, "CPU#"), r.CPU)
}

// fillWorkqueue finds what keeps the stalled pool's worker: the function that is in flight on the CPUs of "BUG:
// workqueue lockup - pool cpus=1 node=0 …", in the listing that follows (show_one_worker_pool, show_pwq).
func fillWorkqueue(r *Report, f *facts) {
	cpus, _, _ := strings.Cut(after(f.first, " cpus="), " ")
	r.CPU = number(cpus, r.CPU)
	ours := false
	for _, l := range f.lines[1:] {
		if rest := after(l, " cpus="); rest != "" {
			cpus2, _, _ := strings.Cut(rest, " ")
			ours = cpus2 == cpus
		}
		work := after(after(l, "in-flight: "), ":")
		if !ours || work == "" {
			continue
		}
		name, rest, _ := strings.Cut(work, " ")
		if name = bare(strings.Trim(name, ",")); symbolName(name) {
			r.Function = name
			if strings.HasPrefix(rest, "[") {
				r.Subsystem = moduleIn(rest)
			}
			return
		}
	}
}

// fillHung reads "INFO: task comm:123 blocked for more than 120 seconds."
func fillHung(r *Report, f *facts) {
	task, _, _ := strings.Cut(after(f.first, "INFO: task "), " blocked ")
	task, _, _ = strings.Cut(task, " can't die")
	r.Process, r.PID = splitTask(task)
}
