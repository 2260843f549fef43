package console

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stall510 is what a 5.10 kernel printed of a module's loop, its registers left out.
const stall510 = `[    5.919864] rcu: INFO: rcu_sched self-detected stall on CPU
[    5.919877] rcu: 	0-...!: (1250 ticks this GP) idle=23a/1/0x4000000000000000 softirq=127/127 fqs=0 
[    5.919888] 	(t=1250 jiffies g=-991 q=7)
[    5.919898] rcu: rcu_sched kthread starved for 1250 jiffies! g-991 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x402 ->cpu=0
[    5.919910] rcu: 	Unless rcu_sched kthread gets sufficient CPU time, OOM is now expected behavior.
[    5.919921] rcu: RCU grace-period kthread stack dump:
[    5.919996] NMI backtrace for cpu 0
[    5.920006] CPU: 0 PID: 83 Comm: init Tainted: G           OE     5.10.0-46-cloud-amd64 #1 Debian 5.10.262-1
[    5.920018] Hardware name: QEMU Standard PC (i440FX + PIIX, 1996), BIOS 1.16.2-debian-1.16.2-1 04/01/2014
[    5.920029] Call Trace:
[    5.920035]  <IRQ>
[    5.920044]  dump_stack+0x6b/0x83
[    5.920054]  nmi_cpu_backtrace.cold+0x32/0x69
[    5.920065]  ? lapic_can_unplug_cpu+0x80/0x80
[    5.920074]  nmi_trigger_cpumask_backtrace+0xdb/0xf0
[    5.920085]  rcu_dump_cpu_stacks+0xa5/0xd7
[    5.920095]  rcu_sched_clock_irq.cold+0x202/0x3d9
[    5.920107]  update_process_times+0x8c/0xc0
[    5.920117]  tick_periodic+0x27/0x80
[    5.920126]  tick_handle_periodic+0x20/0x70
[    5.920137]  timer_interrupt+0x11/0x20
[    5.920147]  __handle_irq_event_percpu+0x3a/0x160
[    5.920361]  handle_irq_event+0x57/0xb0
[    5.920371]  handle_edge_irq+0x87/0x220
[    5.920381]  asm_call_irq_on_stack+0xf/0x20
[    5.920388]  </IRQ>
[    5.920396]  common_interrupt+0xb0/0x130
[    5.920408]  asm_common_interrupt+0x1e/0x40
[    5.920419] RIP: 0010:seeded_rcu_stall+0x4e/0x60 [seeded]
[    5.920554]  seeded_write+0x3e7/0x440 [seeded]
[    5.920566]  ? apparmor_file_permission+0x69/0x160
[    5.920576]  ? _copy_to_user+0x1c/0x30
[    5.920587]  vfs_write+0xc1/0x270
[    5.920597]  ksys_write+0x5f/0xe0
[    5.920607]  do_syscall_64+0x30/0x40
[    5.920618]  entry_SYSCALL_64_after_hwframe+0x67/0xd1
[    5.920627] RIP: 0033:0x40a8ae
`

// TestModuleOfTheRegistersLine: the innermost function stands in the registers line, with its module.
func TestModuleOfTheRegistersLine(t *testing.T) {
	reports, err := Parse(strings.NewReader(stall510))
	require.NoError(t, err)
	require.Len(t, reports, 1)
	assert.Equal(t, "rcu-stall:seeded_rcu_stall:seeded", reports[0].Signature())
}
