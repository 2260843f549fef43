package store

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"brink/internal/trial"
)

// TestMain lets the test binary be a brink that appends events to a run until it is killed, or until a file may not grow
// beyond BRINK_TEST_LIMIT bytes. It says each event that Append took.
func TestMain(m *testing.M) {
	dir := os.Getenv("BRINK_TEST_WRITER")
	if dir == "" {
		os.Exit(m.Run())
	}
	r, err := Open(dir)
	if err != nil {
		panic(err)
	}
	if limit, err := strconv.ParseUint(os.Getenv("BRINK_TEST_LIMIT"), 10, 64); err == nil {
		signal.Ignore(syscall.SIGXFSZ)
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: limit, Max: unix.RLIM_INFINITY}); err != nil {
			panic(err)
		}
	}
	for i := 0; ; i++ {
		if err := r.Append(event(i)); err != nil {
			after := trial.Event{Type: trial.EventOutcome, Outcome: &trial.Outcome{Kind: trial.Harness}}
			unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY})
			fmt.Println("failed", err, r.Append(after))
			return
		}
		fmt.Println(i)
	}
}

func event(i int) trial.Event {
	return trial.Event{Type: trial.EventBegin, Step: i, Text: strings.Repeat("x", i%1000)}
}

func writer(t *testing.T, dir string, env ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), append(env, "BRINK_TEST_WRITER="+dir)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return cmd, bufio.NewScanner(out)
}

func TestKilledWriterLosesNothing(t *testing.T) {
	r := create(t, t.TempDir(), "run")
	require.NoError(t, r.Close())
	total := 0
	for round, least := range []int{1, 100, 1500} {
		cmd, said := writer(t, r.Dir)
		taken := 0
		for said.Scan() {
			if taken++; taken == least {
				_, err := Open(r.Dir)
				require.ErrorIs(t, err, ErrBusy, "another process holds the run")
				require.NoError(t, cmd.Process.Kill())
			}
		}
		require.Error(t, cmd.Wait())
		_, events, err := Load(r.Dir)
		require.NoError(t, err)
		// It may have been killed between writing an event and saying so.
		mine := len(events) - total
		assert.Contains(t, []int{taken, taken + 1}, mine, "round %d", round)
		for i, e := range events[total:] {
			require.Equal(t, i, e.Step)
			require.Equal(t, event(i).Text, e.Text)
		}
		again, err := Open(r.Dir) // the lock went with the process
		require.NoError(t, err)
		require.NoError(t, again.Close())
		total = len(events)
	}
}

func TestFullDiskDoesNotSpoilTheRecord(t *testing.T) {
	r := create(t, t.TempDir(), "run")
	require.NoError(t, r.Close())
	const limit = 50_000
	cmd, said := writer(t, r.Dir, fmt.Sprint("BRINK_TEST_LIMIT=", limit))
	taken, last := 0, ""
	for said.Scan() {
		if last = said.Text(); !strings.HasPrefix(last, "failed") {
			taken++
		}
	}
	require.NoError(t, cmd.Wait())
	require.Contains(t, last, "write record: ")
	require.Contains(t, last, "file too large <nil>", "the event after the failure was taken")
	_, events, err := Load(r.Dir)
	require.NoError(t, err, "the half line is gone")
	require.Len(t, events, taken+1)
	assert.Equal(t, trial.EventOutcome, events[taken].Type)
	info, err := os.Stat(filepath.Join(r.Dir, eventsFile))
	require.NoError(t, err)
	assert.Greater(t, info.Size(), int64(limit-2000))
}
