//go:build linux

package guest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const procNetDev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  nic0: 6400000  100000    0   17    0     0          0         0      128       2    0    0    0     0       0          0
 c0001:      56       1    0    0    0     0          0         0  4480000   70000    0    0    0     0       0          0
 c0002:      56       1    0    0    0     0          0         0  4479936   69999    0    1    0     0       0          0
  ask1:       0       0    0    0    0     0          0         0      999       9    0    0    0     0       0          0
`

func TestParseSent(t *testing.T) {
	n, err := parseSent([]byte(procNetDev), func(name string) bool { return strings.HasPrefix(name, "c") })
	require.NoError(t, err)
	assert.Equal(t, uint64(139_999), n)
	_, err = parseSent([]byte("c0001: 1 2 3\n"), func(string) bool { return true })
	require.ErrorContains(t, err, "3 columns")
}

func FuzzParseSent(f *testing.F) {
	f.Add([]byte(procNetDev))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, _ = parseSent(text, func(name string) bool { return name != "" })
	})
}
