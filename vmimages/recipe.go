package vmimages

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Recipe says how modules are built from a Debian package that holds their source with a configure script. They are
// built on the machine that boots them and stay there: what they are under need not allow to pass them on.
type Recipe struct {
	// Name is how a user calls it, Package the Debian package, License that of the modules.
	Name, Package, License string
	// Folder is where the source lies in the package, as a pattern.
	Folder string
	// Fits reads from the source which kernels it is made for: upstream series as 4.18, both ends included.
	Fits func(source string) (oldest, newest string, err error)
	// Configure returns the arguments of the source's configure script.
	Configure func(KernelTree) []string
	// Modules are what may be built, in load order; no version has all of them.
	Modules []string
}

// KernelTree is what a configure script is told of the kernel.
type KernelTree struct {
	// Source holds the headers, Objects what differs between flavours: configuration and symbol versions.
	Source, Objects string
	// CC is the compiler.
	CC string
}

// ModuleSet is what a recipe made for a kernel.
type ModuleSet struct {
	// Version is the package's.
	Version string `json:"version"`
	License string `json:"license"`
	// Modules are in load order.
	Modules []Module `json:"modules"`
}

// MisfitError says that no version of a recipe, or not the one that was asked for, is made for a kernel.
type MisfitError struct {
	// Recipe and Kernel are names.
	Recipe, Kernel string
	// Problem is one line that says which versions fit.
	Problem string
}

// Error implements error.
func (e *MisfitError) Error() string {
	return fmt.Sprintf("build %s for %s: %s", e.Recipe, e.Kernel, e.Problem)
}

// setFile is the last file written into a module set's entry: with it the entry is whole.
const setFile = "set.json"

// recipeFormat changes whenever the same package would make other modules.
const recipeFormat = 1

// BuildSet builds the modules of a recipe for k, with the package version that is asked for or else with the one that fits
// best: that of the kernel's own suite, else the newest. What was built before is taken from the cache; the same package,
// headers and compiler give the same modules.
//
// The error is a *MisfitError if no version fits, a *MissingHeadersError or *MissingToolError if something to build with is
// missing, and a *ModuleBuildError if the source does not build.
func (r *Resolver) BuildSet(ctx context.Context, k Kernel, recipe Recipe, version string) (ModuleSet, error) {
	cc, err := findCompiler(ctx)
	if err != nil {
		return ModuleSet{}, err
	}
	h, err := r.headers(ctx, k)
	if err != nil {
		return ModuleSet{}, err
	}
	p, err := r.fittingPackage(ctx, k, recipe, version)
	if err != nil {
		return ModuleSet{}, err
	}
	id := fmt.Sprintf("%s-%s", recipe.Name, shortHash(fmt.Sprint(recipeFormat), k.Hash, h.ID, cc.version, p.Part.SHA256, recipe.Name))
	final := filepath.Join(r.cache.dir, "sets", id)
	if s, err := loadSet(final); err == nil {
		touch(final)
		return s, nil
	}
	b := setBuild{kernel: k, recipe: recipe, pkg: p, headers: h, cc: cc, tell: r.Progress}
	a, err := r.archive(ctx)
	if err != nil {
		return ModuleSet{}, err
	}
	if b.source, err = r.recipeSource(ctx, a, recipe, p); err != nil { // it is cached by now, unless somebody trimmed
		return ModuleSet{}, err
	}
	start := time.Now()
	if err := r.cache.publish(ctx, final, isSet, func(dir string) error { return b.run(ctx, dir) }); err != nil {
		return ModuleSet{}, err
	}
	r.log.Info("modules built", "recipe", recipe.Name, "version", p.Version, "kernel", k.Name,
		"took", time.Since(start).Round(time.Second))
	return loadSet(final)
}

// loadSet reads the cache entry in dir.
func loadSet(dir string) (ModuleSet, error) {
	s, err := readEntry[ModuleSet](dir, setFile, "modules")
	if err != nil {
		return ModuleSet{}, err
	}
	for i := range s.Modules {
		s.Modules[i].Path = filepath.Join(dir, s.Modules[i].Path)
		if _, err := os.Stat(s.Modules[i].Path); err != nil {
			return ModuleSet{}, fmt.Errorf("load modules: %w", err)
		}
	}
	return s, nil
}

func isSet(dir string) bool {
	_, err := loadSet(dir)
	return err == nil
}

// saveSet notes what the entry dir holds: the recipe's modules that were built, in load order.
func saveSet(dir string, s ModuleSet, names []string, release string) error {
	for _, name := range names {
		file := name + ".ko"
		data, err := os.ReadFile(filepath.Join(dir, file))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		s.Modules = append(s.Modules, Module{Name: normalised(name), Path: file, Hash: fmt.Sprintf("%x", sha256.Sum256(data)),
			GuestPath: path.Join("/lib/modules", release, "extra", file)})
	}
	if len(s.Modules) == 0 {
		return fmt.Errorf("the build made none of %s", strings.Join(names, ", "))
	}
	return writeEntry(dir, setFile, "modules", s)
}

// fittingPackage chooses the version, and fetches it.
func (r *Resolver) fittingPackage(ctx context.Context, k Kernel, recipe Recipe, version string) (recipeCandidate, error) {
	a, err := r.archive(ctx)
	if err != nil {
		return recipeCandidate{}, err
	}
	l, err := r.ladder(ctx, a)
	if err != nil {
		return recipeCandidate{}, err
	}
	var fits, misfits []string
	for _, c := range l.recipesFor(recipe.Package, k) {
		oldest, newest, err := r.rangeOf(ctx, a, recipe, c)
		if errors.Is(err, errGone) {
			r.log.Warn("version skipped", "recipe", recipe.Name, "version", c.Version, "why", err.Error())
			continue
		}
		if err != nil {
			return recipeCandidate{}, err
		}
		text := fmt.Sprintf("%s (kernels %s to %s)", c.Version, oldest, newest)
		switch inRange := within(upstreamOfRelease(k.Release), oldest, newest); {
		case inRange && (version == "" || version == c.Version || upstreamOf(c.Version) == version):
			return c, nil
		case inRange:
			fits = append(fits, text)
		default:
			misfits = append(misfits, text)
		}
	}
	return recipeCandidate{}, &MisfitError{recipe.Name, k.Name, misfit(recipe.Package, version, fits, misfits)}
}

// misfit says which versions there are, and which of them would do.
func misfit(pkg, version string, fits, misfits []string) string {
	problem := fmt.Sprintf("no version of %s is made for this kernel", pkg)
	if version != "" {
		problem = fmt.Sprintf("version %s of %s is not made for this kernel or not in the archive", version, pkg)
	}
	switch {
	case len(fits) > 0:
		return problem + "; these are: " + strings.Join(fits, ", ")
	case len(misfits) > 0:
		return problem + "; the archive has " + strings.Join(misfits, ", ")
	}
	return problem + "; the archive has none: its component contrib is missing from the mirror"
}

// recipesFor lists a package's versions, best first: those of the kernel's own suite, then the newest.
func (l ladder) recipesFor(pkg string, k Kernel) []recipeCandidate {
	release := func(suite string) string { name, _, _ := strings.Cut(suite, "-"); return name }
	var own, others []recipeCandidate
	for _, c := range slices.Backward(l.Recipes) {
		switch {
		case c.Package != pkg:
		case k.Suite != "" && slices.Contains(c.Suites, k.Suite), slices.Contains(c.Suites, release(k.Suite)):
			own = append(own, c)
		default:
			others = append(others, c)
		}
	}
	return append(own, others...)
}

// rangeOf unpacks a version's source, unless it is cached, and reads which kernels it is made for.
func (r *Resolver) rangeOf(ctx context.Context, a archive, recipe Recipe, c recipeCandidate) (oldest, newest string, err error) {
	source, err := r.recipeSource(ctx, a, recipe, c)
	if err != nil {
		return "", "", err
	}
	if oldest, newest, err = recipe.Fits(source); err != nil {
		err = fmt.Errorf("read which kernels %s %s is made for: %w", c.Package, c.Version, err)
	}
	return oldest, newest, err
}

// recipeSource returns the folder with a version's source, which is fetched if need be.
func (r *Resolver) recipeSource(ctx context.Context, a archive, recipe Recipe, c recipeCandidate) (string, error) {
	final := filepath.Join(r.cache.dir, "packages", c.Package+"_"+c.Version)
	find := func(dir string) []string { found, _ := filepath.Glob(filepath.Join(dir, recipe.Folder)); return found }
	whole := func(dir string) bool { return len(find(dir)) > 0 }
	if !whole(final) {
		err := r.cache.publish(ctx, final, whole, func(dir string) error { return unpackPart(ctx, a, c.Part, dir, dir) })
		if err != nil {
			return "", err
		}
	}
	touch(final)
	if found := find(final); len(found) > 0 {
		return found[0], nil
	}
	return "", fmt.Errorf("find %s in %s %s: it is not there", recipe.Folder, c.Package, c.Version)
}

// upstreamOfRelease is the upstream version that begins a release: 6.1.0 of 6.1.0-56-cloud-amd64.
func upstreamOfRelease(release string) string {
	if i := strings.IndexFunc(release, func(c rune) bool { return c != '.' && (c < '0' || c > '9') }); i >= 0 {
		return release[:i]
	}
	return release
}

// within reports whether a version's series lies between two.
func within(version, oldest, newest string) bool {
	series := seriesOf(version)
	return compareVersions(series, seriesOf(oldest)) >= 0 && compareVersions(series, seriesOf(newest)) <= 0
}
