package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// journal is an append-only record of one JSON value a line, and the folders of what its trials leave. Runs, bisections and
// what is added to a run each have one.
type journal struct {
	lines  *os.File
	trials string // holds the trials' folders
	now    func() time.Time
}

// openJournal opens a record for appending and cuts a torn last line off. One that is locked belongs to this process alone;
// another one gets ErrBusy, before anything is cut.
func openJournal(path, trials string, lock bool) (journal, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return journal{}, fmt.Errorf("open record: %w", err)
	}
	if lock {
		err = lockFile(f)
	}
	if err == nil {
		if err = cutTornLine(f); err != nil {
			err = fmt.Errorf("repair record: %w", err)
		}
	}
	if err != nil {
		f.Close()
		return journal{}, err
	}
	return journal{f, trials, time.Now}, nil
}

// TrialDir makes the folder of a trial.
func (j *journal) TrialDir(n int) (string, error) {
	dir := filepath.Join(j.trials, fmt.Sprintf("%03d", n))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make trial folder: %w", err)
	}
	return dir, nil
}

// Close releases it.
func (j *journal) Close() error { return j.lines.Close() }

// makeFolder makes root/id and returns the id. One that exists already gets a number behind it.
func makeFolder(root, id string) (string, error) {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", err
	}
	name := id
	for n := 2; ; n++ {
		err := os.Mkdir(filepath.Join(root, name), 0o755)
		if err == nil || !errors.Is(err, fs.ErrExist) {
			return name, err
		}
		name = fmt.Sprintf("%s-%d", id, n)
	}
}

// lockFile makes what the file stands for this process's alone until the file is closed; another process gets ErrBusy.
func lockFile(f *os.File) error {
	switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case err == unix.EWOULDBLOCK:
		return fmt.Errorf("open %s: %w", filepath.Dir(f.Name()), ErrBusy)
	case err != nil:
		return fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	return nil
}
