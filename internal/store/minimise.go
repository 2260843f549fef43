package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"brink/internal/minimise"
	"brink/internal/trial"
)

// minimiseFile holds the trials of `brink minimise`, one event a line like the run's own record; minimisedFile what came
// out, minimisedDir its plan by itself and the artefacts of the trials.
const (
	minimiseFile  = "minimise.jsonl"
	minimisedFile = "minimised.json"
	minimisedDir  = "minimised"
)

// Minimisation is the record of a minimisation, open for appending. The run it belongs to must be open, too: its lock
// covers both.
type Minimisation struct {
	journal
	dir string // of the run
}

// Minimise opens the record of the run's minimisation and cuts a torn last line off.
func (r *Run) Minimise() (*Minimisation, error) {
	j, err := openJournal(filepath.Join(r.Dir, minimiseFile), filepath.Join(r.Dir, minimisedDir, "trials"), false)
	return &Minimisation{j, r.Dir}, err
}

// Append writes one line, stamped with the host's time, and returns it as written.
func (m *Minimisation) Append(l minimise.Line) (minimise.Line, error) {
	l.V, l.Host = trial.Version, m.now().UTC()
	return l, appendLine(m.lines, l)
}

// Keep writes what came out, and its plan by itself, as the agent reads it.
func (m *Minimisation) Keep(r minimise.Result) error {
	whole, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode minimised reproduction: %w", err)
	}
	plan, err := json.MarshalIndent(r.Plan, "", "  ")
	if err != nil {
		return fmt.Errorf("encode minimised plan: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(m.dir, minimisedDir), 0o755); err != nil {
		return fmt.Errorf("make folder of the minimised plan: %w", err)
	}
	return errors.Join(WriteFile(filepath.Join(m.dir, minimisedDir, "plan.json"), append(plan, '\n')),
		WriteFile(filepath.Join(m.dir, minimisedFile), append(whole, '\n')))
}

// LoadMinimisation reads the record of a run's minimisation without locking it; none is no error. A torn last line is
// left out; any other bad line is an error.
func LoadMinimisation(dir string) ([]minimise.Line, error) {
	return readLines(filepath.Join(dir, minimiseFile), minimise.ParseLine)
}

// LoadMinimised reads what came out of a run's minimisation, nil if there was none.
func LoadMinimised(dir string) (*minimise.Result, error) {
	path := filepath.Join(dir, minimisedFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("read minimised reproduction: %w", err)
	}
	r, err := minimise.ParseResult(text)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return &r, nil
}
