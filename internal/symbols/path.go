package symbols

import (
	"path"
	"slices"
	"strings"
)

// treeDirs are the folders at the top of a kernel tree that code comes from.
func treeDirs() []string {
	return []string{
		"arch", "block", "certs", "crypto", "drivers", "fs", "include", "init", "io_uring", "ipc", "kernel", "lib", "mm", "net",
		"rust", "samples", "security", "sound", "virt",
	}
}

// relative makes a path relative to the kernel tree. The compiler's folder is the tree, or lies in it (Debian builds in
// debian/build/…), or is somewhere else: then the first folder that a tree has at its top counts.
func relative(file, dir string) string {
	file, dir = path.Clean(file), path.Clean(dir)
	if !path.IsAbs(file) && path.IsAbs(dir) && strings.HasPrefix(file, "..") {
		file = path.Join(dir, file)
	}
	parts, base := strings.Split(file, "/"), strings.Split(dir, "/")
	if path.IsAbs(file) {
		same := 0
		for same < len(parts)-1 && same < len(base) && parts[same] == base[same] {
			same++
		}
		parts = parts[same:]
	}
	top := slices.IndexFunc(parts, func(p string) bool { return slices.Contains(treeDirs(), p) })
	if top < 0 || top == len(parts)-1 {
		return file
	}
	return strings.Join(parts[top:], "/")
}
