package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"brink/internal/bundle"
	"brink/internal/minimise"
	"brink/vmimages"
)

// killDelay is how long a program may take to end after it was told to.
const killDelay = 5 * time.Second

// maxRecord bounds a file of the record in a bundle, in bytes: consoles have less, a guest's memory has more.
const maxRecord = 16 << 20

// fill stages everything but what depends on all the rest.
func (p *packing) fill(recipe bool) error {
	if p.head.Build != p.manifest.Build {
		fmt.Fprintf(p.app.err, "note: the run was made by build %s; the bundle gets the agent of this one, %s\n", p.head.Build, p.manifest.Build)
	}
	spec, err := specOf(p.head)
	if err != nil {
		return err
	}
	ready, err := p.app.prepareAgain(spec, p.head.Kernel, guestOf(p.head.Machine))
	if err != nil {
		return err
	}
	if p.small != nil {
		c := minimise.Candidate{Modules: p.small.Modules, Built: p.small.Built, Tools: p.small.Tools}
		if ready.initramfs, err = initramfsOf(ready, c); err != nil {
			return err
		}
		ready.contents = contentsOf(ready, c)
	}
	if err := p.boot(ready, recipe); err != nil {
		return err
	}
	if err := p.create(bundle.PlanFile, func(w io.Writer) error {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		return out.Encode(p.chosen.Plan)
	}); err != nil {
		return err
	}
	return errors.Join(p.record(), p.reports())
}

// boot stages what is booted, or a recipe for it.
func (p *packing) boot(ready prepared, recipe bool) error {
	modules, err := vmimages.Contents(ready.kernel, ready.contents)
	if err != nil {
		return err
	}
	for i, m := range append(slices.Clone(modules), ready.contents.Extra...) {
		p.manifest.Modules = append(p.manifest.Modules, m.Name)
		text, err := m.Read(p.app.ctx)
		if err != nil {
			return err
		}
		if err := mayBePacked(m.Name, vmimages.License(text), i >= len(modules), recipe); err != nil {
			return err
		}
	}
	if recipe {
		return p.recipe(ready, modules)
	}
	if err := copyFile(filepath.Join(p.stage, bundle.KernelFile), ready.vm.Kernel); err != nil {
		return err
	}
	return p.packInitrd(bundle.InitrdFile, ready.initramfs)
}

// mayBePacked refuses a module whose licence does not allow to pass it on. A recipe names the kernel's own modules, which packages
// hold; those that were built here it would hold, too.
func mayBePacked(module, license string, builtHere, recipe bool) error {
	switch {
	case vmimages.GPLCompatible(license), recipe && !builtHere:
		return nil
	case builtHere:
		return usagef("module %s has the licence %q, which does not allow to pass it on with a kernel, and was built on this machine: "+
			"such a run has no bundle, its report has the command that repeats it", module, license)
	}
	return usagef("module %s has the licence %q, which does not allow to pass it on with a kernel: make a recipe (--recipe)", module, license)
}

// recipe names the kernel and its modules instead of holding them.
func (p *packing) recipe(ready prepared, modules []vmimages.Module) error {
	k := ready.kernel
	if k.Package == "" {
		return usagef("kernel %s is no package of Debian's, so that there is no recipe for it: pack it without --recipe", k.Name)
	}
	r := &bundle.Recipe{Packages: []string{k.Package, "linux-binary-" + k.Release, "linux-modules-" + k.Release}, Version: k.Version}
	r.Packages = slices.Compact(r.Packages)
	var err error
	if r.Image.SHA256, err = hashOf(k.Image); err != nil {
		return err
	}
	r.Image.Paths = []string{"boot/vmlinuz-" + k.Release, "usr/lib/modules/" + k.Release + "/vmlinuz"}
	for _, m := range modules {
		text, err := m.Read(p.app.ctx)
		if err != nil {
			return err
		}
		file := bundle.RecipeFile{SHA256: fmt.Sprintf("%x", sha256.Sum256(text)), Guest: m.GuestPath}
		_, compression, _ := strings.Cut(filepath.Base(m.Path), ".ko")
		for _, prefix := range []string{"", "usr/"} {
			file.Paths = append(file.Paths, prefix+strings.TrimPrefix(m.GuestPath, "/")+compression)
		}
		r.Modules = append(r.Modules, file)
	}
	p.manifest.Recipe = r
	cache, err := vmimages.OpenCache("")
	if err != nil {
		return err
	}
	ready.contents.Bare = true
	initramfs, err := cache.Initramfs(k, ready.contents)
	if err != nil {
		return err
	}
	if err := p.packInitrd(bundle.GuestFile, initramfs); err != nil {
		return err
	}
	return p.create(bundle.GetFile, func(w io.Writer) error { return bundle.WriteGet(w, p.manifest) })
}

func hashOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return fmt.Sprintf("%x", h.Sum(nil)), err
}

// record stages the run's record. A guest's memory is left out: it has its own way.
func (p *packing) record() error {
	return filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(p.dir, path)
		if err != nil {
			return err
		}
		switch top, _, _ := strings.Cut(name, string(filepath.Separator)); {
		case d.IsDir() && (top == "snapshot" || top == "ramps" || d.Name() == plainTrialDir && top != plainTrialDir):
			return fs.SkipDir
		case !d.Type().IsRegular(), strings.HasPrefix(d.Name(), "."), d.Name() == "vmcore", d.Name() == "initrd":
			return nil
		}
		if info, err := d.Info(); err != nil || info.Size() > maxRecord {
			return err
		}
		return copyFile(filepath.Join(p.stage, bundle.RecordFolder, name), path)
	})
}

// reports stages the run's reports, made anew.
func (p *packing) reports() error {
	files, err := p.app.reportFiles(p.dir, p.doc, p.table, mailFlags{})
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := p.create(bundle.RecordFolder+"/"+name, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
