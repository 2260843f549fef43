package vmimages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// setBuild builds the modules of one recipe for one kernel.
type setBuild struct {
	kernel  Kernel
	recipe  Recipe
	pkg     recipeCandidate
	source  string // of the package, in the cache
	headers kernelHeaders
	cc      compiler
	tell    func(done, total int, what string) // hears of progress, and may be nil
}

// run fills the entry dir with the modules, build.log and set.json. The source is copied: what is built lies in it.
func (b setBuild) run(ctx context.Context, dir string) error {
	work := filepath.Join(dir, "source")
	for _, p := range []string{b.headers.Dir, work} {
		if strings.ContainsAny(p, " \t:,$#%*?[]()'\"\\=") {
			return fmt.Errorf("configure scripts and make cannot work in %s; set %s to a plain path without spaces", p, CacheEnv)
		}
	}
	if err := os.CopyFS(work, os.DirFS(b.source)); err != nil {
		return fmt.Errorf("build %s: %w", b.recipe.Name, err)
	}
	output, err := b.build(ctx, dir, work)
	switch {
	case errors.Is(err, errMakeFailed):
		return &ModuleBuildError{Module: b.recipe.Name, Kernel: b.kernel.Name, Output: lastLines(output, outputLines)}
	case err != nil:
		return fmt.Errorf("build %s for %s: %w", b.recipe.Name, b.kernel.Name, err)
	}
	set := ModuleSet{Version: b.pkg.Version, License: b.recipe.License}
	return firstError(
		b.collect(ctx, work, dir),
		os.WriteFile(filepath.Join(dir, "build.log"), []byte(output), 0o644),
		os.RemoveAll(work),
		saveSet(dir, set, b.recipe.Modules, b.kernel.Release),
	)
}

// build configures the source and makes it, and returns what was said.
func (b setBuild) build(ctx context.Context, dir, work string) (output string, err error) {
	cc, err := b.cc.command(dir)
	if err != nil {
		return "", err
	}
	tree := KernelTree{Source: commonHeaders(b.headers.Dir), Objects: b.headers.Dir, CC: cc}
	env := append(cleanEnv(), "CC="+b.cc.gcc, "KERNEL_CC="+cc, "KBUILD_BUILD_TIMESTAMP=1970-01-01",
		"KBUILD_BUILD_USER=brink", "KBUILD_BUILD_HOST=brink", "SOURCE_DATE_EPOCH=0")
	// The script is run as it lies: unpacked packages may be on a file system that executes nothing.
	configure := append([]string{"-c", `cd "$0" && exec sh ./configure "$@"`, work}, b.recipe.Configure(tree)...)
	b.say(0, "configuring "+b.recipe.Name+" "+b.pkg.Version+" for "+b.kernel.Release)
	var said bytes.Buffer
	if err := pipeToolEnv(ctx, env, nil, &said, &said, "/bin/sh", configure...); err != nil {
		return said.String(), b.failed(ctx, err)
	}
	if probesLackedSpace(work) {
		return said.String(), errToolDiskFull
	}
	out := &makeOutput{total: countSources(filepath.Join(work, "module")), tell: b.tell, dir: work}
	args := []string{"--no-print-directory", "-C", work, fmt.Sprintf("-j%d", runtime.NumCPU()),
		"KCFLAGS=-g0 -Wno-attributes -ffile-prefix-map=" + work + "=. -ffile-prefix-map=" + filepath.Dir(b.headers.Dir) + "/=",
		"CONFIG_DEBUG_INFO_BTF_MODULES="}
	err = pipeToolEnv(ctx, env, nil, out, &said, b.cc.make, args...)
	output = said.String() + out.text.String()
	if err != nil {
		output = out.text.String() + said.String() // the errors last
		return output, b.failed(ctx, err)
	}
	return output, nil
}

// probesLackedSpace reports whether a program that the configure script tried, in the folder work, found no space. The script takes
// that for an answer of the kernel's, and the modules would be others than on a larger disk.
func probesLackedSpace(work string) bool {
	logs, _ := filepath.Glob(filepath.Join(work, "build", "build.log*"))
	return slices.ContainsFunc(append(logs, filepath.Join(work, "config.log")), func(path string) bool {
		text, err := os.ReadFile(path)
		return err == nil && bytes.Contains(text, []byte("No space left on device"))
	})
}

// failed tells the source's failure from the host's.
func (b setBuild) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, errToolDiskFull) {
		return err
	}
	return errMakeFailed
}

// collect strips the recipe's modules, wherever below work they were made, and moves them to dir.
func (b setBuild) collect(ctx context.Context, work, dir string) error {
	return filepath.WalkDir(work, func(path string, d fs.DirEntry, err error) error {
		name, ok := strings.CutSuffix(filepath.Base(path), ".ko")
		if err != nil || !ok || !d.Type().IsRegular() || !slices.Contains(b.recipe.Modules, name) {
			return err
		}
		if _, err := runTool(ctx, b.cc.tools["STRIP"], "--strip-debug", path); err != nil {
			return fmt.Errorf("strip %s: %w", name, err)
		}
		return os.Rename(path, filepath.Join(dir, name+".ko"))
	})
}

func (b setBuild) say(done int, what string) {
	if b.tell != nil {
		b.tell(done, 0, what)
	}
}

// commonHeaders is the folder with the headers that a kernel's flavours share, beside those of one flavour in Debian's
// packages; other kernels have all in one.
func commonHeaders(objects string) string {
	if found, _ := filepath.Glob(filepath.Join(filepath.Dir(objects), headersPrefix+"*-common")); len(found) > 0 {
		return found[0]
	}
	if source, err := filepath.EvalSymlinks(filepath.Join(objects, "source")); err == nil {
		return source
	}
	return objects
}

// countSources counts the C and assembler files that will be compiled, more or less.
func countSources(dir string) (n int) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && (strings.HasSuffix(path, ".c") || strings.HasSuffix(path, ".S")) {
			n++
		}
		return nil
	})
	return n
}
