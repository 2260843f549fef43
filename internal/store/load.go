package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"brink/internal/trial"
)

// ErrNoRun says that there is no such run.
var ErrNoRun = errors.New("no such run")

// Load reads a run without locking it. A torn last line is left out; any other bad line is an error.
func Load(dir string) (trial.Run, []trial.Event, error) {
	head, err := readHead(dir)
	if err != nil {
		return head, nil, err
	}
	events, err := readLines(filepath.Join(dir, eventsFile), trial.ParseEvent)
	return head, events, err
}

func readHead(dir string) (trial.Run, error) {
	var head trial.Run
	text, err := os.ReadFile(filepath.Join(dir, headFile))
	if errors.Is(err, fs.ErrNotExist) {
		return head, fmt.Errorf("%s: %w", dir, ErrNoRun)
	} else if err != nil {
		return head, err
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return head, fmt.Errorf("read %s: %w", filepath.Join(dir, headFile), err)
	}
	if head.V > trial.Version {
		return head, fmt.Errorf("run %s has version %d, this build knows %d: use a newer brink", head.ID, head.V, trial.Version)
	}
	return head, nil
}

// cutTornLine truncates the file behind its last newline and leaves the offset there.
func cutTornLine(f *os.File) error {
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	buffer := make([]byte, 64<<10)
	for end > 0 {
		n := min(end, int64(len(buffer)))
		if _, err := f.ReadAt(buffer[:n], end-n); err != nil {
			return err
		}
		if i := bytes.LastIndexByte(buffer[:n], '\n'); i >= 0 {
			end = end - n + int64(i) + 1
			break
		}
		end -= n
	}
	if err := f.Truncate(end); err != nil {
		return err
	}
	_, err = f.Seek(end, io.SeekStart)
	return err
}

// ReplayMark is in the ID of a run that repeats a bundle: it is not what "last" means.
const ReplayMark = "-replay-"

// Find turns what a user typed into a run folder: a path, an ID, the unambiguous beginning of one, or "last".
func Find(root, name string) (string, error) {
	if _, err := os.Stat(filepath.Join(name, headFile)); err == nil {
		return name, nil
	}
	ids, err := List(root)
	if err != nil {
		return "", err
	}
	runs := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return strings.Contains(id, ReplayMark) })
	if name == "last" && len(runs) > 0 {
		return filepath.Join(root, runs[len(runs)-1]), nil
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
	switch len(found) {
	case 1:
		return filepath.Join(root, found[0]), nil
	case 0:
		return "", noRun(root, name)
	}
	return "", fmt.Errorf("%q could be %s: give more of the name", name, strings.Join(found, ", "))
}

// List returns the IDs of all runs, oldest first.
func List(root string) ([]string, error) { return withHead(root, headFile) }
