package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"brink/internal/judge"
	"brink/internal/report"
	"brink/internal/store"
	"brink/internal/summary"
)

type showCmd struct {
	RunID string `arg:"" name:"run" default:"last" help:"Run, grid or soak: folder, ID, beginning of an ID, or last for a run."`
	JSON  bool   `name:"json" help:"Print the run as one JSON document, as report --format json does."`
	Ramp  string `help:"Op or signal whose ramp to draw, all or none; by default those with findings." placeholder:"NAME"`
}

func (c *showCmd) Run(a *app) error {
	if dir, ok, err := a.soakOf(c.RunID); err != nil {
		return err
	} else if ok {
		return c.soak(a, dir)
	}
	if dir, ok, err := a.gridOf(c.RunID); err != nil {
		return err
	} else if ok {
		return c.grid(a, dir)
	}
	dir, err := store.Find(a.results, c.RunID)
	if err != nil {
		return usageError{err}
	}
	if c.JSON {
		doc, err := summarise(dir)
		if err != nil {
			return err
		}
		return summary.Write(a.out, doc)
	}
	table, err := loadTable(dir)
	if err != nil {
		return err
	}
	drawings, err := rampsToDraw(table, c.Ramp)
	if err != nil {
		return err
	}
	if err := report.Text(a.out, table); err != nil {
		return err
	}
	if err := a.printExplanation(dir, table.Head); err != nil {
		return err
	}
	if err := a.drawRamps(drawings); err != nil {
		return err
	}
	if len(drawings) > 0 {
		if err := writePictures(dir, table); err != nil {
			a.log.Warn("the pictures could not be kept in the run folder", "why", err)
		}
	}
	return nil
}

type compareCmd struct {
	A    string `arg:"" help:"Run to compare with."`
	B    string `arg:"" help:"Run to compare."`
	JSON bool   `name:"json" help:"Print the comparison as JSON."`
}

func (c *compareCmd) print(a *app, tables []*judge.Table, found judge.Comparison) error {
	if !c.JSON {
		return report.Compare(a.out, tables[0], tables[1], found)
	}
	out := json.NewEncoder(a.out)
	out.SetIndent("", "  ")
	return out.Encode(found)
}

func (c *compareCmd) Run(a *app) error {
	var tables []*judge.Table
	for _, name := range []string{c.A, c.B} {
		dir, err := store.Find(a.results, name)
		if err != nil {
			return usageError{err}
		}
		t, err := loadTable(dir)
		if err != nil {
			return err
		}
		tables = append(tables, t)
	}
	if err := judge.Comparable(tables[0], tables[1]); err != nil {
		return usageError{err}
	}
	found := judge.Compare(tables[0], tables[1])
	if err := c.print(a, tables, found); err != nil {
		return err
	}
	if found.Regression() {
		return errFound
	}
	return nil
}

type runsCmd struct{}

func (runsCmd) Run(a *app) error {
	ids, err := store.List(a.results)
	if err != nil {
		return err
	}
	titles, err := gridTitles(a.results)
	if err != nil {
		return err
	}
	soaks, err := soakTitles(a.results)
	if err != nil {
		return err
	}
	maps.Copy(titles, soaks)
	for _, id := range slices.Sorted(slices.Values(slices.Concat(ids, slices.Collect(maps.Keys(titles))))) {
		fmt.Fprintln(a.out, strings.TrimSpace(id+"  "+titles[id]))
	}
	return nil
}
