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
	"brink/internal/store"
)

// writePictures draws the ramp of every op into the run folder: ramps/OP.svg and ramps/OP.png; of a signal that has a limit
// ramps/signal-SIGNAL.svg and .png.
func writePictures(dir string, t *judge.Table) error {
	dir = filepath.Join(dir, "ramps")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, d := range report.Kept(t) {
		for suffix, draw := range map[string]func(io.Writer, picture.Ramp) error{".svg": picture.SVG, ".png": picture.PNG} {
			var text bytes.Buffer
			if err := draw(&text, d.Ramp); err != nil {
				return fmt.Errorf("draw %s: %w", d.Name, err)
			}
			if err := store.WriteFile(filepath.Join(dir, d.File()+suffix), text.Bytes()); err != nil {
				return err
			}
		}
	}
	return nil
}

// drawRamps draws ops and signals for the terminal.
func (a *app) drawRamps(drawings []report.Drawing) error {
	width, colour := a.terminal()
	for _, d := range drawings {
		fmt.Fprintln(a.out)
		draw := func() error { return picture.Terminal(a.out, d.Ramp, width, 0, colour) }
		if !unicodeHere() {
			draw = func() error { return picture.ASCII(a.out, d.Ramp, width, 0) }
		}
		if err := draw(); err != nil {
			return err
		}
	}
	return nil
}

// terminal returns how wide the terminal is, 0 if there is none, and whether it shows colours.
func (a *app) terminal() (width int, colour bool) {
	if f, ok := a.out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		colour = os.Getenv("NO_COLOR") == ""
		if w, _, err := term.GetSize(int(f.Fd())); err == nil {
			width = min(w, 120)
		}
	}
	return width, colour
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

// rampsToDraw are those of an op or a signal that was asked for by name, all of them, or those that say something.
func rampsToDraw(t *judge.Table, name string) ([]report.Drawing, error) {
	switch name {
	case "":
		return report.Told(t), nil
	case "all":
		return report.Drawings(t), nil
	case "none":
		return nil, nil
	}
	found := report.Named(t, name)
	if len(found) == 0 {
		return nil, usagef("scenario %s has no op and no signal %q; `brink list` shows the ops", t.Spec.Name, name)
	}
	return found, nil
}
