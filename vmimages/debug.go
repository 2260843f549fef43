package vmimages

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// MissingDebugError says that traces of a kernel cannot be decoded: its debug files are not to be had.
type MissingDebugError struct {
	// Kernel is the kernel's name.
	Kernel string
	// Problem is one line: what is missing and what to do.
	Problem string
}

// Error implements error.
func (e *MissingDebugError) Error() string {
	return fmt.Sprintf("find debug files of %s: %s", e.Kernel, e.Problem)
}

const (
	// installedDebug is where -dbg packages lie on a host that has installed them.
	installedDebug = "/usr/lib/debug"
	// debugRoom is the disk space that unpacking takes besides the package itself, in bytes: a vmlinux with debug
	// information has 350 to 600 MB, a module up to 20.
	debugRoom = 1 << 30
	// debugFile is the last file written into a debug entry: with it the entry is whole.
	debugFile = "debug.json"
)

// debugEntry is what is in a debug entry. Modules are those that were asked for, also if the package has none of the name.
type debugEntry struct {
	Modules []string `json:"modules"`
}

// debugArchive is an archive that knows where the debug package of a kernel is; errGone if it has none.
type debugArchive interface {
	archive
	debugPart(ctx context.Context, k Kernel) (Part, error)
}

// Debug returns a folder laid out like /usr/lib/debug that holds the debug files of a packaged kernel: its vmlinux and
// those of the named modules. If they are not there (see DebugAt) the -dbg package is fetched, which is large: 0.3 GB for a
// cloud kernel, 1 GB for another, and as much again on disk. Call it only when the user asked for it. A
// *MissingDebugError says that the archive no longer has the package, or that there is no room for it.
func (r *Resolver) Debug(ctx context.Context, k Kernel, modules ...string) (dir string, err error) {
	if dir, ok := r.DebugAt(k, modules...); ok {
		return dir, nil
	}
	if k.Package == "" {
		return "", &MissingDebugError{k.Name, "it is no packaged kernel; the vmlinux of its build tree has what is needed, " +
			"put it into " + filepath.Join(installedDebug, "boot", "vmlinux-"+k.Release)}
	}
	a, err := r.archive(ctx)
	if err != nil {
		return "", err
	}
	from, ok := a.(debugArchive)
	if !ok {
		return "", fmt.Errorf("find debug files of %s: this archive has none", k.Name)
	}
	if _, err := r.ladder(ctx, a); err != nil { // refreshes the lists
		return "", err
	}
	part, err := from.debugPart(ctx, k)
	if errors.Is(err, errGone) {
		return "", &MissingDebugError{k.Name, "the archive no longer has " + k.Package + "-dbg " + k.Version}
	}
	if err != nil {
		return "", err
	}
	return r.fetchDebug(ctx, from, k, part, modules)
}

// DebugAt returns the folder that Debug would, if the files are already there: installed on the host, or in the cache. It
// fetches nothing.
func (r *Resolver) DebugAt(k Kernel, modules ...string) (dir string, ok bool) {
	if hasVMLinux(installedDebug, k.Release) {
		return installedDebug, true
	}
	dir = r.debugDir(k)
	return dir, k.Package != "" && isDebug(dir, modules)
}

func (r *Resolver) debugDir(k Kernel) string {
	return filepath.Join(r.cache.dir, "debug", k.Package+"-dbg_"+k.Version)
}

// hasVMLinux looks where Debian's -dbg packages put it: in boot up to 6.12, later beside the modules.
func hasVMLinux(dir, release string) bool {
	for _, name := range vmlinuxPaths(release) {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}

func vmlinuxPaths(release string) []string {
	return []string{path.Join("lib/modules", release, "vmlinux"), "boot/vmlinux-" + release}
}

func isDebug(dir string, modules []string) bool {
	e, err := readEntry[debugEntry](dir, debugFile, "debug files")
	return err == nil && !slices.ContainsFunc(modules, func(m string) bool { return !slices.Contains(e.Modules, normalised(m)) })
}

// fetchDebug makes the entry, with the modules that an older one had besides.
func (r *Resolver) fetchDebug(ctx context.Context, a archive, k Kernel, p Part, modules []string) (string, error) {
	final := r.debugDir(k)
	all := debugEntry{}
	if old, err := readEntry[debugEntry](final, debugFile, "debug files"); err == nil {
		all = old
	}
	for _, m := range modules {
		all.Modules = append(all.Modules, normalised(m))
	}
	slices.Sort(all.Modules)
	all.Modules = slices.Compact(all.Modules)
	if err := r.checkRoom(k, p); err != nil {
		return "", err
	}
	r.log.Info("fetching debug files", "kernel", k.Name, "package", p.Package, "MB", p.Size/1e6)
	start := time.Now()
	err := r.cache.publish(ctx, final, func(dir string) bool { return isDebug(dir, all.Modules) }, func(dir string) error {
		return unpackDebug(ctx, a, k, p, dir, all)
	})
	if errors.Is(err, errGone) {
		return "", &MissingDebugError{k.Name, p.Package + " is listed but gone from the archive"}
	}
	if err != nil {
		return "", err
	}
	r.log.Info("debug files fetched", "kernel", k.Name, "took", time.Since(start).Round(time.Millisecond))
	return final, nil
}

// checkRoom looks before hundreds of megabytes are fetched in vain.
func (r *Resolver) checkRoom(k Kernel, p Part) error {
	var st syscall.Statfs_t
	if err := syscall.Statfs(r.cache.dir, &st); err != nil {
		return fmt.Errorf("find room for debug files: %w", err)
	}
	free, need := int64(st.Bavail)*st.Bsize, p.Size+debugRoom
	if free >= need {
		return nil
	}
	return &MissingDebugError{k.Name, fmt.Sprintf("%s has %d MB and takes %d MB of disk, %s has %d MB free; free some space or set %s "+
		"to a larger disk", p.Package, p.Size/1e6, need/1e6, r.cache.dir, free/1e6, CacheEnv)}
}

// unpackDebug fetches the package and keeps what is wanted of it.
func unpackDebug(ctx context.Context, a archive, k Kernel, p Part, dir string, want debugEntry) error {
	dpkgDeb, err := hostTool("dpkg-deb", "dpkg")
	if err != nil {
		return err
	}
	deb := filepath.Join(dir, "part.deb")
	if err := a.fetch(ctx, p, deb); err != nil {
		return err
	}
	pr, pw := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := pipeTool(ctx, nil, pw, nil, dpkgDeb, "--fsys-tarfile", deb)
		_ = pw.CloseWithError(err)
		done <- err
	}()
	err = takeDebug(tar.NewReader(pr), k.Release, dir, want.Modules)
	if err == nil {
		_, err = io.Copy(io.Discard, pr) // the padding: dpkg-deb fails when nobody reads it
	}
	_ = pr.Close()
	if toolErr := <-done; err == nil {
		err = toolErr
	}
	if err != nil {
		return fmt.Errorf("unpack %s: %w", p.Package, err)
	}
	if !hasVMLinux(dir, k.Release) {
		return &MissingDebugError{k.Name, p.Package + " has no vmlinux where Debian's packages up to 7.3 have it"}
	}
	return firstError(writeEntry(dir, debugFile, "debug files", want), os.Remove(deb))
}

// takeDebug copies what is wanted out of a package's files.
func takeDebug(files *tar.Reader, release, dir string, modules []string) error {
	for {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name, ours := strings.CutPrefix(path.Clean("/"+h.Name), installedDebug+"/")
		if !ours || h.Typeflag != tar.TypeReg || !wantDebug(name, release, modules) {
			continue
		}
		if err := writeDebug(filepath.Join(dir, filepath.FromSlash(name)), files); err != nil {
			return err
		}
	}
}

func wantDebug(name, release string, modules []string) bool {
	if slices.Contains(vmlinuxPaths(release), name) {
		return true
	}
	module, ok := strings.CutSuffix(strings.TrimSuffix(path.Base(name), ".debug"), ".ko")
	return ok && strings.HasPrefix(name, path.Join("lib/modules", release)+"/") && slices.Contains(modules, normalised(module))
}

func writeDebug(to string, from io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return firstError(err, f.Close())
}

// debugPart looks for the -dbg package in apt's lists. The ladder leaves those packages out: they double it.
func (a *aptRoot) debugPart(ctx context.Context, k Kernel) (Part, error) {
	pkg := k.Package + "-dbg"
	for _, s := range a.sources {
		lists, err := filepath.Glob(filepath.Join(a.dir, "lists", "*_dists_"+s.name+"_main_binary-amd64_Packages*"))
		if err != nil || len(lists) == 0 {
			continue
		}
		found, err := a.lookUp(ctx, lists[0], pkg)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Part{}, fmt.Errorf("find %s: suite %s: %w", pkg, s.name, err)
		}
		for _, p := range found {
			if p.version == k.Version {
				return Part{Package: p.pkg, URI: s.mirror + p.filename, SHA256: p.sha256, Size: p.size}, nil
			}
		}
	}
	return Part{}, fmt.Errorf("find %s %s: %w", pkg, k.Version, errGone)
}

// lookUp returns a package's entries in one list.
func (a *aptRoot) lookUp(ctx context.Context, list, pkg string) ([]stanza, error) {
	pr, pw := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := pipeTool(ctx, nil, pw, nil, a.helper, "-c", a.conf(), "cat-file", list)
		_ = pw.CloseWithError(err)
		done <- err
	}()
	found, err := parsePackages(pr, func(name string) bool { return name == pkg })
	_ = pr.Close()
	if toolErr := <-done; err == nil {
		err = toolErr
	}
	return found, err
}
