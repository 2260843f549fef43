package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"brink/internal/grid"
	"brink/internal/report"
	"brink/internal/store"
	"brink/scenarios"
)

// gridOf returns the folder of the grid that a name means; ok is false if it means none.
func (a *app) gridOf(name string) (dir string, ok bool, err error) {
	return a.folderOf(store.FindGrid, name)
}

// folderOf asks the store for the folder that a name means; ok is false if it means none of that sort.
func (a *app) folderOf(find func(root, name string) (string, error), name string) (dir string, ok bool, err error) {
	dir, err = find(a.results, name)
	switch {
	case errors.Is(err, store.ErrNoRun):
		return "", false, nil
	case err != nil:
		return "", false, usageError{err}
	}
	return dir, true, nil
}

// grid prints a grid.
func (c *showCmd) grid(a *app, dir string) error {
	doc, err := loadGrid(dir, scenarios.Find)
	if err != nil {
		return err
	}
	names, err := tablesToShow(doc, c.Ramp)
	if err != nil {
		return err
	}
	if c.JSON {
		return grid.Write(a.out, doc)
	}
	return a.printGrid(doc, names)
}

// tablesToShow are the ops and signals that were asked for by name, all of them, or the one that says most.
func tablesToShow(doc grid.Grid, name string) (names []string, err error) {
	var known []string
	for _, q := range doc.Quantities {
		known = append(known, q.Name)
	}
	switch {
	case name == "":
		return telling(doc), nil
	case name == "none":
		return nil, nil
	case name == "all":
		return known, nil
	case slices.Contains(known, name):
		return []string{name}, nil
	case len(known) == 0:
		return nil, usagef("%s has no table over its runs yet, or is a series: show one of its runs", doc.ID)
	}
	return nil, usagef("grid %s has no op or signal %q: it has %s", doc.ID, name, strings.Join(known, ", "))
}

// printGrid prints a grid's report as the terminal shows it best.
func (a *app) printGrid(doc grid.Grid, names []string) error {
	width, colour := a.terminal()
	if width == 0 {
		width = gridWidth
	}
	return report.Grid(a.out, doc, report.GridStyle{Names: names, Width: width, Colour: colour, ASCII: !unicodeHere()})
}

// grid writes the reports of a grid, or the one that was asked for.
func (c *reportCmd) grid(a *app, dir string) error {
	doc, err := loadGrid(dir, scenarios.Find)
	if err != nil {
		return err
	}
	if c.mailFlags != (mailFlags{}) {
		return usagef("%s is a grid, which has no mail: write one for one of its runs", doc.ID)
	}
	switch c.Format {
	case "":
		if err := keepGrid(dir, doc); err != nil {
			return err
		}
		fmt.Fprintf(a.out, "%s\n%s\n", filepath.Join(dir, store.GridReport), filepath.Join(dir, store.GridSummary))
		return nil
	case "json":
		return c.write(a, func(w io.Writer) error { return grid.Write(w, doc) })
	case "table":
		return c.write(a, func(w io.Writer) error { return report.Grid(w, doc, gridFile(doc)) })
	}
	return usagef("--format %s: %s is a grid, choose table or json; each of its runs has all formats", c.Format, doc.ID)
}

// gridTitles says of each grid what it consists of.
func gridTitles(root string) (map[string]string, error) {
	ids, err := store.ListGrids(root)
	titles := map[string]string{}
	for _, id := range ids {
		head, err := store.LoadGrid(filepath.Join(root, id))
		if err != nil {
			return nil, err
		}
		titles[id] = head.Title()
	}
	return titles, err
}
