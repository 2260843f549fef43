package vmimages

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// ModuleSource is the source of an out-of-tree kernel module.
type ModuleSource struct {
	// Name is the module's, without .ko, as its Kbuild calls it.
	Name string
	// Files are the module's source by path, the Kbuild or Makefile included.
	Files map[string][]byte
}

// ModuleBuildError says that a module's source does not build for a kernel.
type ModuleBuildError struct {
	Module string
	// Kernel is the kernel's name.
	Kernel string
	// Output is the end of what make wrote, several lines.
	Output string
}

// Error implements error. It has several lines.
func (e *ModuleBuildError) Error() string {
	return fmt.Sprintf("build module %s for %s: make failed:\n%s", e.Module, e.Kernel, e.Output)
}

// buildFormat changes whenever the same source would make other bytes.
const buildFormat = 1

// outputLines is how many lines of a failed make an error carries.
const outputLines = 20

var moduleNamePattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]*$`)

// BuildModule builds src for k with the host's compiler and the kernel's headers, which are fetched if need be. A
// module that was built before is taken from the cache; the same source, headers and compiler give the same bytes. The
// module has no debug information and no BTF; what it is unwound by (ORC) it has.
//
// The error is a *MissingHeadersError if the headers are not to be had, a *MissingToolError if the host lacks gcc or
// make, and a *ModuleBuildError if the source does not build.
func (r *Resolver) BuildModule(ctx context.Context, k Kernel, src ModuleSource) (Module, error) {
	if err := src.check(); err != nil {
		return Module{}, err
	}
	cc, err := findCompiler(ctx)
	if err != nil {
		return Module{}, err
	}
	h, err := r.headers(ctx, k)
	if err != nil {
		return Module{}, err
	}
	final := filepath.Join(r.cache.dir, "modules", src.sum(k, h, cc))
	built := Module{
		Name: normalised(src.Name), Path: filepath.Join(final, src.Name+".ko"),
		GuestPath: path.Join("/lib/modules", k.Release, "extra", src.Name+".ko"),
	}
	whole := func(string) bool {
		_, err := os.Stat(built.Path)
		return err == nil
	}
	if whole(final) {
		touch(final)
		return built, nil
	}
	r.log.Info("building module", "module", src.Name, "kernel", k.Name)
	start := time.Now()
	err = r.cache.publish(ctx, final, whole, func(dir string) error {
		return buildModule(ctx, dir, k, src, h, cc)
	})
	if err != nil {
		return Module{}, err
	}
	took := time.Since(start).Round(time.Millisecond)
	r.log.Info("module built", "module", src.Name, "kernel", k.Name, "took", took)
	return built, nil
}

func (s ModuleSource) check() error {
	if !moduleNamePattern.MatchString(s.Name) {
		return fmt.Errorf("build module: %q is no module name", s.Name)
	}
	for name := range s.Files {
		if !fs.ValidPath(name) || name == "." {
			return fmt.Errorf("build module %s: %q is no path inside its source", s.Name, name)
		}
	}
	return nil
}

// sum names the cache entry of a built module by all that goes into it.
func (s ModuleSource) sum(k Kernel, h kernelHeaders, cc compiler) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "module %d\x00%s\x00%s\x00%s\x00%s\x00", buildFormat, k.Hash, h.ID, cc.version, s.Name)
	for _, name := range slices.Sorted(maps.Keys(s.Files)) {
		fmt.Fprintf(sum, "%s\x00%d\x00%s", name, len(s.Files[name]), s.Files[name])
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:16])
}

// buildModule fills the entry dir with NAME.ko and build.log. On failure make's output is in the error.
func buildModule(
	ctx context.Context, dir string, k Kernel, src ModuleSource, h kernelHeaders, cc compiler,
) error {
	work := filepath.Join(dir, "source")
	if err := writeTree(work, src.Files); err != nil {
		return fmt.Errorf("build module %s: %w", src.Name, err)
	}
	output, err := cc.kbuild(ctx, dir, h.Dir, work)
	if err == nil {
		_, err = runTool(ctx, cc.tools["STRIP"], "--strip-debug", filepath.Join(work, src.Name+".ko"))
		if err != nil {
			err = fmt.Errorf("the source makes no %s.ko: %w", src.Name, err)
		}
	}
	switch {
	case errors.Is(err, errMakeFailed):
		return &ModuleBuildError{Module: src.Name, Kernel: k.Name, Output: lastLines(output, outputLines)}
	case err != nil:
		return fmt.Errorf("build module %s for %s: %w", src.Name, k.Name, err)
	}
	return firstError(
		os.WriteFile(filepath.Join(dir, "build.log"), []byte(output), 0o644),
		os.Rename(filepath.Join(work, src.Name+".ko"), filepath.Join(dir, src.Name+".ko")),
		os.RemoveAll(work),
	)
}

// errMakeFailed marks a failure of what is built, not of the harness.
var errMakeFailed = errors.New("make failed")

// kbuild runs the kernel's build system on the module source in work and returns what it wrote. dir is for helpers.
// What could change the output from one host or place to another is fixed: time, names, paths (kernel
// documentation, kbuild/reproducible-builds.rst).
func (c compiler) kbuild(ctx context.Context, dir, headers, work string) (output string, err error) {
	for _, p := range []string{headers, work} {
		if strings.ContainsAny(p, " \t:,$#%*?[]()'\"\\=") {
			return "", fmt.Errorf("the kernel's Makefile cannot work in %s; set %s to a plain path without spaces", p, CacheEnv)
		}
	}
	cc, err := c.command(dir)
	if err != nil {
		return "", err
	}
	args := []string{
		"--no-print-directory", "-C", headers, "M=" + work, "CC=" + cc, "HOSTCC=" + c.gcc,
		fmt.Sprintf("-j%d", runtime.NumCPU()),
		"KCFLAGS=" + strings.Join([]string{
			"-g0",             // nothing here reads debug information, and it takes most of the time
			"-Wno-attributes", // those of newer compilers (counted_by) are only a help, and warned of in each file
			"-ffile-prefix-map=" + work + "=.", "-ffile-prefix-map=" + work + "/=",
			"-ffile-prefix-map=" + filepath.Dir(headers) + "/=",
		}, " "),
		"CONFIG_DEBUG_INFO_BTF_MODULES=", // types come from debug information, by pahole
		"KBUILD_BUILD_TIMESTAMP=1970-01-01", "KBUILD_BUILD_USER=brink", "KBUILD_BUILD_HOST=brink",
	}
	for _, name := range slices.Sorted(maps.Keys(c.tools)) {
		args = append(args, name+"="+c.tools[name])
	}
	var out bytes.Buffer
	err = pipeToolEnv(ctx, cleanEnv(), nil, &out, &out, c.make, append(args, "modules")...)
	if err != nil && ctx.Err() == nil && !errors.Is(err, errToolDiskFull) {
		err = errMakeFailed
	}
	return out.String(), err
}

// cleanEnv has nothing of what a surrounding make, or a kernel developer's shell, would tell this one.
func cleanEnv() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir()}
}

// lastLines returns the last n lines of a text.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// writeTree writes files below dir.
func writeTree(dir string, files map[string][]byte) error {
	for name, data := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
