package vmimages

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Module is one loadable module of a kernel.
type Module struct {
	// Name is what lsmod shows.
	Name string `json:"name"`
	// Path is the file on the host, perhaps compressed.
	Path string `json:"path"`
	// GuestPath is where the initramfs has it, never compressed.
	GuestPath string `json:"guest_path"`
	// Hash is the hex SHA-256 of a module that was built; one of the kernel's own counts by the kernel's hash.
	Hash string `json:"hash,omitempty"`
}

// MissingModuleError says that a kernel has a module neither as a file nor built in.
type MissingModuleError struct {
	// Module is the name that was asked for, Release the kernel's uname -r, Kernel its reference.
	Module, Release, Kernel string
}

// Error implements error.
func (e *MissingModuleError) Error() string {
	hint := ""
	if strings.HasSuffix(e.Release, "-"+string(FlavourCloud)) {
		hint = "; the /amd64 flavour has more drivers"
		if name, ok := strings.CutSuffix(e.Kernel, "/"+string(FlavourCloud)); ok {
			hint += ": --kernel " + name + "/amd64"
		}
	}
	return fmt.Sprintf("find module %s: kernel %s has no such module%s", e.Module, e.Release, hint)
}

// ModuleClosure returns the named modules and all that they need, in load order. Names may use - or _, or be an exact
// alias ("fs-xfs"). What is built into the kernel is left out. Soft dependencies are followed where they exist
// (modprobe.d(5)). A name that the kernel does not know is a *MissingModuleError.
func ModuleClosure(k Kernel, names []string) ([]Module, error) {
	if len(names) == 0 {
		return nil, nil
	}
	if k.Modules == "" {
		return nil, fmt.Errorf("find modules of %s: %w", k.Name, &MissingModuleError{names[0], k.Release, k.Name})
	}
	x, err := readModuleIndex(k.Modules)
	if err != nil {
		return nil, err
	}
	w := closureWalk{index: x, seen: map[string]bool{}}
	for _, name := range names {
		found, ok := x.lookup(normalised(name))
		if !ok {
			return nil, &MissingModuleError{name, k.Release, k.Name}
		}
		for _, m := range found {
			w.visit(m)
		}
	}
	modules := make([]Module, len(w.order))
	for i, name := range w.order {
		modules[i] = k.module(name, x.files[name])
	}
	return modules, nil
}

func (k Kernel) module(name, file string) Module {
	plain := file[:strings.LastIndex(file, ".ko")+len(".ko")]
	return Module{
		Name:      name,
		Path:      filepath.Join(k.Modules, filepath.FromSlash(file)),
		GuestPath: path.Join("/lib/modules", k.Release, plain),
	}
}

// lookup finds the modules that a name stands for: itself, nothing when it is built in, or those with that alias. Of
// several crypto implementations with one alias the generic is taken, which loads on every CPU.
func (x *moduleIndex) lookup(name string) (modules []string, ok bool) {
	if _, ok := x.files[name]; ok {
		return []string{name}, true
	}
	if x.builtin[name] {
		return nil, true
	}
	found := filterNames(x.alias[name], func(m string) bool { _, ok := x.files[m]; return ok })
	if generic := filterNames(found, func(m string) bool { return strings.HasSuffix(m, "_generic") }); len(generic) > 0 {
		return generic[:1], true
	}
	return found, len(found) > 0
}

func filterNames(names []string, keep func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !keep(n) })
}

// closureWalk collects modules in load order, depth first.
type closureWalk struct {
	index *moduleIndex
	seen  map[string]bool
	order []string
}

// visit puts name behind all that it needs. Soft dependencies may form circles; seen ends them, as in modprobe.
func (w *closureWalk) visit(name string) {
	if w.seen[name] {
		return
	}
	w.seen[name] = true
	w.visitSoft(w.index.pre[name])
	needs := w.index.needs[name]
	for i := len(needs) - 1; i >= 0; i-- {
		if _, ok := w.index.files[needs[i]]; ok {
			w.visit(needs[i])
		}
	}
	w.order = append(w.order, name)
	w.visitSoft(w.index.post[name])
}

func (w *closureWalk) visitSoft(names []string) {
	for _, soft := range names {
		found, _ := w.index.lookup(soft)
		for _, m := range found {
			w.visit(m)
		}
	}
}

// maxModule bounds an unpacked module; the largest in Debian has 10 MB.
const maxModule = 256 << 20

// Read returns the module's uncompressed ELF.
func (m Module) Read(ctx context.Context) ([]byte, error) {
	data, err := os.ReadFile(m.Path)
	if err != nil {
		return nil, fmt.Errorf("read module: %w", err)
	}
	if strings.HasSuffix(m.Path, ".ko") {
		return data, nil
	}
	var plain bytes.Buffer
	src := io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data)))
	if _, err := decompress(ctx, &plain, src, maxModule); err != nil {
		return nil, fmt.Errorf("read module: %s: %w", m.Path, err)
	}
	return plain.Bytes(), nil
}
