//go:build linux

package guest

import (
	"fmt"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	cgroupoom "brink/scenarios/cgroup-oom"
)

func TestPortFree(t *testing.T) {
	l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", cgroupoom.Port))
	require.NoError(t, err)
	free, err := portFree()
	require.NoError(t, err)
	assert.False(t, free, "somebody listens")
	require.NoError(t, l.Close())
	free, err = portFree()
	require.NoError(t, err)
	assert.True(t, free)
}
