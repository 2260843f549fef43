package vmimages

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// MissingHeadersError says that modules cannot be built for a kernel: what they are built with is not to be had.
type MissingHeadersError struct {
	// Kernel is the kernel's name.
	Kernel string
	// Problem is one line: what is missing and what to do.
	Problem string
}

// Error implements error.
func (e *MissingHeadersError) Error() string {
	return fmt.Sprintf("find headers of %s: %s", e.Kernel, e.Problem)
}

// kernelHeaders is what modules for one kernel are built with.
type kernelHeaders struct {
	// Dir is the folder that make -C is given, relative to the entry in headers.json.
	Dir string `json:"dir"`
	// ID changes with all that a built module may depend on.
	ID string `json:"id"`
}

// headersFile is the last file written into a headers entry: with it the entry is whole.
const headersFile = "headers.json"

// headers returns what modules for k are built with, fetching it if it is not cached. If it cannot be had, the error is
// a *MissingHeadersError.
func (r *Resolver) headers(ctx context.Context, k Kernel) (kernelHeaders, error) {
	if k.Build != "" {
		return builtHeaders(k)
	}
	if k.Package == "" {
		return localHeaders(k)
	}
	name := headersPrefix + k.Release + "_" + k.Version
	final := filepath.Join(r.cache.dir, "headers", name)
	if h, err := loadHeaders(final); err == nil {
		touch(final)
		return h, nil
	}
	a, err := r.archive(ctx)
	if err != nil {
		return kernelHeaders{}, err
	}
	l, err := r.ladder(ctx, a)
	if err != nil {
		return kernelHeaders{}, err
	}
	parts := l.headerParts(k)
	if len(parts) == 0 {
		return kernelHeaders{}, &MissingHeadersError{k.Name, "the archive no longer has them; " + l.withHeaders(k)}
	}
	start := time.Now()
	err = r.cache.publish(ctx, final, isHeaders, func(dir string) error {
		return fetchHeaders(ctx, a, k, parts, dir)
	})
	if errors.Is(err, errGone) {
		return kernelHeaders{}, &MissingHeadersError{k.Name, "they are listed but gone from the archive; " + l.withHeaders(k)}
	}
	if err != nil {
		return kernelHeaders{}, err
	}
	r.log.Info("kernel headers fetched", "kernel", k.Name, "took", time.Since(start).Round(time.Millisecond))
	return loadHeaders(final)
}

// fetchHeaders fills the entry dir with the unpacked parts, made ready for use at any place.
func fetchHeaders(ctx context.Context, a archive, k Kernel, parts []Part, dir string) error {
	id := sha256.New()
	for _, p := range parts {
		if err := unpackPart(ctx, a, p, dir, dir); err != nil {
			return err
		}
		if !isToolLibrary(p.Package) { // they do not show in what is built
			fmt.Fprintf(id, "%s %s\n", p.Package, p.SHA256)
		}
	}
	h := kernelHeaders{
		Dir: filepath.Join("usr", "src", headersPrefix+k.Release), ID: fmt.Sprintf("%x", id.Sum(nil)),
	}
	if err := prepareHeaders(dir, h.Dir); err != nil {
		return fmt.Errorf("prepare headers of %s: %w", k.Name, err)
	}
	return writeEntry(dir, headersFile, "headers", h)
}

// loadHeaders reads the cache entry in dir.
func loadHeaders(dir string) (kernelHeaders, error) {
	h, err := readEntry[kernelHeaders](dir, headersFile, "headers")
	if err != nil {
		return kernelHeaders{}, err
	}
	h.Dir = filepath.Join(dir, h.Dir)
	return h, nil
}

func isHeaders(dir string) bool {
	_, err := loadHeaders(dir)
	return err == nil
}

// headerParts returns the header packages of a cached kernel, none if the archive no longer has them.
func (l ladder) headerParts(k Kernel) []Part {
	for _, c := range l.Kernels {
		if c.Package == k.Package && c.Version == k.Version {
			return c.Headers
		}
	}
	return nil
}

// withHeaders names, for an error, the newest kernel of each series that modules can be built for.
func (l ladder) withHeaders(k Kernel) string {
	var names []string
	series := ""
	for _, c := range l.Kernels { // oldest first
		if len(c.Headers) == 0 || !strings.HasSuffix(k.Name, "/"+string(c.Flavour)) {
			continue
		}
		if s := seriesOf(c.Upstream); s == series {
			names[len(names)-1] = c.Name
		} else {
			names, series = append(names, c.Name), s
		}
	}
	if len(names) == 0 {
		return "it has headers for no kernel"
	}
	return "it has headers for " + strings.Join(names, ", ")
}

// definedString returns the string of a header that defines one.
func definedString(header string) string {
	_, rest, _ := strings.Cut(header, "\"")
	value, _, _ := strings.Cut(rest, "\"")
	return value
}

// localHeaders finds the build tree of a kernel that was given as a file: make modules_install leaves a link to it.
func localHeaders(k Kernel) (kernelHeaders, error) {
	missing := func(problem string) (kernelHeaders, error) {
		return kernelHeaders{}, &MissingHeadersError{k.Name, problem}
	}
	ref, err := parseRef(k.Ref)
	if err != nil || ref.file == "" || ref.modules == "" {
		return missing("a kernel given as a file needs modules=DIR with the link \"build\" that make modules_install makes")
	}
	modules, err := findModules(ref.modules, k.Release)
	if err != nil {
		return missing(err.Error())
	}
	dir, err := filepath.EvalSymlinks(filepath.Join(modules, "build"))
	if err != nil {
		return missing(err.Error() + "; make modules_install links it to the build tree")
	}
	release, err := os.ReadFile(filepath.Join(dir, "include", "generated", "utsrelease.h"))
	if err != nil {
		return missing(err.Error() + "; this is no build tree")
	}
	if got := definedString(string(release)); got != k.Release {
		return missing(fmt.Sprintf("%s was built for %s meanwhile; build and install this kernel again", dir, got))
	}
	id := sha256.New()
	for _, name := range []string{".config", "Module.symvers", "include/generated/autoconf.h"} {
		if err := hashFile(id, name, filepath.Join(dir, name)); err != nil {
			return missing(err.Error() + "; make the kernel and its modules there")
		}
	}
	return kernelHeaders{Dir: dir, ID: fmt.Sprintf("%x", id.Sum(nil))}, nil
}
