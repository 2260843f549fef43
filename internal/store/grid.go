package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"brink/internal/grid"
)

// A grid is a folder beside those of its runs. It is told apart by its head: it has a grid.json and no run.json. Which runs belong
// to it stands in the runs' own heads (trial.Run.Grid), so nothing in the folder changes while it is made but the reports.
//
//	ID/grid.json      what is fixed before the first run (grid.Head)
//	ID/grid.txt, grid.svg, grid.png, summary.json   the reports, made of the runs' records
const gridHead = "grid.json"

// The reports of a grid in its folder.
const (
	GridReport  = "grid.txt"
	GridSummary = "summary.json"
)

// ErrGrid says that a folder is a grid and no run.
var ErrGrid = errors.New("this is a grid of runs and no run")

// Grid is a grid's folder, locked.
type Grid struct {
	Dir  string
	Head grid.Head

	lock *os.File
}

// CreateGrid makes the folder root/ID and locks it. An ID that exists already gets a number behind it.
func CreateGrid(root string, head grid.Head) (*Grid, error) {
	var err error
	if head.ID, err = makeFolder(root, head.ID); err != nil {
		return nil, fmt.Errorf("make folder of the grid: %w", err)
	}
	dir := filepath.Join(root, head.ID)
	if err := writeHead(dir, gridHead, "grid", head); err != nil {
		return nil, err
	}
	return OpenGrid(dir)
}

// OpenGrid locks a grid, so that no other brink makes the same runs.
func OpenGrid(dir string) (*Grid, error) {
	head, err := LoadGrid(dir)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(dir, gridHead))
	if err != nil {
		return nil, fmt.Errorf("lock grid: %w", err)
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, err
	}
	return &Grid{dir, head, f}, nil
}

// Close unlocks it.
func (g *Grid) Close() error { return g.lock.Close() }

// LoadGrid reads the head of a grid without locking it.
func LoadGrid(dir string) (grid.Head, error) { return parseHead(dir, gridHead, "grid", grid.Parse) }

// GridRuns returns the folders of the runs that a grid has by now, one for each of its head's runs in their order; empty where none
// was begun. The runs lie beside the grid.
func GridRuns(dir string, head grid.Head) ([]string, error) {
	root := filepath.Dir(dir)
	ids, err := List(root)
	if err != nil {
		return nil, err
	}
	dirs := make([]string, len(head.Runs))
	for _, id := range ids {
		run, err := readHead(filepath.Join(root, id))
		if err != nil {
			continue // of a run that cannot be read, no grid knows
		}
		if i, ok := head.Index(run); ok && dirs[i] == "" {
			dirs[i] = filepath.Join(root, id)
		}
	}
	return dirs, nil
}

// ListGrids returns the IDs of all grids, oldest first.
func ListGrids(root string) ([]string, error) { return withHead(root, gridHead) }

// FindGrid turns what a user typed into a grid's folder: a path, an ID, or the beginning of one that no run begins with but the
// grid's own. What names no grid is ErrNoRun.
func FindGrid(root, name string) (string, error) {
	if _, err := os.Stat(filepath.Join(name, gridHead)); err == nil {
		return filepath.Abs(name)
	}
	grids, err := ListGrids(root)
	if err != nil {
		return "", err
	}
	runs, err := List(root)
	if err != nil {
		return "", err
	}
	if slices.Contains(grids, name) {
		return filepath.Join(root, name), nil
	}
	other := func(id string) bool { return name == "" || !strings.HasPrefix(id, name) }
	grids, runs = slices.DeleteFunc(grids, other), slices.DeleteFunc(runs, other)
	if len(grids) == 0 || slices.Contains(runs, name) {
		return "", fmt.Errorf("grid %q in %s: %w", name, root, ErrNoRun)
	}
	for _, r := range runs {
		if head, err := readHead(filepath.Join(root, r)); err != nil || head.Grid != grids[0] {
			return "", fmt.Errorf("%q could be the grid %s or the run %s: give more of the name", name, grids[0], r)
		}
	}
	if len(grids) > 1 {
		return "", fmt.Errorf("%q could be %s: give more of the name", name, strings.Join(grids, ", "))
	}
	return filepath.Join(root, grids[0]), nil
}
