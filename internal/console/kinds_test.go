package console

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFirstLines says what each failure is called by its first line alone, in the words of kernels 5.10 to 7.x.
func TestFirstLines(t *testing.T) {
	for _, c := range []struct {
		line  string
		kind  Kind
		class string
	}{
		{"BUG: kernel NULL pointer dereference, address: 0000000000000008", Oops, "null-deref"},
		{"BUG: unable to handle page fault for address: ffffc90000a1b000", Oops, "page-fault"},
		{"BUG: unable to handle kernel paging request at ffff88003a2f1000", Oops, "page-fault"},
		{"Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010", Oops, "null-deref"},
		{"Unable to handle kernel paging request at virtual address dead000000000108", Oops, "page-fault"},
		{
			"general protection fault, probably for non-canonical address 0xdead000000000122: 0000 [#1] PREEMPT SMP",
			Oops, "gpf",
		},
		{
			"Oops: general protection fault, probably for non-canonical address 0xdead000000000122: 0000 [#1] SMP",
			Oops, "gpf",
		},
		{"kernel BUG at drivers/net/wireguard/peer.c:57!", Oops, "BUG"},
		{"invalid opcode: 0000 [#1] PREEMPT SMP NOPTI", Oops, "invalid-opcode"},
		{"Oops: invalid opcode: 0000 [#1] SMP NOPTI", Oops, "invalid-opcode"},
		{"divide error: 0000 [#1] SMP", Oops, "divide"},
		{"Oops: divide error: 0000 [#1] SMP", Oops, "divide"},
		{"stack segment: 0000 [#1] SMP", Oops, "stack-segment"},
		{"traps: PANIC: double fault, error_code: 0x0", Oops, "double-fault"},
		{
			"BUG: TASK stack guard page was hit at ffffc9000047bff8 (stack is ffffc9000047c000..ffffc90000480000)",
			Oops, "stack-overrun",
		},
		{"Oops: Oops: 0002 [#1] SMP NOPTI", Oops, "oops"},
		{"Insufficient stack space to handle exception!", Oops, "stack-overrun"},
		{"WARNING: CPU: 0 PID: 71 at net/core/dev.c:5790 flush_backlog+0x1c/0x80", Warning, "WARN"},
		{"WARNING: net/core/dev.c:5790 at flush_backlog+0x1c/0x80, CPU#0: kworker/0:1/71", Warning, "WARN"},
		{"WARNING: CPU: 1 PID: 9 at lib/refcount.c:28 refcount_warn_saturate+0xf4/0x140", Warning, "refcount"},
		{"watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [ksoftirqd/1:21]", SoftLockup, "soft-lockup"},
		{"NMI watchdog: Watchdog detected hard LOCKUP on cpu 2", HardLockup, "hard-lockup"},
		{"watchdog: CPU2: Watchdog detected hard LOCKUP on cpu 2", HardLockup, "hard-lockup"},
		{"rcu: INFO: rcu_sched self-detected stall on CPU", RCUStall, "rcu-stall"},
		{"rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", RCUStall, "rcu-stall"},
		{
			"rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-.... } 21 jiffies s: 57 root: 0x2/.",
			RCUStall, "rcu-stall",
		},
		{"INFO: rcu_tasks detected stalls on tasks:", RCUStall, "rcu-stall"},
		{"INFO: task kworker/u8:3:142 blocked for more than 122 seconds.", HungTask, "hung-task"},
		{"INFO: task postgres:801 blocked in I/O wait for more than 120 seconds.", HungTask, "hung-task"},
		{
			"BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 31s!",
			WorkqueueStall, "workqueue-lockup",
		},
		{"BUG: scheduling while atomic: worker/312/0x00000002", Warning, "atomic-sleep"},
		{"BUG: sleeping function called from invalid context at mm/slab.h:498", Warning, "atomic-sleep"},
		{"WARNING: possible circular locking dependency detected", Warning, "lockdep"},
		{"BUG: KASAN: slab-use-after-free in wg_peer_put+0x2a/0x90 [wireguard]", Warning, "KASAN: slab-use-after-free"},
		{"BUG: KFENCE: out-of-bounds read in nf_ct_find+0x10/0x60", Warning, "KFENCE: out-of-bounds read"},
		{"BUG: KMSAN: uninit-value in tcp_recvmsg+0x12/0x34", Warning, "KMSAN: uninit-value"},
		{"BUG: KCSAN: data-race in tick_nohz_stop / tick_nohz_start", Warning, "KCSAN: data-race"},
		{"UBSAN: shift-out-of-bounds in net/sched/sch_fq.c:310:12", Warning, "UBSAN: shift-out-of-bounds"},
		{
			"list_del corruption. prev->next should be ffff888104a7b000, but was dead000000000100",
			Warning, "list-corruption",
		},
		{"refcount_t: underflow; use-after-free.", Warning, "refcount"},
		{"BUG: Bad page state in process kswapd0  pfn:1b3f0", Warning, "bad-page"},
		{"BUG kmalloc-256 (Not tainted): Poison overwritten", Warning, "slab"},
		{"leak invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0", OOM, "oom"},
		{"Out of memory: Killed process 212 (leak) total-vm:901232kB, anon-rss:801232kB", OOM, "oom-global"},
		{"Memory cgroup out of memory: Killed process 99 (java) total-vm:1232kB", OOM, "oom-cgroup"},
		{"Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100", Panic, classInitKilled},
		{"Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)", Panic, "no-root"},
		{"Kernel panic - not syncing: softlockup: hung tasks", SoftLockup, "soft-lockup"},
		{"Kernel panic - not syncing: hung_task: blocked tasks", HungTask, "hung-task"},
		{"Kernel panic - not syncing: RCU Stall", RCUStall, "rcu-stall"},
		{"Kernel panic - not syncing: Hard LOCKUP", HardLockup, "hard-lockup"},
		{"Kernel panic - not syncing: System is deadlocked on memory", OOM, "oom-panic"},
		{"Kernel panic - not syncing: sysrq triggered crash", Panic, "sysrq"},
		{"unregister_netdevice: waiting for wg0 to become free. Usage count = 2", KernelError, classUnregister},
		{"VERIFY3(0 == dmu_bonus_hold(os, obj, tag, &db)) failed (0 == 5)", Oops, "zfs-panic"},
		{"PANIC at zap_micro.c:412:mze_insert()", Oops, "zfs-panic"},
		{
			"WARNING: Pool 'tank' has encountered an uncorrectable I/O failure and has been suspended.",
			KernelError, "zfs-suspended",
		},
		{"zio pool=tank vdev=/dev/vda1 error=5 type=2 offset=270336 size=4096 flags=1572992", KernelError, "zfs-io"},
		{
			"XFS (vdb): Corruption of in-memory data (0x8) detected at xfs_trans_cancel+0x128/0x140 [xfs]",
			KernelError, "fs-corruption",
		},
		{"XFS (vdb): log I/O error -5", KernelError, "fs-shutdown"},
		{
			"EXT4-fs error (device vda): ext4_lookup:1785: inode #12: comm ls: deleted inode referenced: 99",
			KernelError, "fs-error",
		},
		{
			"BTRFS: error (device vdb: state A) in btrfs_finish_ordered_io:3319: errno=-28 No space left",
			KernelError, "fs-error",
		},
		{
			"kworker/u4:2: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP)",
			KernelError, "page-allocation-failure",
		},
		{"workqueue: Failed to create a rescuer kthread for wq \"wg-kex-wg0\": -EINTR", KernelError, "kthread-create"},
		{"workqueue: Failed to create a worker thread: -EAGAIN", KernelError, "kthread-create"},
		{"neighbour: ndisc_cache: neighbor table overflow!", KernelError, "neighbour-overflow"},
		{"VFS: file-max limit 9223 reached", KernelError, "file-max"},
		{"cgroup: fork rejected by pids controller in /user.slice", KernelError, "pids-limit"},
		{"nf_conntrack: nf_conntrack: table full, dropping packet", KernelError, "conntrack-full"},
		{
			"I/O error, dev vda, sector 20480 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 2",
			KernelError, "io-error",
		},
		{"Buffer I/O error on dev vda, logical block 2, lost async page write", KernelError, "io-error"},
		{
			"percpu: allocation failed, size=64 align=8 atomic=0, alloc from reserved chunk failed",
			KernelError, "percpu-allocation-failure",
		},
	} {
		for name, prefix := range map[string]string{
			"stamped": "[   71.204518] ", "caller": "[   71.204518][ T3121] ", "bare": "",
		} {
			reports, err := Parse(strings.NewReader(prefix + c.line + "\n"))
			require.NoError(t, err)
			if assert.Len(t, reports, 1, "%s: %s", name, c.line) {
				assert.Equal(t, c.kind, reports[0].Kind, c.line)
				assert.Equal(t, c.class, reports[0].Class, c.line)
				assert.NotContains(t, reports[0].Signature(), "3121")
			}
		}
	}
}

// TestHarmless holds lines that healthy kernels and their user space print.
func TestHarmless(t *testing.T) {
	for _, line := range []string{
		"Kernel command line: console=ttyS0 oops=panic panic=-1 softlockup_panic=1 hung_task_panic=1",
		"rcu: 	RCU CPU stall warnings timeout set to 3 (rcu_cpu_stall_timeout).",
		"Speculative Return Stack Overflow: WARNING: See https://kernel.org/doc/html/latest/admin-guide/hw-vuln/srso.html",
		"ACPI BIOS Error (bug): Could not resolve symbol [\\_SB.PCI0], AE_NOT_FOUND (20220331/dswload2-162)",
		"[Firmware Bug]: TSC doesn't count with P0 frequency!",
		"traps: agent[312] general protection fault ip:7f21c0a1b2c3 sp:7ffd5e6f7081 error:0 in libc.so[7f21c0a00000+1c0000]",
		"agent[312]: segfault at 8 ip 000055d0c0a1b2c3 sp 00007ffd5e6f7080 error 4 in agent[55d0c0a00000+2000]",
		"traps: agent[312] trap invalid opcode ip:45c1a0 sp:c00007fe18 error:0 in agent[400000+1f0000]",
		"traps: agent[312] trap divide error ip:45c1a0 sp:c00007fe18 error:0 in agent[400000+1f0000]",
		"perf: interrupt took too long (2511 > 2500), lowering kernel.perf_event_max_sample_rate to 79500",
		"INFO: NMI handler (perf_event_nmi_handler) took too long to run: 1.893 msecs",
		"hrtimer: interrupt took 4231109 ns",
		"clocksource: timekeeping watchdog on CPU0: Marking clocksource 'tsc' as unstable because the skew is too large:",
		"workqueue: output_poll_execute hogged CPU for >10000us 4 times, consider switching to WQ_UNBOUND",
		"blk_update_request: I/O error, dev fd0, sector 0 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 0",
		"random: crng init done",
		"wireguard: loading out-of-tree module taints kernel.",
		"WARNING: this is what a script echoed",
		"audit: type=1400 audit(1700000000.123:45): apparmor=\"DENIED\" comm=\"BUG: x\"",
		"oom_score_adj=0 was asked for; panic_on_oom is off",
		"lockdep: BUG is only a word here",
	} {
		reports, err := Parse(strings.NewReader("[    1.250000] " + line + "\n"))
		require.NoError(t, err)
		assert.Empty(t, reports, line)
	}
}
