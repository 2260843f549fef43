//go:build linux

package groups

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseFlat(t *testing.T) {
	values, err := parseFlat("anon 8192\nfile 18446744073709551615\n")
	require.NoError(t, err)
	assert.Equal(t, map[string]uint64{"anon": 8192, "file": 1<<64 - 1}, values)
	values, err = parseFlat("")
	require.NoError(t, err)
	assert.Empty(t, values)
	for _, bad := range []string{"anon", "anon x", "anon -1", "anon 1 2", "\n"} {
		_, err := parseFlat(bad)
		assert.ErrorContains(t, err, "is not a name and a number", "%q", bad)
	}
}

func TestParsePIDs(t *testing.T) {
	pids, err := parsePIDs("12\n345\n")
	require.NoError(t, err)
	assert.Equal(t, []int{12, 345}, pids)
	pids, err = parsePIDs("")
	require.NoError(t, err)
	assert.Empty(t, pids)
	_, err = parsePIDs("12\nx\n")
	assert.ErrorContains(t, err, "read process list")
}

func TestParseProcCgroups(t *testing.T) {
	const text = "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t0\t8\t1\nmemory\t1\t4097\t1\n"
	n, err := parseProcCgroups(strings.NewReader(text), "memory")
	require.NoError(t, err)
	assert.EqualValues(t, 4097, n)
	_, err = parseProcCgroups(strings.NewReader("cpu\t0\t8\t1\n"), "memory") // as from 6.15 on without version 1
	assert.ErrorContains(t, err, "no line for memory")
	_, err = parseProcCgroups(strings.NewReader("memory\t1\tx\t1\n"), "memory")
	assert.Error(t, err)
}

func TestCountSiblings(t *testing.T) {
	assert.Equal(t, 2, countSiblings([]string{"s0", "s1", "service", "s", "memory.stat", "dying"}))
}

func FuzzParsers(f *testing.F) {
	f.Add("max 1\n")
	f.Add("memory\t1\t2\t1\n12\n")
	f.Fuzz(func(t *testing.T, text string) {
		if values, err := parseFlat(text); err == nil {
			assert.LessOrEqual(t, len(values), strings.Count(text, "\n")+1)
		}
		if pids, err := parsePIDs(text); err == nil {
			assert.Len(t, pids, len(strings.Fields(text)))
		}
		_, _ = parseProcCgroups(strings.NewReader(text), "memory")
	})
}
