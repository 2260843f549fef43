package console

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wording is the first line of a failure and what it is called.
type wording struct {
	line  string
	kind  Kind
	class string
}

// rareWordings are those that few kernels print, or only some versions of 5.10 to 7.x.
func rareWordings() []wording {
	return []wording{
		{"Oops: general protection fault, maybe for address 0xffffc90000a1b000: 0000 [#1] SMP NOPTI", Oops, "gpf"},
		{"Oops: general protection fault, kernel NULL pointer dereference 0x8: 0000 [#1] SMP NOPTI", Oops, "gpf"},
		{"Oops: stack guard page: 0000 [#1] SMP NOPTI", Oops, "oops"},
		{"Oops: invalid TSS: 0000 [#1] SMP", Oops, "segment"},
		{"simd exception: 0000 [#1] SMP", Oops, "fpu"},
		{"coprocessor segment overrun: 0000 [#1] SMP", Oops, "oops"},
		{"Oops: overflow: 0000 [#1] SMP", Oops, "oops"},
		{"PANIC: invalid or fatal FRED event; event type 3 vector 14 error 0x0 aux 0x0 at " +
			"0010:ffffffff81000000", Oops, "fred"},
		{"BUG: IRQ stack guard page was hit at ffffc9000047bff8 (stack is " +
			"ffffc9000047c000..ffffc90000480000)", Oops, "stack-overrun"},
		{"kernel BUG at foo+0x1c/0x20 [verbose debug info unavailable]!", Oops, "BUG"},
		{"WARNING: CPU: 1 PID: 9 at foo+0x1c/0x20 [bar]", Warning, "WARN"},
		{"WARNING: at foo+0x1c/0x20 [bar], CPU#1: worker/311", Warning, "WARN"},
		{"WARNING: ./include/linux/skbuff.h:2912 at foo+0x1c/0x20, CPU#1: worker/311", Warning, "WARN"},
		{"WARNING: rust/kernel/sync.rs:12 at foo+0x1c/0x20, CPU#1: worker/311", Warning, "WARN"},
		{"WARNING: mm/usercopy.c:81 at usercopy_warn+0x1c/0x20, CPU#1: worker/311", Warning, "usercopy"},
		{"WARNING: CPU: 0 PID: 1 at fs/proc/generic.c:377 proc_register+0x1/0x2", Warning, "proc"},
		{"watchdog: Watchdog detected hard LOCKUP on cpu 2", HardLockup, "hard-lockup"},
		{"NMI watchdog: Watchdog detected hard LOCKUP on cpu 2Modules linked in: wireguard", HardLockup, "hard-lockup"},
		{"Kernel panic - not syncing: Watchdog detected hard LOCKUP on cpu 2", HardLockup, "hard-lockup"},
		{"INFO: rcu_tasks_trace detected stalls? (Late IPI?)", RCUStall, "rcu-stall"},
		{"INFO: rcu_sched detected stalls on CPUs/tasks: { 1} (detected by 0, t=5252 jiffies)", RCUStall, "rcu-stall"},
		{"INFO: task dd:512 can't die for more than 143 seconds.", HungTask, "hung-task"},
		{"BUG: workqueue leaked lock or atomic: kworker/0:1/0x00000001/71", Warning, "lockdep"},
		{"BUG: workqueue leaked atomic, lock or RCU: kworker/0:1[71]", Warning, "lockdep"},
		{"WARNING: inconsistent lock state", Warning, "lockdep"},
		{"WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected", Warning, "lockdep"},
		{"[ BUG: Invalid wait context ]", Warning, "lockdep"},
		{"BUG: MAX_LOCKDEP_ENTRIES too low!", Warning, "lockdep"},
		{"WARNING: suspicious RCU usage", Warning, "suspicious-rcu"},
		{"INFO: trying to register non-static key.", Warning, "non-static-key"},
		{"BUG: using __this_cpu_add() in preemptible [00000000] code: worker/311", Warning, "preemptible"},
		{"BUG: spinlock bad magic on CPU#1, worker/311", Warning, "spinlock"},
		{"BUG: Bad rss-counter state mm:00000000a1b2c3d4 type:MM_ANONPAGES val:3 Comm:x Pid:1", Warning, "bad-page"},
		{"BUG: non-zero pgtables_bytes on freeing mm: 4096", Warning, "bad-page"},
		{"BUG: Bad page map in process worker  pte:8000000123456067 pmd:12345067", Warning, "bad-page"},
		{"mm/pgtable-generic.c:50: bad pmd 00000000a1b2c3d4(8000000100000000)", Warning, "bad-page"},
		{"BUG: memory leak", Warning, "memory-leak"},
		{"kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)", KernelError, "memory-leak"},
		{"ODEBUG: free active (active state 0) object: 00000000a1b2c3d4 object type: timer_list", Warning, "odebug"},
		{"list_add double add: new=ffff888104a7b000, prev=ffff888104a7b000", Warning, "list-corruption"},
		{"VFS: Busy inodes after unmount of vda (ext4)", Warning, "vfs"},
		{"VFS: Close: file count is 0 (f_op=ext4_file_operations)", Warning, "vfs"},
		{"BUG: Dentry 00000000a1b2c3d4{i=12,n=x}  still in use (1) [unmount of ext4 vda]", Warning, "vfs"},
		{"NETDEV WATCHDOG: eth0 (e1000): transmit queue 0 timed out 5432 ms", KernelError, "tx-timeout"},
		{"virtio_net virtio0 eth0: TX timeout on queue: 0, sq: output.0, vq: 0x1, name: " +
			"output.0", KernelError, "tx-timeout"},
		{"virtio_net virtio0: output.0:id 0 is not a head!", KernelError, "virtio-ring"},
		{"nvme nvme0: I/O 12 QID 1 timeout, aborting", KernelError, "io-timeout"},
		{"nvme nvme0: I/O tag 12 (100c) opcode 0x1 (I/O Cmd) QID 1 timeout, reset " +
			"controller", KernelError, "io-timeout"},
		{"nvme nvme0: Device not ready; aborting reset, CSTS=0x1", KernelError, "io-timeout"},
		{"blk_update_request: I/O error, dev vda, sector 20480 op 0x1:(WRITE) flags 0x800", KernelError, "io-error"},
		{"critical medium error, dev sda, sector 20480 op 0x0:(READ) flags 0x80700 phys_seg " +
			"1", KernelError, "io-error"},
		{"loop: Write error at byte offset 4096, length 4096.", KernelError, "io-error"},
		{"TCP: time wait bucket table overflow", KernelError, "tcp-timewait"},
		{"IPv6: Route cache is full: consider increasing sysctl " +
			"net.ipv6.route.max_size.", KernelError, "route-cache-full"},
		{"nf_conntrack: expectation table full", KernelError, "conntrack-full"},
		{"vmalloc error: size 4096, failed to allocate pages, mode:0xcc2(GFP_KERNEL)", KernelError, "vmalloc-failure"},
		{"get_swap_device: Bad swap file entry 3ffffffffffff", KernelError, "swap"},
		{"XFS (vdb): Corruption of on-disk metadata (0x8) detected at " +
			"xfs_buf_read_map+0x1/0x2", KernelError, "fs-corruption"},
		{"INFO: The task kworker/u8:1:71 has been waiting for writeback completion for more than 120 seconds.",
			KernelError, "writeback-stall"},
	}
}

func TestRareWordings(t *testing.T) {
	for _, w := range rareWordings() {
		for style, stamp := range stampers() {
			reports, err := Parse(strings.NewReader(printed(stamp, w.line)))
			require.NoError(t, err)
			if assert.Len(t, reports, 1, "%s: %s", style, w.line) {
				assert.Equal(t, w.kind, reports[0].Kind, w.line)
				assert.Equal(t, w.class, reports[0].Class, w.line)
			}
		}
	}
}

// TestPartsOfOtherReports holds lines that name a failure but belong to a report that came before.
func TestPartsOfOtherReports(t *testing.T) {
	for _, line := range []string{
		"INFO: task worker:311 is blocked on a mutex likely owned by task holder:298.",
		"INFO: task worker:311 <reader> blocked on an rw-semaphore likely owned by task holder:298 <writer>",
		"INFO: task worker:311 blocked on a semaphore likely last held by task holder:298",
		"INFO: task worker:311 is blocked on a mutex, but the owner is not found.",
		"BUG: Bad page state: 12 messages suppressed",
		"BUG: Bad page map: 12 messages suppressed",
		"rcu: INFO: Stall ended before state dump start",
		"INFO: lockdep is turned off.",
		"IPv6: BUG: Address fe80::1 on device wg0 is missing its host route.",
		"sched_ext: Soft lockup - CPU 1 stuck for 26s, disabling BPF scheduler",
		"WARNING: can't access registers at asm_sysvec_apic_timer_interrupt+0x16/0x20",
		"RETBleed: WARNING: Spectre v2 mitigation leaves CPU vulnerable to RETBleed attacks, data leaks possible!",
		"NMI: IOCK error (debug interrupt?) for reason 71 on CPU 0.",
	} {
		for style, stamp := range stampers() {
			reports, err := Parse(strings.NewReader(printed(stamp, line)))
			require.NoError(t, err)
			assert.Empty(t, reports, "%s: %s", style, line)
		}
	}
}
