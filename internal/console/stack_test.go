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
