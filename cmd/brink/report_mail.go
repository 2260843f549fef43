package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"brink/internal/mail"
	"brink/internal/maintainers"
	"brink/internal/plain"
	"brink/internal/summary"
	"brink/internal/symbols"
	"brink/vmimages"
)

// mailFlags are what a mail needs besides the run.
type mailFlags struct {
	Finding     int    `help:"Which finding the mail is about, counted from 1 as the report lists them; by default the worst." placeholder:"N"`
	Maintainers string `help:"A kernel tree, or its MAINTAINERS file: to whom the mail goes." placeholder:"PATH" type:"path"`
	Debug       string `help:"Debug files for file:line in traces: a folder laid out like /usr/lib/debug, or fetch, which gets the kernel's -dbg package (0.3 to 1 GB). By default what is there already." placeholder:"DIR"`
	Introduced  string `help:"Between which upstream versions or commits the failure began, as v6.12..v6.13; for regzbot." placeholder:"GOOD..BAD"`
	Bundle      string `help:"The archive of brink bundle that goes with the mail." placeholder:"FILE" type:"path"`
}

// mailOrNothing writes the mail, or of a run without a failure its verdict.
func (f mailFlags) mailOrNothing(a *app, w io.Writer, dir string, doc summary.Summary) error {
	if len(doc.Findings) == 0 {
		_, err := fmt.Fprintf(w, "nothing to report: %s\n", doc.Verdict.Text)
		return err
	}
	return f.mail(a, w, dir, doc)
}

// mail writes the mail about a finding of a run.
func (f mailFlags) mail(a *app, w io.Writer, dir string, doc summary.Summary) error {
	if f.Finding < 0 || f.Finding > len(doc.Findings) {
		return usagef("--finding %d: the run has %d, counted from 1", f.Finding, len(doc.Findings))
	}
	o := mail.Options{Finding: f.Finding}
	var err error
	if o.Range, err = f.introduced(); err != nil {
		return err
	}
	if o.Plain, err = verifiedScript(dir, doc.Findings[f.about(doc)]); err != nil {
		return err
	}
	if o.Bundle, err = f.bundle(); err != nil {
		return err
	}
	decoder, err := f.decoder(a, doc)
	if err != nil {
		return err
	}
	if decoder != nil {
		defer decoder.Close()
		o.Decoder = decoder
	}
	if err := f.recipients(&o, doc); err != nil {
		return err
	}
	return mail.Write(w, doc, o)
}

// about is the index of the finding that the mail is about.
func (f mailFlags) about(doc summary.Summary) int {
	if f.Finding > 0 {
		return f.Finding - 1
	}
	return mail.Pick(doc)
}

func (f mailFlags) introduced() (mail.Range, error) {
	if f.Introduced == "" {
		return mail.Range{}, nil
	}
	good, bad, ok := strings.Cut(f.Introduced, "..")
	if !ok || good == "" || bad == "" {
		return mail.Range{}, usagef("--introduced %s: write it as GOOD..BAD, with tags or commits of the upstream tree", f.Introduced)
	}
	return mail.Range{Good: good, Bad: bad, Upstream: true}, nil
}

func (f mailFlags) bundle() (mail.Bundle, error) {
	if f.Bundle == "" {
		return mail.Bundle{}, nil
	}
	info, err := os.Stat(f.Bundle)
	if err != nil {
		return mail.Bundle{}, usageError{err}
	}
	return mail.Bundle{File: filepath.Base(f.Bundle), Bytes: info.Size()}, nil
}

// verifiedScript returns the plain reproducer of a finding, if `brink plain` has seen it work.
func verifiedScript(dir string, f summary.Finding) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, plainDir, plainVerdict))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	var v plain.Verdict
	if err := json.Unmarshal(text, &v); err != nil {
		return "", fmt.Errorf("read %s: %w", plainVerdict, err)
	}
	if !v.Verified || v.What != f.What || v.Kind != f.Kind {
		return "", nil
	}
	script, err := os.ReadFile(filepath.Join(dir, plainDir, plainScript))
	return string(script), err
}

// decoder opens the kernel's debug files, nil if there are none and none were asked for.
func (f mailFlags) decoder(a *app, doc summary.Summary) (*symbols.Decoder, error) {
	k := vmimages.Kernel{Name: doc.Kernel.Name, Release: doc.Kernel.Release, Package: doc.Kernel.Package, Version: doc.Kernel.Version}
	if f.Debug != "" && f.Debug != "fetch" {
		d, err := symbols.Open(f.Debug, k.Release)
		if err != nil {
			return nil, usageError{err}
		}
		return d, nil
	}
	cache, err := vmimages.OpenCache("")
	if err != nil {
		return nil, err
	}
	resolver, modules := vmimages.NewResolver(cache, a.log), tracedModules(doc)
	dir, ok := resolver.DebugAt(k, modules...)
	if f.Debug == "fetch" && !ok {
		fmt.Fprintf(a.err, "fetching the debug files of %s, which are large\n", k.Release)
		if dir, err = resolver.Debug(a.ctx, k, modules...); err != nil {
			return nil, err
		}
	} else if !ok {
		return nil, nil
	}
	return symbols.Open(dir, k.Release)
}

// module is the name of a module at the end of a line of a trace.
var module = regexp.MustCompile(`\[([a-zA-Z0-9_]+)\]\s*$`)

// tracedModules names the modules in the traces of a run.
func tracedModules(doc summary.Summary) (names []string) {
	for _, f := range doc.Findings {
		for _, l := range f.Console {
			if m := module.FindStringSubmatch(l.Text); m != nil && !slices.Contains(names, m[1]) {
				names = append(names, m[1])
			}
		}
	}
	return names
}

// recipients reads the tree's MAINTAINERS file for the file that is to blame.
func (f mailFlags) recipients(o *mail.Options, doc summary.Summary) error {
	if f.Maintainers == "" {
		return nil
	}
	path := f.Maintainers
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "MAINTAINERS")
	}
	file, err := os.Open(path)
	if err != nil {
		return usagef("--maintainers: %w; give a kernel tree, or its MAINTAINERS file", err)
	}
	defer file.Close()
	list, err := maintainers.Parse(file)
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", path, err)}
	}
	if suspect, ok := mail.Suspect(doc, f.Finding, o.Decoder); ok {
		to := list.For(suspect, o.Range.Upstream)
		o.To, o.Cc = to.To, to.Cc
	}
	return nil
}
