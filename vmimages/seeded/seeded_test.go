package seeded_test

import (
	"log/slog"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/vmtest"
	"brink/vmimages"
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

func TestBuild(t *testing.T) {
	vmtest.Require(t)
	cache, err := vmimages.OpenCache("")
	require.NoError(t, err)
	r := vmimages.NewResolver(cache, slog.Default())
	for _, ref := range []string{"debian:5.10", "debian:6.1", "debian:6.12", "debian:newest"} {
		t.Run(ref, func(t *testing.T) {
			m, err := r.BuildModule(t.Context(), vmtest.Kernel(t, ref), seeded.Source())
			require.NoError(t, err)
			assert.FileExists(t, m.Path)
			t.Log(m.Path)
		})
	}
}
