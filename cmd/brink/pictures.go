package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"brink/internal/judge"
	"brink/internal/picture"
	"brink/internal/report"
	"brink/internal/scenario"
	"brink/internal/store"
)

// writePictures draws the ramp of every op into the run folder: ramps/OP.svg and ramps/OP.png.
func writePictures(dir string, t *judge.Table) error {
	dir = filepath.Join(dir, "ramps")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, op := range t.Spec.Ops {
		r := report.Ramp(t, op)
		if len(r.Points) == 0 {
			continue
		}
		for suffix, draw := range map[string]func(io.Writer, picture.Ramp) error{".svg": picture.SVG, ".png": picture.PNG} {
			var text bytes.Buffer
			if err := draw(&text, r); err != nil {
				return fmt.Errorf("draw %s: %w", op.Name, err)
			}
			if err := store.WriteFile(filepath.Join(dir, op.Name+suffix), text.Bytes()); err != nil {
				return err
			}
		}
	}
	return nil
}

// drawRamps draws ops for the terminal.
func (a *app) drawRamps(t *judge.Table, ops []scenario.Op) error {
	width, colour := 0, false
	if f, ok := a.out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		colour = os.Getenv("NO_COLOR") == ""
		if w, _, err := term.GetSize(int(f.Fd())); err == nil {
			width = min(w, 120)
		}
	}
	for _, op := range ops {
		fmt.Fprintln(a.out)
		draw := func() error { return picture.Terminal(a.out, report.Ramp(t, op), width, 0, colour) }
		if !unicodeHere() {
			draw = func() error { return picture.ASCII(a.out, report.Ramp(t, op), width, 0) }
		}
		if err := draw(); err != nil {
			return err
		}
	}
	return nil
}

// unicodeHere reports whether the locale has more than ASCII; the first variable that is set counts (locale(7)).
func unicodeHere() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := os.Getenv(name); v != "" {
			return v != "C" && v != "POSIX"
		}
	}
	return true // nothing is said, as in a container or under cron
}

// opsToDraw are the ops that were asked for by name, all of them, or those whose pictures say something.
func opsToDraw(t *judge.Table, name string) ([]scenario.Op, error) {
	switch name {
	case "":
		return report.Worth(t), nil
	case "all":
		return t.Spec.Ops, nil
	case "none":
		return nil, nil
	}
	op, ok := t.Spec.Op(name)
	if !ok {
		return nil, usagef("scenario %s has no op %q; `brink list` shows them", t.Spec.Name, name)
	}
	return []scenario.Op{op}, nil
}
