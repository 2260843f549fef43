//go:build linux

package guest

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/guest"
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

// TestTakenContainersStayInTheSum: what was delivered to a container that is gone was delivered.
func TestTakenContainersStayInTheSum(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dev")
	require.NoError(t, os.WriteFile(path, []byte(procNetDev), 0o600))
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	f := &fleet{counts: counters{file}, names: map[string]bool{}}
	for range 2 {
		f.add(f.next())
	}
	delivered := func() uint64 {
		n, err := f.delivered()
		require.NoError(t, err)
		return n
	}
	assert.Equal(t, uint64(139_999), delivered())
	assert.Equal(t, 2, f.copies())

	going, err := f.take(1)
	require.NoError(t, err)
	assert.Equal(t, "c0002", going[0].name)
	assert.Equal(t, uint64(139_999), delivered())
	assert.Equal(t, 1, f.copies())
	assert.Equal(t, 1, f.taken)

	assert.Equal(t, "c0002", f.next().name, "the next one takes its place")
	_, err = f.take(2)
	require.ErrorIs(t, err, guest.ErrScenario)
}
