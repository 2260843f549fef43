package seeded_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/vmtest"
	"brink/vmimages/seeded"
)

// TestModesAreDocumented compares the module's table of modes with README.md.
func TestModesAreDocumented(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	program := seeded.Source().Files["seeded.c"]
	modes := regexp.MustCompile(`(?m)^\t\{ \.name = "([a-z-]+)"`).FindAllSubmatch(program, -1)
	assert.Len(t, modes, 23)
	for _, m := range modes {
		assert.Contains(t, string(readme), "\n| `"+string(m[1])+"` |")
	}
}

func TestBuild(t *testing.T) { vmtest.Builds(t, seeded.Source()) }
