package store

import (
	"path/filepath"

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
type Explanation struct{ journal }

// Explain opens the record of the run's explanation and cuts a torn last line off.
func (r *Run) Explain() (*Explanation, error) {
	j, err := openJournal(filepath.Join(r.Dir, explainFile), filepath.Join(r.Dir, explainDir), false)
	return &Explanation{j}, err
}

// Append writes one line, stamped with the host's time, and returns it as written.
func (x *Explanation) Append(l explain.Line) (explain.Line, error) {
	l.V, l.Host = trial.Version, x.now().UTC()
	return l, appendLine(x.lines, l)
}

// LoadExplanation reads the record of a run's explanation without locking it; none is no error. A torn last line is
// left out; any other bad line is an error.
func LoadExplanation(dir string) ([]explain.Line, error) {
	return readLines(filepath.Join(dir, explainFile), explain.ParseLine)
}
