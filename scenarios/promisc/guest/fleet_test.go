//go:build linux

package guest

import (
	"net"
	"testing"

	"github.com/stretchr/testify/assert"

	"brink/scenarios/promisc"
)

// TestContainersAreToldApart: by name and by both addresses, up to the last one; and none is lower than the bridge's own
// address or that of a card.
func TestContainersAreToldApart(t *testing.T) {
	seen := map[string]bool{bridgeMAC.String(): true, cardMAC.String(): true, senderMAC.String(): true}
	for i := 1; i <= promisc.MaxContainers; i++ {
		for _, name := range []string{outerName(i), address(0x02, i).String(), address(0xfe, i).String()} {
			assert.False(t, seen[name], name)
			seen[name] = true
		}
		assert.LessOrEqual(t, len(outerName(i)), 15, "IFNAMSIZ")
	}
	assert.Zero(t, net.HardwareAddr(bridgeMAC)[0]&1)
}

func TestEveryOpOfTheSpecIsThere(t *testing.T) {
	h := &host{}
	for _, op := range promisc.Spec().Ops {
		assert.Contains(t, h.ops(), op.Name)
	}
	assert.Len(t, h.ops(), len(promisc.Spec().Ops))
}
