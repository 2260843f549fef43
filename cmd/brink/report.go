package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"brink/internal/formats"
	"brink/internal/judge"
	"brink/internal/page"
	"brink/internal/report"
	"brink/internal/store"
	"brink/internal/summary"
)

type reportCmd struct {
	RunIDs []string `arg:"" optional:"" name:"run" help:"Runs: folders, IDs, beginnings of IDs, or last. More than one for the formats of other programs."`
	Format string   `short:"f" help:"html, mail, table, json, junit, ktap, kcidb, benchfmt or openmetrics; by default html, mail, table and json are written into the run folder." placeholder:"NAME"`
	Output string   `short:"o" help:"File to write to, instead of standard output." placeholder:"FILE" type:"path"`
	Schema bool     `help:"Print the JSON schema of --format json, and nothing else."`

	mailFlags `embed:""`
}

// Help is printed below the flags.
func (reportCmd) Help() string {
	return `Reports are made of a run's record, so those of an old run can be made again. In the run folder lie report.html (a page
that needs no network), report.txt (a mail to an upstream list), table.txt and summary.json.

Exit codes: 0 written, 2 wrong usage, 3 brink itself failed; they say nothing about the kernel.`
}

func (c *reportCmd) Run(a *app) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.Schema {
		return c.write(a, formats.Schema)
	}
	if len(c.RunIDs) == 0 {
		c.RunIDs = []string{"last"}
	}
	if dir, ok, err := a.gridOf(c.RunIDs[0]); len(c.RunIDs) == 1 && err != nil {
		return err
	} else if len(c.RunIDs) == 1 && ok {
		return c.grid(a, dir)
	}
	var dirs []string
	for _, id := range c.RunIDs {
		dir, err := store.Find(a.results, id)
		if err != nil {
			return usageError{err}
		}
		dirs = append(dirs, dir)
	}
	write, err := c.writer(a, dirs)
	if err != nil || write == nil {
		return err
	}
	return c.write(a, write)
}

// check refuses flags that would have no effect.
func (c *reportCmd) check() error {
	switch {
	case c.Output != "" && c.Format == "" && !c.Schema:
		return usagef("-o says where one report goes: say which with --format; without it they all go into the run folder")
	case c.mailFlags != (mailFlags{}) && c.Format != "" && c.Format != "mail":
		return usagef("--finding, --maintainers, --debug, --introduced and --bundle are for the mail: leave them out, or use --format mail")
	case c.Output != "":
		return checkOutput(c.Output)
	}
	return nil
}

// write writes a report to where it was asked for.
func (c *reportCmd) write(a *app, write func(io.Writer) error) error {
	if c.Output == "" {
		return write(a.out)
	}
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	return writeOutput(c.Output, text.Bytes())
}

// writer returns what writes the format that was asked for; nil if all is written already.
func (c *reportCmd) writer(a *app, dirs []string) (func(io.Writer) error, error) {
	var docs []summary.Summary
	for _, dir := range dirs {
		doc, err := summarise(dir)
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	if f, err := formats.Find(c.Format); err == nil {
		return func(w io.Writer) error { return f.Write(w, docs...) }, nil
	} else if c.Format != "" && c.Format != "html" && c.Format != "mail" && c.Format != "table" {
		others := strings.TrimPrefix(err.Error(), fmt.Sprintf("no format %q: choose of", c.Format))
		return nil, usagef("--format %s: choose html, mail, table,%s", c.Format, others)
	}
	if len(dirs) > 1 {
		return nil, usagef("one run at a time, but for the formats of other programs: json, junit, ktap, kcidb, benchfmt, openmetrics")
	}
	switch c.Format {
	case "html":
		return func(w io.Writer) error { return page.Write(w, docs[0]) }, nil
	case "table":
		table, err := loadTable(dirs[0])
		return func(w io.Writer) error { return report.Text(w, table) }, err
	case "mail":
		return func(w io.Writer) error { return c.mailOrNothing(a, w, dirs[0], docs[0]) }, nil
	}
	if err := a.keepReports(dirs[0], c.mailFlags); err != nil {
		return nil, err
	}
	fmt.Fprintf(a.out, "%s\n%s\n", filepath.Join(dirs[0], "report.html"), filepath.Join(dirs[0], "report.txt"))
	return nil, nil
}

// keepReports makes the reports of a run that lie beside its record.
func (a *app) keepReports(dir string, flags mailFlags) error {
	doc, err := summarise(dir)
	if err != nil {
		return err
	}
	table, err := loadTable(dir)
	if err != nil {
		return err
	}
	files, err := a.reportFiles(dir, doc, table, flags)
	if err != nil {
		return err
	}
	for name, text := range files {
		err = errors.Join(err, store.WriteFile(filepath.Join(dir, name), text))
	}
	return errors.Join(err, writePictures(dir, table))
}

// reportFiles makes them.
func (a *app) reportFiles(dir string, doc summary.Summary, t *judge.Table, flags mailFlags) (map[string][]byte, error) {
	var table, document, html, letter bytes.Buffer
	err := errors.Join(report.Text(&table, t), summary.Write(&document, doc), page.Write(&html, doc),
		flags.mailOrNothing(a, &letter, dir, doc))
	return map[string][]byte{"table.txt": table.Bytes(), "summary.json": document.Bytes(), "report.html": html.Bytes(),
		"report.txt": letter.Bytes()}, err
}
