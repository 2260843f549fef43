// Package page writes a run as one HTML file: the page that is opened first in the morning. It says what broke, at what
// size and where to look, then shows the evidence: findings with their consoles, ramps, tables, facts, how to repeat it.
//
// What it believes:
//
//   - The file stands alone. Style, script, plots and numbers are in it; its links lead into the run folder beside it. It
//     is as good in a mail as on a web server, and works without a network.
//   - What comes from a guest is hostile. html/template escapes it, visible replaces what a browser or a terminal would obey
//     instead of show, and the page's Content-Security-Policy lets no script run but its own, which cannot ask for anything.
//   - A plot is an aid. Every number in one is in a table as well, for who cannot see it, has no script, or prints it.
//   - It concludes nothing: all it knows is the run's summary.
//
// uPlot draws the plots; its licence is beside it in assets, and goes into each page with it.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"

	"brink/internal/summary"
)

//go:embed assets templates/*.html
var files embed.FS

// Write writes the page of a run. Its links are relative: it belongs into the run's folder, as report.html.
func Write(w io.Writer, s summary.Summary) error {
	templates, err := template.ParseFS(files, "templates/*.html")
	if err != nil {
		return fmt.Errorf("read the page's templates: %w", err)
	}
	v := newView(s)
	if v.Data, err = data(v.Plots, v.SignalPlots); err != nil {
		return fmt.Errorf("write the page's plots: %w", err)
	}
	if err := v.dress(); err != nil {
		return fmt.Errorf("read the page's assets: %w", err)
	}
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, "page.html", v); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	if _, err := io.WriteString(w, visible(out.String())); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// data is what the script draws, as JSON that can stand in a script element: encoding/json escapes <, > and &.
func data(plots []plot, signals []signalPlot) (template.JS, error) {
	all := []any{}
	for _, p := range plots {
		all = append(all, p)
	}
	for _, p := range signals {
		all = append(all, p)
	}
	text, err := json.Marshal(all)
	return template.JS(text), err
}

// dress adds style and scripts, and the policy that lets nothing else in: each is allowed by its hash
// (W3C, Content Security Policy Level 3, section 2.3.1). Links stay possible, requests do not.
func (v *view) dress() error {
	text := map[string]string{}
	for _, name := range []string{"uPlot.min.css", "page.css", "dark.css", "uPlot.iife.min.js", "uPlot-LICENSE", "plot.js", "page.js"} {
		b, err := files.ReadFile("assets/" + name)
		if err != nil {
			return err
		}
		text[name] = strings.TrimSpace(string(b))
	}
	dark := "{" + text["dark.css"] + "}}\n" // as the system wants it, or as the button was told; paper is always light
	style := text["uPlot.min.css"] + "\n" + text["page.css"] + "\n" +
		"@media screen and (prefers-color-scheme: dark){:root:not([data-theme=light])" + dark +
		"@media screen{:root[data-theme=dark]" + dark
	script := text["plot.js"] + "\n" + text["page.js"]
	library := "/*\n" + text["uPlot-LICENSE"] + "\n*/\n" + text["uPlot.iife.min.js"] // a copy needs its licence
	v.Style, v.Library, v.Script = template.CSS(style), template.JS(library), template.JS(script)
	v.Policy = fmt.Sprintf("default-src 'none'; base-uri 'none'; form-action 'none'; style-src %s; script-src %s %s",
		hash(style), hash(library), hash(script))
	return nil
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
