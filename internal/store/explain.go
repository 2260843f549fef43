package store

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"brink/internal/explain"
	"brink/internal/trial"
)

// explainFile holds the trials of `brink explain`, one event a line like the run's own record; explainDir their artefacts.
const (
	explainFile = "explain.jsonl"
	explainDir  = "explain"
)

// Explanation is the record of an explanation, open for appending. The run it belongs to must be open, too: its lock
// covers both.
type Explanation struct {
	dir   string
	lines *os.File
	now   func() time.Time
}

// Explain opens the record of the run's explanation and cuts a torn last line off.
func (r *Run) Explain() (*Explanation, error) {
	f, err := os.OpenFile(filepath.Join(r.Dir, explainFile), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open explanation: %w", err)
	}
	if err := cutTornLine(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("repair explanation: %w", err)
	}
	return &Explanation{dir: r.Dir, lines: f, now: r.now}, nil
}

// Append writes one line, stamped with the host's time, and returns it as written.
func (x *Explanation) Append(l explain.Line) (explain.Line, error) {
	l.V, l.Host = trial.Version, x.now().UTC()
	return l, appendLine(x.lines, l)
}

// TrialDir makes the folder of a trial.
func (x *Explanation) TrialDir(n int) (string, error) {
	dir := filepath.Join(x.dir, explainDir, fmt.Sprintf("%03d", n))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make trial folder: %w", err)
	}
	return dir, nil
}

// Close ends it.
func (x *Explanation) Close() error { return x.lines.Close() }

// LoadExplanation reads the record of a run's explanation without locking it; none is no error. A torn last line is
// left out; any other bad line is an error.
func LoadExplanation(dir string) ([]explain.Line, error) {
	return readLines(filepath.Join(dir, explainFile), explain.ParseLine)
}
