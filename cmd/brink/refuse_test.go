package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/store"
)

// refusedAs checks that a command on the runs in a folder is refused, in one line.
type refusedAs func(want string, exit int, args ...string)

// refusing returns the check for a command, and tries what every command on a run refuses. The folder may change meanwhile.
func refusing(t *testing.T, dir *string, command string) refusedAs {
	t.Helper()
	refused := func(want string, exit int, args ...string) {
		t.Helper()
		code, stdout, stderr := cmdline(t, append([]string{"--results", *dir, command}, args...)...)
		assert.Equal(t, exit, code, stderr)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, want)
		assert.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
	}
	refused("<run>", exitUsage)
	refused(`give a folder, an ID or "last"`, exitUsage, "nonsense")
	return refused
}

// refusesUnfit tries runs that there is nothing to do with: without a failure, in use, unfinished. It leaves a new folder with a
// run that fails and is cut off, and returns its record's path and whole text.
func refusesUnfit(t *testing.T, dir *string, command string, refused refusedAs) (path string, text []byte) {
	t.Helper()
	plantedRun(t, *dir, 20_000, 30_000)
	refused("run r found no failure: there is nothing to "+command, exitUsage, "last")

	*dir = t.TempDir()
	plantedRun(t, *dir, 20_000, plantedAt)
	busy, err := store.Open(filepath.Join(*dir, "r"))
	require.NoError(t, err)
	refused("another brink is working on this run", exitHarness, "last")
	require.NoError(t, busy.Close())

	path = filepath.Join(*dir, "r", "events.jsonl")
	text, err = os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text[:len(text)/2], 0o644))
	refused("run r is not finished: `brink resume r` goes on with it", exitUsage, "last")
	return path, text
}
