package main

import (
	"bytes"
	"errors"
	"path/filepath"

	"brink/internal/engine"
	"brink/internal/grid"
	"brink/internal/judge"
	"brink/internal/picture"
	"brink/internal/report"
	"brink/internal/scenario"
	"brink/internal/store"
)

// gridWidth is how many columns a grid's tables may have where there is no terminal.
const gridWidth = 118

// loadGrid reads what the runs of a grid showed by now.
func loadGrid(dir string, find func(string) (scenario.Spec, error)) (grid.Grid, error) {
	head, err := store.LoadGrid(dir)
	if err != nil {
		return grid.Grid{}, err
	}
	spec, err := find(head.Scenario)
	if err != nil {
		return grid.Grid{}, err
	}
	dirs, err := store.GridRuns(dir, head)
	if err != nil {
		return grid.Grid{}, err
	}
	parts := make([]grid.Part, len(dirs))
	for i, d := range dirs {
		if d == "" {
			continue
		}
		run, events, err := store.Load(d)
		if err != nil {
			return grid.Grid{}, err
		}
		own := spec.On(run.Axis, run.Settings).Scaled(run.Machine.Slowdown())
		parts[i] = grid.Part{ID: run.ID, Table: judge.Read(own, run, events), Finished: engine.Finished(own, run, events)}
	}
	return grid.New(head, spec, parts), nil
}

// keepGrid writes the reports into the grid's folder.
func keepGrid(dir string, doc grid.Grid) error {
	var text, document bytes.Buffer
	files := map[string]*bytes.Buffer{store.GridReport: &text, store.GridSummary: &document}
	err := errors.Join(report.Grid(&text, doc, gridFile(doc)), grid.Write(&document, doc))
	for _, name := range telling(doc) {
		var svg, png bytes.Buffer
		err = errors.Join(err, picture.GridSVG(&svg, report.GridPicture(doc, name)), picture.GridPNG(&png, report.GridPicture(doc, name)))
		files["grid.svg"], files["grid.png"] = &svg, &png
	}
	for name, file := range files {
		if err == nil {
			err = store.WriteFile(filepath.Join(dir, name), file.Bytes())
		}
	}
	return err
}

// gridFile is how a grid's report looks in a file.
func gridFile(doc grid.Grid) report.GridStyle {
	return report.GridStyle{Names: telling(doc), Width: gridWidth}
}

// telling is what is shown of a grid unless something else is asked for.
func telling(doc grid.Grid) []string {
	if doc.Shown == "" {
		return nil
	}
	return []string{doc.Shown}
}
