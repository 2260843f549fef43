//go:build linux

package guest

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// runScript runs a script's text as the agent does, with the size 7.
func runScript(t *testing.T, text string, deadline time.Duration) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.sh")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	m := &Meter{}
	err := script{path, deadline}.Do(scenario.PlainOp, 7, m)
	return m.text, err
}

func TestScriptEndsInWhatItSays(t *testing.T) {
	for name, c := range map[string]struct{ text, want, output string }{
		"good":            {"echo adding $1 peers; echo 'now: x'", "", "adding 7 peers\nnow: x\n"},
		"failure":         {"echo 'FAILED: x at 7 peers: boom'; exit 1", "FAILED: x at 7 peers: boom", "FAILED: x at 7 peers: boom\n"},
		"failure, more":   {"echo 'FAILED: x'; echo later; exit 1", "FAILED: x", "FAILED: x\nlater\n"},
		"status alone":    {"echo oops; exit 1", "script ended with exit status 1: oops", "oops\n"},
		"not its failure": {"echo 'FAILED: x'; exit 2", "script ended with exit status 2: FAILED: x", "FAILED: x\n"},
		"stderr":          {"echo lost >&2; exit 3", "script ended with exit status 3: lost", "lost\n"},
		"killed":          {"echo 'now: x'; kill -9 $$", `script killed by SIGKILL after "now: x"`, "now: x\n"},
	} {
		t.Run(name, func(t *testing.T) {
			output, err := runScript(t, c.text, time.Minute)
			assert.Equal(t, c.output, output)
			if c.want == "" {
				assert.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.Equal(t, c.want, err.Error())
			assert.NotErrorIs(t, err, ErrScenario)
		})
	}
}

func TestScriptThatHangsIsLookedAt(t *testing.T) {
	t.Cleanup(func() {
		for _, pid := range descendants(os.Getpid()) {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
	})
	start := time.Now()
	_, err := runScript(t, "sleep 1.5; echo 'now: x'; sleep 600; echo late", 500*time.Millisecond)
	var stuck *StuckError
	require.ErrorAs(t, err, &stuck)
	assert.Equal(t, "sleep", stuck.Task.Comm, "the program that the shell waits for")
	assert.Contains(t, stuck.Text, `after "now: x": sleep is in state S`)
	assert.Greater(t, time.Since(start), 1500*time.Millisecond, "what comes before the op has no deadline")
}

func TestScriptLeavesSomethingBehind(t *testing.T) {
	output, err := runScript(t, "sleep 30 & echo \"$!\"", time.Minute)
	require.NoError(t, err, "a child that holds the output open is no failure of the script")
	var pid int
	for _, c := range strings.TrimSpace(output) {
		pid = pid*10 + int(c-'0')
	}
	require.NoError(t, unix.Kill(pid, unix.SIGKILL))
}

func TestScriptOutputIsBounded(t *testing.T) {
	var console bytes.Buffer
	o := &scriptOutput{console: &console}
	for range 5 { // in pieces, as a pipe gives them
		_, err := io.WriteString(o, "first "+strings.Repeat("x", 5000))
		require.NoError(t, err)
		_, err = io.WriteString(o, "\n"+strings.Repeat("y\n", 5000)+"la")
		require.NoError(t, err)
		_, err = io.WriteString(o, "st\n")
		require.NoError(t, err)
	}
	text := o.String()
	assert.LessOrEqual(t, len(text), scriptText+8)
	assert.True(t, strings.HasPrefix(text, "first x"))
	assert.True(t, strings.HasSuffix(text, "y\nlast\n"))
	assert.Equal(t, 1, strings.Count(text, "…\n"))
	assert.Equal(t, "last", o.last())
	for line := range strings.Lines(console.String()) {
		assert.LessOrEqual(t, len(line), scriptLine+len("script: \n"))
		assert.True(t, strings.HasPrefix(line, "script: "))
	}
	_, err := io.WriteString(o, "to\x1brn\xff")
	require.NoError(t, err)
	assert.Equal(t, "last", o.last(), "a line is one when it is whole")
	assert.True(t, strings.HasSuffix(o.String(), "last\nto?rn?"), "but its beginning is not lost")
}

func TestScriptNeedsADeadline(t *testing.T) {
	_, err := NewScript(trial.Plan{Settings: scenario.Settings{scenario.PlainScript: "true"}})
	assert.ErrorContains(t, err, "read the script's deadline")
}
