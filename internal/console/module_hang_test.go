package console

// moduleHangs are the hangs of TestModuleIsToBlame.
func moduleHangs() map[string]atFault {
	const regs = `Modules linked in: seeded(OE)
CPU: 1 UID: 0 PID: 311 Comm: worker Tainted: G           OE       7.2.13+deb14-amd64 #1 PREEMPT(lazy)
Tainted: [O]=OOT_MODULE, [E]=UNSIGNED_MODULE
RIP: 0010:delay_tsc+0x2d/0x60
RSP: 0018:ffffb0f540b67d28 EFLAGS: 00000206
`
	const path = ` seeded_soft_lockup+0x22/0x40 [seeded]
 seeded_store+0x8c/0x140 [seeded]
 kernfs_fop_write_iter+0x12f/0x1c0
 vfs_write+0x2b0/0x4a0
 ksys_write+0x6d/0xf0
 do_syscall_64+0xe1/0x640
 entry_SYSCALL_64_after_hwframe+0x76/0x7e
 </TASK>
`
	const tick = `Sending NMI from CPU 0 to CPUs 1:
NMI backtrace for cpu 1
CPU: 1 PID: 311 Comm: worker Tainted: G           OE     5.10.0-46-cloud-amd64 #1 Debian 5.10.262-1
Hardware name: QEMU Standard PC (Q35 + ICH9, 2009)
`
	const self = `Call Trace:
 <IRQ>
 dump_stack+0x6b/0x83
 nmi_cpu_backtrace.cold+0x32/0x69
 nmi_trigger_cpumask_backtrace+0xd7/0xe0
 rcu_dump_cpu_stacks+0xb3/0xe1
 rcu_sched_clock_irq.cold+0x1a9/0x394
 update_process_times+0x8c/0xc0
 tick_sched_handle+0x22/0x60
 tick_sched_timer+0x65/0x80
 __hrtimer_run_queues+0x127/0x270
 hrtimer_interrupt+0x110/0x2c0
 __sysvec_apic_timer_interrupt+0x5c/0xe0
 asm_call_irq_on_stack+0xf/0x20
 </IRQ>
 sysvec_apic_timer_interrupt+0x72/0x80
 asm_sysvec_apic_timer_interrupt+0x12/0x20
RIP: 0010:delay_tsc+0x2d/0x60
RSP: 0018:ffffb0f540b67d28 EFLAGS: 00000206
`
	const hung = `task:worker          state:D stack:0     pid:311   tgid:311   ppid:1      task_flags:0x400040 flags:0x00080000
Call Trace:
 <TASK>
 __schedule+0x4e9/0xc00
 schedule+0x27/0xf0
 schedule_preempt_disabled+0x15/0x30
 __mutex_lock.constprop.0+0x4a5/0x8c0
 seeded_wait_on_lock+0x1e/0x30 [seeded]
 seeded_store+0x8c/0x140 [seeded]
 kernfs_fop_write_iter+0x12f/0x1c0
 vfs_write+0x2b0/0x4a0
 do_syscall_64+0xe1/0x640
 </TASK>
`
	const off = "\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.\n"
	return map[string]atFault{
		"soft-7": {SoftLockup, "seeded_soft_lockup", "watchdog: BUG: soft lockup - CPU#1 stuck for 26s! " +
			"[worker:311]\n" +
			"CPU#1 Utilization every 4s during lockup:\n\t#1: 100% system,\t  0% softirq,\t  1% hardirq,\t  0% idle\n" +
			regs + "Call Trace:\n <TASK>\n" + path},
		"soft-panic-5.10": {SoftLockup, "seeded_soft_lockup",
			"watchdog: BUG: soft lockup - CPU#1 stuck for 23s! [worker:311]\n" + regs + "Call Trace:\n" + path +
				"Kernel panic - not syncing: softlockup: hung tasks\n" + regs + "Call Trace:\n <IRQ>\n" +
				" dump_stack+0x6b/0x83\n" +
				" panic+0x101/0x2d7\n watchdog_timer_fn.cold+0x17/0x33\n </IRQ>\n" + path + "---[ end Kernel panic\n"},
		"soft-in-kthread": {SoftLockup, "seeded_loop", "watchdog: BUG: soft lockup - CPU#1 stuck for 26s! " +
			"[seeded:311]\n" + regs +
			"Call Trace:\n <TASK>\n seeded_loop+0x22/0x40 [seeded]\n kthread+0xcf/0x100\n ret_from_fork+0x31/0x50\n"},
		"hard-7": {HardLockup, "seeded_hard_lockup", "watchdog: CPU1: Watchdog detected hard LOCKUP on cpu 1\n" + regs +
			"Call Trace:\n <TASK>\n seeded_hard_lockup+0x10/0x20 [seeded]\n seeded_store+0x8c/0x140 [seeded]\n" +
			" vfs_write+0x2b0/0x4a0\n"},
		"hard-panic-5.10": {HardLockup, "seeded_hard_lockup", "NMI watchdog: Watchdog detected hard LOCKUP on cpu " +
			"1\n" + regs +
			"Call Trace:\n seeded_hard_lockup+0x10/0x20 [seeded]\n seeded_write+0x8c/0x140 [seeded]\n" +
			" vfs_write+0xb5/0x260\n" +
			"Kernel panic - not syncing: Hard LOCKUP\nCall Trace:\n <NMI>\n dump_stack+0x6b/0x83\n" +
			" panic+0x101/0x2d7\n" +
			" nmi_panic.cold+0xc/0xc\n watchdog_overflow_callback.cold+0x5c/0x70\n"},
		"hard-modules-on-the-line": {HardLockup, "seeded_hard_lockup",
			"NMI watchdog: Watchdog detected hard LOCKUP on cpu 1" + regs + "Call Trace:\n" +
				" seeded_hard_lockup+0x10/0x20 [seeded]\n"},
		"rcu-self-5.10": {RCUStall, "seeded_rcu_stall", "rcu: INFO: rcu_sched self-detected stall on CPU\n" +
			"rcu: \t1-....: (5249 ticks this GP) idle=002/1/0x4000000000000000 softirq=1250/1250 fqs=2622 \n" +
			"\t(t=5250 jiffies g=69343 q=1302)\nNMI backtrace for cpu 1\n" + tick[len(tick)-130:] + self +
			" seeded_rcu_stall+0x22/0x40 [seeded]\n seeded_write+0x8c/0x140 [seeded]\n vfs_write+0xb5/0x260\n" +
			" do_syscall_64+0x30/0x40\n"},
		"rcu-other-7": {RCUStall, "seeded_rcu_stall", "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n" +
			"rcu: \t1-...!: (0 ticks this GP) idle=7f7c/1/0x4000000000000000 softirq=221/221 fqs=0\n" +
			"rcu: \t(detected by 0, t=5252 jiffies, g=-395, q=23 ncpus=2)\n" + tick +
			"RIP: 0010:delay_tsc+0x2d/0x60\nCall Trace:\n <TASK>\n seeded_rcu_stall+0x22/0x40 [seeded]\n" +
			" seeded_store+0x8c/0x140 [seeded]\n vfs_write+0x2b0/0x4a0\n do_syscall_64+0xe1/0x640\n </TASK>\n"},
		"rcu-expedited-7": {RCUStall, "seeded_rcu_stall",
			"rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-.... } 21 jiffies s: 57 root: " +
				"0x2/.\n" +
				"rcu: blocking rcu_node structures (internal RCU debug):\n" + tick +
				"RIP: 0010:seeded_rcu_stall+0x22/0x40 [seeded]\nCall Trace:\n <TASK>\n" +
				" seeded_store+0x8c/0x140 [seeded]\n vfs_write+0x2b0/0x4a0\n"},
		"rcu-tasks-6.1": {RCUStall, "seeded_rcu_stall", "INFO: rcu_tasks detected stalls on tasks:\n" +
			"00000000a1b2c3d4: .N nvcsw: 3/3 holdout: 1 idle_cpu: -1/1\n" +
			"task:worker          state:R  running task     stack:0     pid:311   ppid:1      flags:0x00004008\n" +
			"Call Trace:\n <TASK>\n ? asm_sysvec_apic_timer_interrupt+0x16/0x20\n ? delay_tsc+0x2d/0x60\n" +
			" seeded_rcu_stall+0x22/0x40 [seeded]\n seeded_write+0x8c/0x140 [seeded]\n vfs_write+0xb5/0x260\n"},
		"hung-5.10": {HungTask, "seeded_wait_on_lock", "INFO: task worker:311 blocked for more than 120 seconds.\n" +
			"      Tainted: G           OE     5.10.0-46-cloud-amd64 #1 Debian 5.10.262-1\n" + off + hung},
		"hung-7": {HungTask, "seeded_wait_on_lock", "INFO: task worker:311 blocked for more than 122 seconds.\n" +
			"      Tainted: G           OE       7.2.13+deb14-amd64 #1\n" + off + hung +
			"INFO: task worker:311 is blocked on a mutex likely owned by task holder:298.\n" +
			"task:holder          state:S stack:0     pid:298   tgid:298   ppid:1      task_flags:0x400040 " +
			"flags:0x00080000\n" +
			"Call Trace:\n <TASK>\n __schedule+0x4e9/0xc00\n schedule+0x27/0xf0\n do_nanosleep+0x6b/0x170\n" +
			" hrtimer_nanosleep+0xa4/0x110\n"},
		"hung-io-7": {HungTask, "seeded_wait_on_lock", "INFO: task worker:311 blocked in I/O wait for more than " +
			"122 seconds.\n" +
			"      Tainted: G           OE       7.2.13+deb14-amd64 #1\n" + off + hung +
			"INFO: task worker:311 is blocked on a mutex, but the owner is not found.\n"},
		"hung-panic": {HungTask, "seeded_wait_on_lock", "INFO: task worker:311 blocked for more than 122 seconds.\n" +
			"      Tainted: G           OE       7.2.13+deb14-amd64 #1\n" + off + hung +
			"Kernel panic - not syncing: hung_task: blocked tasks\n" +
			"CPU: 0 UID: 0 PID: 34 Comm: khungtaskd Tainted: G  OE 7.2.13 #1\n" +
			"Call Trace:\n <TASK>\n dump_stack_lvl+0x5d/0x80\n vpanic+0x118/0x2d0\n watchdog+0x3f4/0x550\n" +
			" kthread+0xcf/0x100\n"},
		"workqueue": {WorkqueueStall, "seeded_work_fn",
			"BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 31s!\n" +
				"Showing busy workqueues and worker pools:\n" +
				"workqueue events: flags=0x0\n  pwq 2: cpus=0 node=0 flags=0x0 nice=0 active=1 refcnt=2\n" +
				"    in-flight: 12:vmstat_shepherd\n" +
				"workqueue seeded: flags=0x0\n  pwq 6: cpus=1 node=0 flags=0x0 nice=0 active=2 refcnt=3\n" +
				"    in-flight: 27:seeded_work_fn [seeded]\n    pending: seeded_work_fn [seeded]\n" +
				"pool 6: cpus=1 node=0 flags=0x0 nice=0 hung=31s workers=3 idle: 311 20\n"},
	}
}
