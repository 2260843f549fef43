package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/bisect"
	"brink/internal/question"
)

func versioned(versions ...string) (cands []question.Candidate) {
	for _, v := range versions {
		cands = append(cands, question.Candidate{ID: "debian:" + v, Subject: v})
	}
	return cands
}

// TestReplayKeepsTheEnds: the newer end is given first, as in the log.
func TestReplayKeepsTheEnds(t *testing.T) {
	cands, err := byVersion(versioned("6.12-1", "6.1-1", "6.10-1", "6.9-1"))
	require.NoError(t, err)
	assert.Equal(t, versioned("6.1-1", "6.9-1", "6.10-1", "6.12-1"), cands)
	for want, versions := range map[string][]string{
		"their order was not that of their versions": {"6.12-1", "6.1-1", "6.16-1"},
		"debian:6.1-1 (6.1-1) is no newer than":      {"6.1-1", "6.12-1"},
		"are of the same version, 6.12-1":            {"6.12-1", "6.1-1", "6.12-1"},
		"are of the same version, 6.9-1":             {"6.12-1", "6.1-1", "6.9-1", "6.10-1", "6.9-1"},
	} {
		_, err := byVersion(versioned(versions...))
		assert.ErrorContains(t, err, want)
	}
}

func TestReplayOfALogThatDisagrees(t *testing.T) {
	h := question.Head{Candidates: versioned("6.1-1", "6.9-1", "6.12-1")}
	name := func(ids ...string) (all []bisect.Name) {
		for _, id := range ids {
			all = append(all, bisect.Name{ID: id})
		}
		return all
	}
	assert.Empty(t, disagrees(h, nil, []int{1}))
	assert.Empty(t, disagrees(h, name("debian:6.12-1", "debian:6.9-1"), []int{1, 2}))
	assert.Equal(t, "the log names debian:6.9-1, its answers say debian:6.12-1", disagrees(h, name("debian:6.9-1"), []int{2}))
	assert.Equal(t, "the log names debian:6.9-1, its answers do not say so", disagrees(h, name("debian:6.9-1"), nil))

	dir := t.TempDir()
	newBisection(t, dir, 20, plantedQuestion)
	_, _, err := bisected(t, t.Context(), dir, plantedHistory(13), 1)
	require.ErrorIs(t, err, errFound)
	text, err := os.ReadFile(filepath.Join(dir, "b", "bisect.log"))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "log")
	replay := func(text string) (int, string) {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		code, _, errs := cmdline(t, "bisect", "--replay", path)
		return code, errs
	}
	code, errs := replay(string(text))
	assert.Equal(t, exitFound, code)
	assert.NotContains(t, errs, "note:")
	code, errs = replay(strings.Replace(string(text), "first bad commit: [debian:6.13]", "first bad commit: [debian:6.14]", 1))
	assert.Equal(t, exitFound, code)
	assert.Contains(t, errs, "note: the log names debian:6.14, its answers say debian:6.13")
	code, errs = replay(strings.ReplaceAll(string(text), "6.13.7-1", "6.19.7-1"))
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errs, "debian:6.13 and debian:6.19 are of the same version, 6.19.7-1: their order is not in the log; give the log in its folder")
}
