package console

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestStack(t *testing.T) {
	for name, c := range map[string]struct{ stack, function, waits, subsystem string }{
		"waits for a grace period": {"[<0>] __wait_rcu_gp+0x10f/0x130\n[<0>] synchronize_rcu+0x13b/0x140\n[<0>] wg_peer_remove_all+0x9a/0x170 [wireguard]\n" +
			"[<0>] wg_destruct+0x5b/0xf0 [wireguard]\n[<0>] netdev_run_todo+0x2dd/0x510\n[<0>] rtnl_dellink+0x175/0x3a0\n",
			"wg_peer_remove_all", "synchronize_rcu", "wireguard"},
		"a module's": {"[<0>] seeded_hung_task+0x2a/0x60 [seeded]\n[<0>] vfs_write+0xf1/0x130\n", "seeded_hung_task", "", "seeded"},
		"nothing":    {"", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := Stack(c.stack)
			assert.Equal(t, HungTask, r.Kind)
			assert.Equal(t, c.function, r.Function)
			assert.Equal(t, c.waits, r.Waits)
			if c.function != "" {
				assert.Equal(t, c.subsystem, r.Subsystem)
			}
		})
	}
}

func TestBacktrace(t *testing.T) {
	r := Backtrace("NMI backtrace for cpu 0\nCPU: 0 PID: 83 Comm: init Tainted: G           OE     5.10.0 #1\nCall Trace:\n <IRQ>\n dump_stack+0x6b/0x83\n" +
		" nmi_cpu_backtrace.cold+0x32/0x69\n nmi_trigger_cpumask_backtrace+0xdb/0xf0\n __handle_sysrq.cold+0x40/0x11a\n serial8250_handle_irq+0x123/0x1c0\n" +
		" handle_irq_event+0x57/0xb0\n asm_call_irq_on_stack+0xf/0x20\n </IRQ>\n common_interrupt+0xb0/0x130\n asm_common_interrupt+0x1e/0x40\n" +
		"RIP: 0010:seeded_rcu_stall+0x4e/0x60 [seeded]\n seeded_write+0x3e7/0x440 [seeded]\n vfs_write+0xc1/0x270\n do_syscall_64+0x30/0x40\n")
	assert.Equal(t, "seeded_rcu_stall", r.Function)
	assert.Equal(t, "seeded", r.Subsystem)
	assert.Empty(t, Backtrace("").Function)
}

// TestBacktraceCutOff: a trace that ends above what was interrupted names nothing, least of all how the interrupt came in.
func TestBacktraceCutOff(t *testing.T) {
	const cut = "NMI backtrace for cpu 0\nCPU: 0 PID: 92 Comm: init Tainted: G           OE      6.1.0-56-cloud-amd64 #1  Debian 6.1.192-2\n" +
		"Call Trace:\n <IRQ>\n dump_stack_lvl+0x44/0x5c\n nmi_cpu_backtrace.cold+0x32/0x79\n __handle_irq_event_percpu+0x43/0x190\n" +
		" handle_irq_event+0x34/0x70\n handle_edge_irq+0x87/0x220\n __common_interrupt+0x3c/0xa0\n"
	assert.Empty(t, Backtrace(cut).Function)
	const below = " common_interrupt+0x7d/0xa0\n </IRQ>\n <TASK>\n asm_common_interrupt+0x22/0x40\n RIP: 0010:seeded_rcu_stall+0x50/0x60 [seeded]\n"
	assert.Equal(t, "seeded_rcu_stall", Backtrace(cut+below).Function)
}
