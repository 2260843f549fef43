package symbols

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Files are the debug files of one kernel.
type Files struct {
	VMLinux string            // path, "" if there is none
	Modules map[string]string // paths by name; in a name - is _
}

// Find looks for the debug files of the kernel release (uname -r) in dir, which is laid out like /usr/lib/debug. Debian
// keeps vmlinux in boot/ up to 6.12, later beside the modules; both are looked for, and vmlinux in dir itself, as a build
// tree has it. The error says when there is neither a vmlinux nor a module.
func Find(dir, release string) (Files, error) {
	f := Files{Modules: map[string]string{}}
	modules := filepath.Join(dir, "lib", "modules", release)
	for _, path := range []string{
		filepath.Join(modules, "vmlinux"), filepath.Join(dir, "boot", "vmlinux-"+release),
		filepath.Join(dir, "vmlinux-"+release), filepath.Join(dir, "vmlinux"),
	} {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			f.VMLinux = path
			break
		}
	}
	err := filepath.WalkDir(modules, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := strings.TrimSuffix(d.Name(), ".debug")
		if name, ok := strings.CutSuffix(name, ".ko"); ok {
			f.Modules[moduleName(name)] = path
		}
		return nil
	})
	if err != nil && !os.IsNotExist(err) {
		return Files{}, fmt.Errorf("find debug files of %s: %w", release, err)
	}
	if f.VMLinux == "" && len(f.Modules) == 0 {
		return Files{}, fmt.Errorf("find debug files of %s: %s has none; unpack the kernel's -dbg package there", release, dir)
	}
	return f, nil
}

// moduleName is the name that a kernel prints for a module's file.
func moduleName(file string) string { return strings.ReplaceAll(file, "-", "_") }
