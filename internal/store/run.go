package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

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

	journal
}

// Create makes the folder root/ID for a new run and locks it. An ID that exists already gets a number behind it.
func Create(root string, head trial.Run) (*Run, error) {
	var err error
	if head.ID, err = makeFolder(root, head.ID); err != nil {
		return nil, fmt.Errorf("make run folder: %w", err)
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

// Open opens a run for appending, locks it, and cuts a torn last line off.
func Open(dir string) (*Run, error) {
	head, err := readHead(dir)
	if err != nil {
		return nil, err
	}
	j, err := openJournal(filepath.Join(dir, eventsFile), filepath.Join(dir, "trials"), true)
	if err != nil {
		return nil, err
	}
	return &Run{dir, head, j}, nil
}

// Append writes one event, stamped with the host's time.
func (r *Run) Append(e trial.Event) error {
	e.V, e.Host = trial.Version, r.now().UTC()
	return appendLine(r.lines, e)
}

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
