package vmimages

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseConfigLine(t *testing.T) {
	for text, want := range map[string]configLine{
		"CONFIG_X=y":                           {symbol: "CONFIG_X", text: "CONFIG_X=y"},
		"CONFIG_X=y # optional: since 6.11":    {symbol: "CONFIG_X", text: "CONFIG_X=y", optional: true},
		"# CONFIG_X is not set":                {symbol: "CONFIG_X", text: "# CONFIG_X is not set"},
		"# CONFIG_X is not set # optional: no": {symbol: "CONFIG_X", text: "# CONFIG_X is not set", optional: true},
		"CONFIG_S=\"a b\"":                     {symbol: "CONFIG_S", text: "CONFIG_S=\"a b\""},
	} {
		got, ok := parseConfigLine(text)
		assert.True(t, ok, text)
		assert.Equal(t, want, got)
	}
	for _, text := range []string{"", "# a word", "# CONFIG_X was once set", "X=y"} {
		_, ok := parseConfigLine(text)
		assert.False(t, ok, text)
	}
}

// TestFragments: each file is known, and everything in it is an option or a comment.
func TestFragments(t *testing.T) {
	files, err := fragments.ReadDir("fragments")
	require.NoError(t, err)
	known := slices.Concat(treeFragments(), TreeOptions())
	assert.Len(t, files, len(known))
	for _, name := range known {
		lines, err := readFragments([]string{name})
		require.NoError(t, err)
		assert.NotEmpty(t, lines, name)
		text, err := fragments.ReadFile("fragments/" + name + ".config")
		require.NoError(t, err)
		for _, line := range strings.Split(string(text), "\n") {
			_, ok := parseConfigLine(line)
			assert.True(t, ok || line == "" || strings.HasPrefix(line, "# ") && !strings.Contains(line, "CONFIG_"), line)
		}
	}
	_, err = readFragments([]string{"nothing"})
	require.Error(t, err)
}

func TestLaterFragmentWins(t *testing.T) {
	lines, err := readFragments([]string{"base", "seeded"})
	require.NoError(t, err)
	assert.Equal(t, 1, strings.Count(configText(lines), "CONFIG_MODULES="))
	i := slices.IndexFunc(lines, func(l configLine) bool { return l.symbol == "CONFIG_MODULES" })
	assert.Equal(t, "seeded", lines[i].fragment)
	assert.NotContains(t, configText(lines), "optional")
}

func TestLostOptions(t *testing.T) {
	file := filepath.Join(t.TempDir(), ".config")
	require.NoError(t, os.WriteFile(file, []byte("CONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_E=y\n"), 0o644))
	line := func(text string) configLine {
		l, ok := parseConfigLine(text)
		require.True(t, ok)
		l.fragment = "f"
		return l
	}
	lost, err := lostOptions(file, []configLine{
		line("CONFIG_A=y"), line("CONFIG_B=y"), line("CONFIG_C=y # optional: why"), line("CONFIG_D=y"),
		line("# CONFIG_E is not set"), line("# CONFIG_F is not set"),
	})
	require.NoError(t, err)
	assert.Equal(t, []configLine{line("CONFIG_B=y"), line("CONFIG_D=y"), line("# CONFIG_E is not set")}, lost)
	problem := lostProblem(lost)
	assert.Contains(t, problem, "CONFIG_B=y (fragment f), CONFIG_D=y (fragment f), # CONFIG_E is not set (fragment f)")
	_, err = lostOptions(file+".none", nil)
	require.Error(t, err)
}
