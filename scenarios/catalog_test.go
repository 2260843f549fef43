package scenarios

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCatalog(t *testing.T) {
	names := map[string]bool{}
	for _, s := range All() {
		assert.NoError(t, s.Check())
		assert.False(t, names[s.Name], "%s is there twice", s.Name)
		names[s.Name] = true
		found, err := Find(s.Name)
		require.NoError(t, err)
		assert.Equal(t, s.Title, found.Title)
	}
	require.NotEmpty(t, names)
	_, err := Find("nonsense")
	require.ErrorContains(t, err, `unknown scenario "nonsense"`)
	require.ErrorContains(t, err, "`brink list` shows them")
}

func TestEveryFolderIsAScenario(t *testing.T) {
	names := map[string]bool{}
	for _, s := range All() {
		names[s.Name] = true
		assert.FileExists(t, filepath.Join(s.Name, "README.md"))
		assert.FileExists(t, filepath.Join(s.Name, "spec.go"))
		assert.DirExists(t, filepath.Join(s.Name, "guest"))
	}
	dirs, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, d := range dirs {
		assert.Equal(t, d.IsDir(), names[d.Name()], "%s: a folder that is not in the catalog, or the reverse", d.Name())
	}
	assert.FileExists(t, "README.md")
}
