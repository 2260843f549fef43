package vmimages

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// copyBuildFolder puts into dst what modules are built with, so that a kernel keeps it when its tree is built anew for
// another: the parts of the source and of the build folder that the tree's own scripts/package/builddeb puts into
// linux-headers, laid over each other as in a tree that was built in place.
func copyBuildFolder(ctx context.Context, dst, src, build string) error {
	for _, part := range []struct {
		from  string
		paths []string
	}{
		{src, []string{
			"Makefile", "Kbuild", "Kconfig", "include", "scripts", "arch/x86/include", "arch/x86/scripts", "arch/x86/Makefile",
			"arch/x86/Makefile_32.cpu", "arch/x86/Makefile.um", "arch/x86/Makefile.postlink", "arch/x86/Kbuild",
		}},
		{build, []string{
			".config", "Module.symvers", "include", "scripts", "arch/x86/include", "tools/objtool/objtool",
			"tools/bpf/resolve_btfids/resolve_btfids",
		}},
	} {
		for _, p := range part.paths {
			if err := copyParts(ctx, dst, part.from, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyParts copies a file, or the files below a folder, if it is there at all: trees differ in what they have. What
// only the making of the tools needed is left out.
func copyParts(ctx context.Context, dst, src, part string) error {
	root := filepath.Join(src, filepath.FromSlash(part))
	if !exists(root) {
		return nil
	}
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || !d.Type().IsRegular() && d.Type() != fs.ModeSymlink || isToolScrap(d.Name()) {
			return err
		}
		rel, err := filepath.Rel(src, path)
		if err != nil {
			return err
		}
		return copyWithMode(filepath.Join(dst, rel), path)
	})
}

func isToolScrap(name string) bool {
	return slices.Contains([]string{".o", ".a", ".cmd", ".d"}, filepath.Ext(name)) ||
		strings.HasSuffix(name, ".tmp")
}

// copyWithMode copies a file with its permissions, or a link as what it leads to (scripts/dtc/include-prefixes has
// links to folders, which are left out). A file that is there already is replaced.
func copyWithMode(dst, src string) error {
	info, err := os.Stat(src)
	if err != nil || !info.Mode().IsRegular() {
		return nil // a link that leads nowhere or to a folder: no module includes through it
	}
	if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
		return err
	}
	_ = os.Remove(dst)
	if err := copyFile(dst, src); err != nil {
		return err
	}
	return os.Chmod(dst, info.Mode().Perm()|0o200)
}

// builtHeaders is what modules for a kernel that brink built are built with: it lies in the kernel's own entry.
func builtHeaders(k Kernel) (kernelHeaders, error) {
	id, err := treeBuildID(k.Build)
	if err != nil {
		return kernelHeaders{}, &MissingHeadersError{k.Name, err.Error() + "; remove " + filepath.Dir(k.Build)}
	}
	return kernelHeaders{Dir: k.Build, ID: id}, nil
}

// treeBuildID tells what a built module may depend on, beside the kernel itself.
func treeBuildID(dir string) (string, error) {
	id := sha256.New()
	for _, name := range []string{".config", "Module.symvers", "include/generated/autoconf.h"} {
		if err := hashFile(id, name, filepath.Join(dir, name)); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%x", id.Sum(nil)), nil
}
