package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/trial"
)

func head(id string) trial.Run {
	return trial.Run{V: trial.Version, ID: id, Scenario: "fake", Axis: "peers", Sizes: []int64{1, 2}, Settings: map[string]string{"a": "b"}}
}

func create(t *testing.T, root, id string) *Run {
	t.Helper()
	r, err := Create(root, head(id))
	require.NoError(t, err)
	r.now = func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("CET", 3600)) }
	t.Cleanup(func() { r.Close() })
	return r
}

func TestCreateAppendLoad(t *testing.T) {
	root := filepath.Join(t.TempDir(), "results", "runs") // made on the way
	r := create(t, root, "one")
	_, events, err := Load(r.Dir)
	require.NoError(t, err)
	assert.Empty(t, events)
	for i := range 3 {
		require.NoError(t, r.Append(trial.Event{Type: trial.EventBegin, Step: i, Text: "a\nb"}))
	}
	got, events, err := Load(r.Dir) // while it is open: `brink show` of a run that goes on
	require.NoError(t, err)
	assert.Equal(t, head("one"), got)
	require.Len(t, events, 3)
	for i, e := range events {
		assert.Equal(t, trial.Event{V: trial.Version, Type: trial.EventBegin, Step: i, Text: "a\nb",
			Host: time.Date(2026, 1, 2, 2, 4, 5, 0, time.UTC)}, e)
	}
	require.NoError(t, r.Close())
	require.Error(t, r.Append(trial.Event{Type: trial.EventDone}))

	r, err = Open(r.Dir)
	require.NoError(t, err)
	defer r.Close()
	assert.Equal(t, head("one"), r.Head)
	require.NoError(t, r.Append(trial.Event{Type: trial.EventDone}))
	_, events, err = Load(r.Dir)
	require.NoError(t, err)
	require.Len(t, events, 4)
	assert.Equal(t, trial.EventDone, events[3].Type)
}

func TestCreateNumbersWhatIsThere(t *testing.T) {
	root := t.TempDir()
	for _, want := range []string{"run", "run-2", "run-3"} {
		r := create(t, root, "run")
		assert.Equal(t, filepath.Join(root, want), r.Dir)
		assert.Equal(t, want, r.Head.ID)
		saved, _, err := Load(r.Dir)
		require.NoError(t, err)
		assert.Equal(t, want, saved.ID)
	}
}

func TestCreateWhereItCannot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	_, err := Create(file, head("run"))
	require.ErrorContains(t, err, "make run folder")
}

func TestTornLastLine(t *testing.T) {
	r := create(t, t.TempDir(), "run")
	for i := range 3 {
		require.NoError(t, r.Append(trial.Event{Type: trial.EventBegin, Step: i}))
	}
	require.NoError(t, r.Close())
	path := filepath.Join(r.Dir, eventsFile)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for cut := range len(whole) + 1 {
		require.NoError(t, os.WriteFile(path, whole[:cut], 0o644))
		lines := bytes.Count(whole[:cut], []byte("\n"))
		_, events, err := Load(r.Dir)
		require.NoError(t, err, "cut at byte %d", cut)
		assert.Len(t, events, lines, "cut at byte %d", cut)

		again, err := Open(r.Dir)
		require.NoError(t, err, "cut at byte %d", cut)
		require.NoError(t, again.Append(trial.Event{Type: trial.EventDone}))
		require.NoError(t, again.Close())
		_, events, err = Load(r.Dir)
		require.NoError(t, err, "cut at byte %d", cut)
		require.Len(t, events, lines+1, "cut at byte %d", cut)
		assert.Equal(t, trial.EventDone, events[lines].Type)
	}
}

func TestLongTornLine(t *testing.T) {
	r := create(t, t.TempDir(), "run")
	require.NoError(t, r.Append(trial.Event{Type: trial.EventBegin}))
	require.NoError(t, r.Close())
	path := filepath.Join(r.Dir, eventsFile)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	// The search for the last newline goes backwards in pieces of 64 KiB: put it at their borders.
	for _, n := range []int{1, 64<<10 - 1, 64 << 10, 64<<10 + 1, 128 << 10, 200_000} {
		require.NoError(t, os.WriteFile(path, append(bytes.Clone(whole), bytes.Repeat([]byte("x"), n)...), 0o644))
		again, err := Open(r.Dir)
		require.NoError(t, err)
		require.NoError(t, again.Close())
		left, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(whole), string(left), "%d bytes torn", n)
	}
}

func TestLock(t *testing.T) {
	r := create(t, t.TempDir(), "run")
	_, err := Open(r.Dir)
	require.ErrorIs(t, err, ErrBusy)
	require.NoError(t, r.Append(trial.Event{Type: trial.EventDone}), "the first one works on")
	require.NoError(t, r.Close())
	again, err := Open(r.Dir)
	require.NoError(t, err)
	require.NoError(t, again.Close())
}

func TestBadLineInTheMiddle(t *testing.T) {
	good := `{"v":1,"type":"begin"}`
	for name, c := range map[string]struct{ text, want string }{
		"garbage":  {good + "\n{oops\n" + good + "\n", "line 2: parse event"},
		"glued":    {good + "\n\n" + `{"v":1,"ty` + good + "\n" + good + "\n", "line 3: parse event"},
		"newer":    {good + "\n" + good + "\n" + `{"v":2,"type":"begin"}` + "\n", "line 3: event has version 2, this build knows 1: use a newer brink"},
		"the last": {`{"v":1}` + "\n", "line 1: parse event: it has no type"},
	} {
		t.Run(name, func(t *testing.T) {
			r := create(t, t.TempDir(), "run")
			require.NoError(t, os.WriteFile(filepath.Join(r.Dir, eventsFile), []byte(c.text), 0o644))
			_, events, err := Load(r.Dir)
			require.ErrorContains(t, err, eventsFile+": "+c.want)
			assert.Nil(t, events)
		})
	}
}

func TestHeadsThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"newer":   {`{"v":2,"id":"run"}`, "run run has version 2, this build knows 1: use a newer brink"},
		"garbage": {`{`, "read "},
	} {
		t.Run(name, func(t *testing.T) {
			r := create(t, t.TempDir(), "run")
			require.NoError(t, r.Close())
			require.NoError(t, os.WriteFile(filepath.Join(r.Dir, headFile), []byte(c.text), 0o644))
			_, _, err := Load(r.Dir)
			require.ErrorContains(t, err, c.want)
			_, err = Open(r.Dir)
			require.ErrorContains(t, err, c.want)
		})
	}
	_, _, err := Load(t.TempDir())
	require.ErrorIs(t, err, ErrNoRun)
	_, err = Open(t.TempDir())
	require.ErrorIs(t, err, ErrNoRun)
}

func TestRunWithoutEvents(t *testing.T) {
	r := create(t, t.TempDir(), "run") // killed between its two files
	require.NoError(t, os.Remove(filepath.Join(r.Dir, eventsFile)))
	got, events, err := Load(r.Dir)
	require.NoError(t, err)
	assert.Equal(t, "run", got.ID)
	assert.Empty(t, events)
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	for _, id := range []string{"20260102-030405-wireguard-6.1", "20260101-000000-wireguard-6.1", "20260101-000000-wireguard-6.1-2"} {
		create(t, root, id)
	}
	require.NoError(t, os.Mkdir(filepath.Join(root, "20260909-no-run"), 0o755))
	for name, want := range map[string]string{
		"last":                            "20260102-030405-wireguard-6.1",
		"20260102":                        "20260102-030405-wireguard-6.1",
		"20260101-000000-wireguard-6.1":   "20260101-000000-wireguard-6.1",
		"20260101-000000-wireguard-6.1-2": "20260101-000000-wireguard-6.1-2",
		filepath.Join(root, "20260102-030405-wireguard-6.1"): "20260102-030405-wireguard-6.1",
	} {
		dir, err := Find(root, name)
		require.NoError(t, err, name)
		assert.Equal(t, filepath.Join(root, want), dir)
	}
	_, err := Find(root, "20260101")
	require.ErrorContains(t, err, "20260101-000000-wireguard-6.1, 20260101-000000-wireguard-6.1-2: give more of the name")
	require.NotErrorIs(t, err, ErrNoRun)
	for _, name := range []string{"nothing", "20260909", "wireguard", "*", "["} {
		_, err = Find(root, name)
		assert.ErrorIs(t, err, ErrNoRun, name)
	}
	_, err = Find(filepath.Join(root, "no-such-folder"), "last")
	require.ErrorIs(t, err, ErrNoRun)
}

func TestListIsOldestFirst(t *testing.T) {
	root := t.TempDir()
	for _, id := range []string{"b", "a", "c"} {
		create(t, root, id)
	}
	ids, err := List(root)
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b", "c"}, ids)
}

func TestTrialDir(t *testing.T) {
	r := create(t, t.TempDir(), "run")
	for n, want := range map[int]string{7: "007", 1234: "1234"} {
		for range 2 { // a second time it is there
			dir, err := r.TrialDir(n)
			require.NoError(t, err)
			assert.Equal(t, filepath.Join(r.Dir, "trials", want), dir)
			assert.DirExists(t, dir)
		}
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.txt")
	for _, text := range []string{"long text", "short"} {
		require.NoError(t, WriteFile(path, []byte(text)))
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, text, string(got))
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o644), info.Mode())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 1, "nothing is left behind")
	require.ErrorContains(t, WriteFile(filepath.Join(dir, "no", "file"), nil), "write file")
	require.Error(t, WriteFile(dir, nil))
}

func FuzzParseEvents(f *testing.F) {
	line, _ := json.Marshal(trial.Event{V: 1, Type: trial.EventBegin})
	f.Add(append(line, '\n'))
	f.Add([]byte("\n\n{"))
	f.Add([]byte(strings.Repeat(string(line)+"\n", 3) + "{\"v\":1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		events, err := parseLines(bytes.NewReader(text), trial.ParseEvent)
		if n := bytes.Count(text, []byte("\n")); len(events) > n {
			t.Fatalf("%d events in %d lines", len(events), n)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "line ") {
			t.Fatal(fmt.Errorf("an error without its line: %w", err))
		}
	})
}
