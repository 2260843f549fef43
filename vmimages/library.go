package vmimages

import (
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// systemLibDirs are where the dynamic linker looks by itself (ld.so(8)), also in the guest, which has no ld.so.cache.
func systemLibDirs() []string {
	return []string{
		"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib",
	}
}

// toolFile is one file of a host program: where it lies on the host and where the guest needs it.
type toolFile struct {
	host  string
	guest string
}

// toolClosure finds a host program, its interpreter and all libraries that it is linked with. It reads the ELF files
// and runs nothing: ldd would run the program's interpreter. Libraries that are opened at run time (dlopen) are not
// found; add those as files.
func toolClosure(tool string) ([]toolFile, error) {
	host, err := findTool(tool)
	if err != nil {
		return nil, fmt.Errorf("find tool %s: %w", tool, err)
	}
	w := libraryWalk{extra: ldSoDirs(), found: map[string]toolFile{}}
	interp, err := w.program(host)
	if err != nil {
		return nil, fmt.Errorf("find libraries of %s: %w", host, err)
	}
	files := []toolFile{{host: host, guest: "/bin/" + filepath.Base(tool)}}
	if interp != "" {
		files = append(files, toolFile{host: interp, guest: interp})
	}
	for _, f := range w.found {
		if f.guest != interp {
			files = append(files, f)
		}
	}
	sort.Slice(files[1:], func(i, j int) bool { return files[1+i].guest < files[1+j].guest })
	return files, nil
}

// findTool looks a program up in PATH and where an ordinary user's PATH does not lead.
func findTool(tool string) (string, error) {
	if strings.Contains(tool, "/") {
		_, err := os.Stat(tool)
		return tool, err
	}
	if p, err := exec.LookPath(tool); err == nil {
		return p, nil
	}
	for _, dir := range []string{"/usr/local/sbin", "/usr/sbin", "/sbin"} {
		if p, err := exec.LookPath(filepath.Join(dir, tool)); err == nil {
			return p, nil
		}
	}
	return "", errors.New("not on this host; install the package that has it")
}

// libraryWalk collects libraries by name.
type libraryWalk struct {
	extra []string // folders of /etc/ld.so.conf
	found map[string]toolFile
}

// program walks a program and returns its interpreter, "" if it is static.
func (w *libraryWalk) program(file string) (interp string, err error) {
	f, err := elf.Open(file)
	if err != nil {
		return "", fmt.Errorf("%w; only ELF programs can be taken along", err)
	}
	defer func() { _ = f.Close() }()
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		name := make([]byte, p.Filesz)
		if _, err := p.ReadAt(name, 0); err != nil {
			return "", fmt.Errorf("read interpreter: %w", err)
		}
		interp = strings.TrimRight(string(name), "\x00")
	}
	return interp, w.needs(f, file)
}

// needs walks what an open ELF file is linked with (DT_NEEDED).
func (w *libraryWalk) needs(f *elf.File, file string) error {
	names, err := f.ImportedLibraries()
	if err != nil {
		return err
	}
	search := append(runPaths(f, file), w.extra...)
	for _, name := range names {
		if _, ok := w.found[name]; ok {
			continue
		}
		if err := w.library(f, name, search); err != nil {
			return fmt.Errorf("%s: %w", path.Base(file), err)
		}
	}
	return nil
}

// library finds one library and walks on. In the guest it lies where the linker looks by itself, wherever it was here.
func (w *libraryWalk) library(by *elf.File, name string, search []string) error {
	system := systemLibDirs()
	for _, dir := range slices.Concat(search, system) {
		host := filepath.Join(dir, name)
		if path.IsAbs(name) {
			host = name
		}
		f, err := elf.Open(host)
		if err != nil || f.Class != by.Class || f.Machine != by.Machine {
			continue // like ld.so: a library for another machine does not count
		}
		defer func() { _ = f.Close() }()
		guest := host
		if !path.IsAbs(name) && !slices.Contains(system, dir) {
			guest = path.Join(system[0], name)
		}
		w.found[name] = toolFile{host: host, guest: guest}
		return w.needs(f, host)
	}
	return fmt.Errorf("library %s: %w", name, fs.ErrNotExist)
}

// runPaths returns the folders of DT_RUNPATH and DT_RPATH.
func runPaths(f *elf.File, file string) []string {
	var dirs []string
	for _, tag := range []elf.DynTag{elf.DT_RPATH, elf.DT_RUNPATH} {
		values, _ := f.DynString(tag)
		for _, v := range values {
			for _, dir := range strings.Split(v, ":") {
				dir = strings.NewReplacer("$ORIGIN", filepath.Dir(file), "${ORIGIN}", filepath.Dir(file)).Replace(dir)
				if path.IsAbs(dir) {
					dirs = append(dirs, dir)
				}
			}
		}
	}
	return dirs
}

// ldSoDirs reads the folders that this host adds to the linker's own (ldconfig(8)).
func ldSoDirs() []string {
	var dirs []string
	files, _ := filepath.Glob("/etc/ld.so.conf.d/*.conf")
	for _, file := range append([]string{"/etc/ld.so.conf"}, files...) {
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for _, line := range strings.Split(string(data), "\n") {
			if line = strings.TrimSpace(line); path.IsAbs(line) && !slices.Contains(systemLibDirs(), line) {
				dirs = append(dirs, line)
			}
		}
	}
	return dirs
}
