package console

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestJudgement holds the rules by which a function is chosen, each on the least text that shows it.
func TestJudgement(t *testing.T) {
	const tick = "NMI backtrace for cpu 0\nCPU: 0 PID: 9 Comm: x Not tainted 6.1.0 #1\nCall Trace:\n <IRQ>\n" +
		" rcu_dump_cpu_stacks+0x1/0x2\n update_process_times+0x1/0x2\n </IRQ>\n" +
		" asm_sysvec_apic_timer_interrupt+0x1/0x2\n"
	const self = "rcu: INFO: rcu_sched self-detected stall on CPU\n"
	const inSyscall = " __x64_sys_recvmmsg+0x1/0x2\n do_syscall_64+0x1/0x2\n"
	for name, c := range map[string]struct{ text, function string }{
		"a page of a wrong state is its allocator's": {"BUG: Bad page state in process x  pfn:1b3f0\n" +
			"page last allocated via order 0, migratetype Unmovable\n post_alloc_hook+0x1/0x2\n alloc_pages+0x1/0x2\n" +
			" pipe_write+0x1/0x2\npage last free stack trace:\n free_unref_page+0x1/0x2\n other+0x1/0x2\n" +
			"Call Trace:\n bad_page+0x1/0x2\n exit_mmap+0x1/0x2\n", "pipe_write"},
		"without that, whoever noticed": {"BUG: Bad page state in process x  pfn:1b3f0\n" +
			"Call Trace:\n bad_page+0x1/0x2\n free_unref_page+0x1/0x2\n exit_mmap+0x1/0x2\n", "exit_mmap"},
		"a lock taken by a flush is its holder's": {"WARNING: possible circular locking dependency detected\n" +
			"x/9 is trying to acquire lock:\nffff88810 (a){+.+.}-{0:0}, at: flush_workqueue+0x1/0x2\n" +
			"but task is already holding lock:\nffff88811 (b){+.+.}-{3:3}, at: wg_set_device+0x1/0x2\n" +
			"stack backtrace:\nCall Trace:\n flush_workqueue+0x1/0x2\n wg_peer_remove+0x1/0x2\n", "wg_set_device"},
		"a lock order is broken where it was made": {"WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected\n" +
			"x/9 is trying to acquire:\nffff88810 (a){+.+.}-{0:0}, at: late+0x1/0x2\n" +
			"... which became SOFTIRQ-irq-safe at:\n  lock_acquire+0x1/0x2\n  _raw_spin_lock+0x1/0x2\n" +
			"  early+0x1/0x2\n" +
			"stack backtrace:\nCall Trace:\n late+0x1/0x2\n", "early"},
		"a stall in a page fault is the system call's that faulted": {self + tick +
			"RIP: 0010:lru_add+0x1/0x2\n handle_mm_fault+0x1/0x2\n do_user_addr_fault+0x1/0x2\n" +
			" exc_page_fault+0x1/0x2\n" +
			" asm_exc_page_fault+0x1/0x2\nRIP: 0010:copy_user_generic+0x1/0x2\n do_recvmmsg+0x1/0x2\n" + inSyscall,
			"sys_recvmmsg"},
		"unless user space faulted": {self + tick +
			"RIP: 0010:lru_add+0x1/0x2\n handle_mm_fault+0x1/0x2\n do_user_addr_fault+0x1/0x2\n" +
			" exc_page_fault+0x1/0x2\n" +
			" asm_exc_page_fault+0x1/0x2\nRIP: 0033:0x45c1a0\n", "handle_mm_fault"},
		"a stall that a warning cuts off has the warning's trace": {"rcu: INFO: rcu_preempt detected stalls on " +
			"CPUs/tasks:\n" +
			"------------[ cut here ]------------\nIRQs not enabled as expected\n" +
			"WARNING: CPU: 1 PID: 9 at kernel/sched/core.c:2698 try_invoke_on_locked_down_task+0x1/0x2\n" +
			"RIP: 0010:try_invoke_on_locked_down_task+0x1/0x2\nCall Trace:\n <IRQ>\n rcu_sched_clock_irq+0x1/0x2\n" +
			" update_process_times+0x1/0x2\n </IRQ>\n asm_sysvec_apic_timer_interrupt+0x1/0x2\n" +
			"RIP: 0010:bar_walk+0x1/0x2\n bar_dump+0x1/0x2\n do_syscall_64+0x1/0x2\n", "bar_dump"},
		"a CPU that waits for another": {self + tick +
			"RIP: 0010:csd_lock_wait+0x1/0x2\n smp_call_function_many_cond+0x1/0x2\n on_each_cpu+0x1/0x2\n" + inSyscall,
			"smp_call_function_many_cond"},
		"a hung task that the log level hides is not its detector's": {"INFO: task x:9 blocked for more than 143 " +
			"seconds.\n" +
			"Kernel panic - not syncing: hung_task: blocked tasks\n" +
			"CPU: 0 PID: 34 Comm: khungtaskd Not tainted 6.1.0 #1\n" +
			"Call Trace:\n <TASK>\n dump_stack_lvl+0x1/0x2\n panic+0x1/0x2\n watchdog.cold+0x1/0x2\n" +
			" kthread+0x1/0x2\n", ""},
		"an unreliable frame of powerpc": {"INFO: task x:9 blocked for more than 143 seconds.\nCall Trace:\n" +
			"[c000000001bb3530] [c000000001bb35a0] junk+0x1/0x2 (unreliable)\n" +
			"[c000000001bb3710] [c0000000000286fc] schedule+0x1/0x2\n" +
			"[c000000001bb3a10] [c0000000005f8868] exit_aio+0x1/0x2\n", "exit_aio"},
		"an allocator's own damage": {"BUG: unable to handle page fault for address: ffff88810\n" +
			"RIP: 0010:get_page_from_freelist+0x1/0x2\nCall Trace:\n __alloc_pages+0x1/0x2\n victim+0x1/0x2\n",
			"get_page_from_freelist"},
		"an allocator's caller": {"BUG: KASAN: slab-out-of-bounds in kmemdup_noprof+0x1/0x2\n" +
			"Read of size 4 at addr 1 by task x/9\n" +
			"Call Trace:\n kasan_report+0x1/0x2\n kmemdup_noprof+0x1/0x2\n culprit+0x1/0x2\n", "culprit"},
	} {
		for style, stamp := range stampers() {
			reports, err := Parse(strings.NewReader(printed(stamp, c.text)))
			require.NoError(t, err, name)
			require.NotEmpty(t, reports, name)
			assert.Equal(t, c.function, reports[0].Function, "%s, %s: %s", name, style, reports[0].Title)
		}
	}
}

func TestNames(t *testing.T) {
	n := newNames("exact front* *middle* *end")
	for name, want := range map[string]bool{
		"exact": true, "exactly": false, "front": true, "frontier": true, "a_front": false, "a_middle_b": true, "middle": true,
		"the_end": true, "ending": false, "": false,
	} {
		assert.Equal(t, want, n.has(name), name)
		assert.Equal(t, want, n.has(name), "%s, asked again", name)
	}
	assert.False(t, names{}.has("x"))
}
