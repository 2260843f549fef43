package seeded

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPlainKnowsItsModes: the script names modes of the module, and none of those that are no failure of a walk.
func TestPlainKnowsItsModes(t *testing.T) {
	require.Len(t, plain(), 1)
	modes := plain()[0].Only["mode"]
	assert.Subset(t, Modes, modes)
	for _, other := range []string{"none", "zombie", "port", "linear", "quadratic"} {
		assert.NotContains(t, modes, other)
	}
}
