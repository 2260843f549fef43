package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/trial"
)

const (
	headFile   = "run.json"
	eventsFile = "events.jsonl"
)

// ErrBusy says that another brink works on the run.
var ErrBusy = errors.New("another brink is working on this run")

// Run is a run folder that is open for appending.
type Run struct {
	Dir  string
	Head trial.Run

	events *os.File
	now    func() time.Time
}

// Create makes the folder root/ID for a new run and locks it. An ID that exists already gets a number behind it.
func Create(root string, head trial.Run) (*Run, error) {
	id := head.ID
	for n := 2; ; n++ {
		err := makeDir(root, head.ID)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("make run folder: %w", err)
		}
		head.ID = fmt.Sprintf("%s-%d", id, n)
	}
	dir := filepath.Join(root, head.ID)
	text, err := json.MarshalIndent(head, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := WriteFile(filepath.Join(dir, headFile), append(text, '\n')); err != nil {
		return nil, err
	}
	return Open(dir)
}

func makeDir(root, id string) error {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	return os.Mkdir(filepath.Join(root, id), 0o755)
}

// Open opens a run for appending, locks it, and cuts a torn last line off.
func Open(dir string) (*Run, error) {
	head, err := readHead(dir)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, eventsFile), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open record: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if err == unix.EWOULDBLOCK {
			return nil, fmt.Errorf("open %s: %w", dir, ErrBusy)
		}
		return nil, fmt.Errorf("lock record: %w", err)
	}
	if err := cutTornLine(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("repair record: %w", err)
	}
	return &Run{Dir: dir, Head: head, events: f, now: time.Now}, nil
}

// Append writes one event, stamped with the host's time.
func (r *Run) Append(e trial.Event) error {
	e.V, e.Host = trial.Version, r.now().UTC()
	return appendLine(r.events, e)
}

// TrialDir makes the folder of a trial.
func (r *Run) TrialDir(n int) (string, error) {
	dir := filepath.Join(r.Dir, "trials", fmt.Sprintf("%03d", n))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make trial folder: %w", err)
	}
	return dir, nil
}

// Close releases the run.
func (r *Run) Close() error { return r.events.Close() }

// WriteFile writes a file whole or not at all.
func WriteFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err := errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return os.Rename(f.Name(), path)
}
