package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"brink/internal/soak"
	"brink/internal/trial"
)

// A soak is a folder beside those of runs. It is told apart by its head: it has a soak.json and no run.json.
//
//	ID/soak.json      what is fixed before the first VM (trial.Soak)
//	ID/soak.jsonl     the VMs, one a line when it has ended, and now and then while it runs (SoakLine)
//	ID/soak.txt, soak.svg, soak.png, report.json   the reports, made of the record
//	ID/trials/NNN/    what the VMs left that failed
const (
	soakHead  = "soak.json"
	soakLines = "soak.jsonl"
	// SoakReport and SoakSummary are the reports for people and for programs.
	SoakReport  = "soak.txt"
	SoakSummary = "report.json"
)

// maxSlots is more VMs than run side by side anywhere.
const maxSlots = 1 << 16

// ErrSoak says that a folder is a soak and no run.
var ErrSoak = errors.New("this is a soak and no run")

// SoakLine is one VM as it ended, or as it stood (Partial): if no later line tells of it, brink was killed.
type SoakLine struct {
	V    int       `json:"v"`
	Host time.Time `json:"host"` // when the host wrote it
	soak.Result
	Outcome *trial.Outcome    `json:"outcome,omitempty"` // of a VM that failed
	Done    map[string]int64  `json:"done,omitempty"`    // how often it had done each op
	Facts   map[string]string `json:"facts,omitempty"`   // what the guest was like (trial.EventFact)
}

// ParseSoakLine reads a line of a soak's record.
func ParseSoakLine(line []byte) (SoakLine, error) {
	var l SoakLine
	if err := json.Unmarshal(line, &l); err != nil {
		return l, fmt.Errorf("parse line: %w", err)
	}
	switch {
	case l.V > trial.Version:
		return l, fmt.Errorf("line has version %d, this build knows %d: use a newer brink", l.V, trial.Version)
	case l.Ordinal < 1 || l.Arm < 0 || l.Arm > 1 || l.Slot < 0 || l.Slot >= maxSlots || l.Time < 0:
		return l, fmt.Errorf("parse line: there is no VM %d in slot %d of arm %d", l.Ordinal, l.Slot, l.Arm)
	}
	return l, nil
}

// Soak is the record of a soak, open for appending. Several VMs may append at the same time.
type Soak struct {
	Dir  string
	Head trial.Soak

	mu sync.Mutex
	journal
}

// CreateSoak makes the folder root/ID and locks it. An ID that exists already gets a number behind it.
func CreateSoak(root string, head trial.Soak) (*Soak, error) {
	var err error
	if head.ID, err = makeFolder(root, head.ID); err != nil {
		return nil, fmt.Errorf("make folder of the soak: %w", err)
	}
	dir := filepath.Join(root, head.ID)
	if err := writeHead(dir, soakHead, "soak", head); err != nil {
		return nil, err
	}
	return OpenSoak(dir)
}

// OpenSoak opens a soak for appending, locks it, and cuts a torn last line off.
func OpenSoak(dir string) (*Soak, error) {
	head, err := readSoakHead(dir)
	if err != nil {
		return nil, err
	}
	j, err := openJournal(filepath.Join(dir, soakLines), filepath.Join(dir, "trials"), true)
	if err != nil {
		return nil, err
	}
	return &Soak{Dir: dir, Head: head, journal: j}, nil
}

// Extend makes the soak longer, or shorter.
func (s *Soak) Extend(to time.Duration) error {
	s.Head.For, s.Head.Extended = to, true
	return writeHead(s.Dir, soakHead, "soak", s.Head)
}

// Append writes one line, stamped with the host's time.
func (s *Soak) Append(l SoakLine) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.V, l.Host = trial.Version, s.now().UTC()
	return appendLine(s.lines, l)
}

// Drop removes what a trial left.
func (s *Soak) Drop(n int) error {
	return os.RemoveAll(filepath.Join(s.trials, fmt.Sprintf("%03d", n)))
}

// Sweep removes what VMs left that were cut off with their brink, all but those of the given trials, and returns the highest
// number that was ever used.
func (s *Soak) Sweep(told map[int]bool) (last int, err error) {
	for n := range told {
		last = max(last, n)
	}
	dirs, err := filepath.Glob(filepath.Join(s.trials, "*"))
	for _, d := range dirs {
		n, wrong := strconv.Atoi(filepath.Base(d))
		if wrong != nil {
			continue
		}
		last = max(last, n)
		if !told[n] {
			err = errors.Join(err, os.RemoveAll(d))
		}
	}
	return last, err
}

// LoadSoak reads a soak without locking it: of each VM its last line, in the order of their numbers. A torn last line is left out;
// any other bad line is an error.
func LoadSoak(dir string) (trial.Soak, []SoakLine, error) {
	head, err := readSoakHead(dir)
	if err != nil {
		return head, nil, err
	}
	lines, err := readLines(filepath.Join(dir, soakLines), ParseSoakLine)
	return head, lastOfEach(lines), err
}

func readSoakHead(dir string) (trial.Soak, error) {
	return parseHead(dir, soakHead, "soak", trial.ParseSoak)
}

// ListSoaks returns the IDs of all soaks, oldest first.
func ListSoaks(root string) ([]string, error) { return withHead(root, soakHead) }

// FindSoak turns what a user typed into a soak's folder: a path, an ID, or the beginning of one that nothing else begins with.
// What names no soak is ErrNoRun.
func FindSoak(root, name string) (string, error) {
	if _, err := os.Stat(filepath.Join(name, soakHead)); err == nil {
		return filepath.Abs(name)
	}
	ids, err := ListSoaks(root)
	if err != nil {
		return "", err
	}
	var found, others []string
	for _, id := range ids {
		if id == name {
			return filepath.Join(root, id), nil
		}
		if name != "" && strings.HasPrefix(id, name) {
			found = append(found, id)
		}
	}
	for _, head := range []string{headFile, gridHead} {
		more, err := withHead(root, head)
		if err != nil {
			return "", err
		}
		for _, id := range more {
			if id == name {
				return "", fmt.Errorf("soak %q in %s: %w", name, root, ErrNoRun)
			}
			if strings.HasPrefix(id, name) {
				others = append(others, id)
			}
		}
	}
	switch {
	case len(found) == 0:
		return "", fmt.Errorf("soak %q in %s: %w", name, root, ErrNoRun)
	case len(found) > 1 || len(others) > 0:
		return "", fmt.Errorf("%q could be %s: give more of the name", name, strings.Join(append(found, others...), ", "))
	}
	return filepath.Join(root, found[0]), nil
}
