package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"brink/internal/question"
	"brink/internal/trial"
)

// A bisection is a folder beside those of runs. It is told apart by its head: it has a bisect.json and no run.json, so
// that List and Find never see it.
//
//	ID/bisect.json    what is fixed before the first trial (question.Head)
//	ID/bisect.jsonl   everything that happened, one event a line with its candidate (question.Line)
//	ID/bisect.log     the record as `git bisect log` has it; bisect.txt the report
//	ID/trials/NNN/    what the trials left
const (
	bisectHead  = "bisect.json"
	bisectLines = "bisect.jsonl"
	// BisectLog and BisectReport are the files for people.
	BisectLog    = "bisect.log"
	BisectReport = "bisect.txt"
)

// ErrBisection says that a folder is a bisection and no run.
var ErrBisection = errors.New("this is a bisection and no run")

// Bisection is the record of a bisection, open for appending. Several trials may append at the same time.
type Bisection struct {
	Dir  string
	Head question.Head

	mu sync.Mutex
	journal
}

// CreateBisection makes the folder root/ID and locks it. An ID that exists already gets a number behind it.
func CreateBisection(root string, head question.Head) (*Bisection, error) {
	var err error
	if head.ID, err = makeFolder(root, head.ID); err != nil {
		return nil, fmt.Errorf("make folder of the bisection: %w", err)
	}
	dir := filepath.Join(root, head.ID)
	if err := writeHead(dir, bisectHead, "bisection", head); err != nil {
		return nil, err
	}
	return OpenBisection(dir)
}

// OpenBisection opens a bisection for appending, locks it, and cuts a torn last line off.
func OpenBisection(dir string) (*Bisection, error) {
	head, err := readBisectHead(dir)
	if err != nil {
		return nil, err
	}
	j, err := openJournal(filepath.Join(dir, bisectLines), filepath.Join(dir, "trials"), true)
	if err != nil {
		return nil, err
	}
	return &Bisection{Dir: dir, Head: head, journal: j}, nil
}

// Append writes one line, stamped with the host's time, and returns it as written.
func (b *Bisection) Append(l question.Line) (question.Line, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.V, l.Host = trial.Version, b.now().UTC()
	return l, appendLine(b.lines, l)
}

// LoadBisection reads a bisection without locking it. A torn last line is left out; any other bad line is an error.
func LoadBisection(dir string) (question.Head, []question.Line, error) {
	head, err := readBisectHead(dir)
	if err != nil {
		return head, nil, err
	}
	lines, err := readLines(filepath.Join(dir, bisectLines), question.ParseLine)
	return head, lines, err
}

func readBisectHead(dir string) (question.Head, error) {
	return parseHead(dir, bisectHead, "bisection", question.ParseHead)
}

// FindBisection turns what a user typed into a bisection's folder: a path, an ID, the beginning of one, or "last".
func FindBisection(root, name string) (string, error) {
	if _, err := os.Stat(filepath.Join(name, bisectHead)); err == nil {
		return name, nil
	}
	ids, err := withHead(root, bisectHead)
	if err != nil {
		return "", err
	}
	var found []string
	for _, id := range ids {
		if id == name {
			return filepath.Join(root, id), nil
		}
		if strings.HasPrefix(id, name) {
			found = append(found, id)
		}
	}
	switch {
	case name == "last" && len(ids) > 0:
		return filepath.Join(root, ids[len(ids)-1]), nil
	case len(found) == 1:
		return filepath.Join(root, found[0]), nil
	case len(found) > 1:
		return "", fmt.Errorf("%q could be any of %d bisections: give more of the name", name, len(found))
	}
	return "", fmt.Errorf("bisection %q in %s: %w; give a folder, an ID or \"last\"", name, root, ErrNoRun)
}

// noRun says that there is no run of that name, and whether there is a bisection or a grid instead.
func noRun(root, name string) error {
	if dir, err := FindBisection(root, name); err == nil && name != "" && name != "last" {
		return fmt.Errorf("%q: %w: its report is %s, `brink bisect --resume %s` goes on with it", name, ErrBisection,
			filepath.Join(dir, BisectReport), name)
	}
	if dir, err := FindGrid(root, name); err == nil && name != "" {
		return fmt.Errorf("%q: %w: `brink show %s` prints it and names its runs", name, ErrGrid, filepath.Base(dir))
	}
	if dir, err := FindSoak(root, name); err == nil && name != "" {
		return fmt.Errorf("%q: %w: `brink show %s` prints it", name, ErrSoak, filepath.Base(dir))
	}
	return fmt.Errorf("%q in %s: %w; give a folder, an ID or \"last\"", name, root, ErrNoRun)
}
