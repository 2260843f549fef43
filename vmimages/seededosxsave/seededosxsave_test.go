package seededosxsave_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/vmtest"
	"brink/vmimages"
	"brink/vmimages/seededosxsave"
)

func TestSource(t *testing.T) {
	s := seededosxsave.Source()
	assert.Contains(t, string(s.Files["Kbuild"]), s.Name+".o")
	assert.Contains(t, string(s.Files[s.Name+".c"]), `MODULE_LICENSE("GPL")`)
}

func TestBuild(t *testing.T) {
	vmtest.Require(t)
	cache, err := vmimages.OpenCache("")
	require.NoError(t, err)
	r := vmimages.NewResolver(cache, slog.Default())
	for _, ref := range []string{"debian:5.10", "debian:6.1", "debian:6.12", "debian:newest"} {
		t.Run(ref, func(t *testing.T) {
			m, err := r.BuildModule(t.Context(), vmtest.Kernel(t, ref), seededosxsave.Source())
			require.NoError(t, err)
			assert.FileExists(t, m.Path)
		})
	}
}
