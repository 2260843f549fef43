//go:build linux

package guest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/guest"
)

// TestCommands: each op is written to the device as one command, and growing asks for what is missing.
func TestCommands(t *testing.T) {
	path := filepath.Join(t.TempDir(), "device")
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	l := &list{dev: f}
	for _, step := range []struct {
		op   string
		size int64
	}{{"load", 10}, {"grow", 25}, {"walk", 25}, {"clear", 25}, {"load", 7}} {
		require.NoError(t, l.Do(step.op, step.size, &guest.Meter{Reps: 2}), step.op)
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "grow 10\ngrow 15\nwalk\nwalk\nclear\ngrow 7\n", string(text))
	require.ErrorIs(t, l.Do("dance", 7, &guest.Meter{}), guest.ErrScenario)
}

// TestRefusedCommand: the kernel's error comes back as it is.
func TestRefusedCommand(t *testing.T) {
	f, err := os.Open(os.DevNull) // only to be read
	require.NoError(t, err)
	defer f.Close()
	assert.Error(t, (&list{dev: f}).Do("walk", 1, &guest.Meter{Reps: 1}))
}
