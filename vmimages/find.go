package vmimages

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// find lists the paths in the cache, relative to it, whose parts match those of pattern. Links are neither listed nor
// followed: what they lead to is not the cache's.
func (c *Cache) find(pattern string) ([]string, error) {
	found := []string{"."}
	for _, part := range strings.Split(pattern, "/") {
		var next []string
		for _, dir := range found {
			files, err := os.ReadDir(filepath.Join(c.dir, dir))
			if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
				continue
			}
			if err != nil {
				return nil, err
			}
			for _, f := range files {
				match, err := filepath.Match(part, f.Name())
				if err != nil {
					return nil, err
				}
				if match && f.Type()&fs.ModeSymlink == 0 {
					next = append(next, filepath.Join(dir, f.Name()))
				}
			}
		}
		found = next
	}
	return found, nil
}

// inside says whether a path of the cache is really there, by way of no link.
func (c *Cache) inside(rel string) bool {
	root, err := filepath.EvalSymlinks(c.dir) // the cache itself may be one
	if err != nil {
		return false
	}
	path, err := filepath.EvalSymlinks(filepath.Join(c.dir, rel))
	return err == nil && path == filepath.Join(root, rel)
}

// diskUse is the space that files take below path, of a tree without its build folders.
func diskUse(path string, withoutBuilds bool) int64 {
	var total int64
	_ = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // removed meanwhile
		}
		if withoutBuilds && d.IsDir() && filepath.Dir(p) == path && strings.HasPrefix(d.Name(), "build-") {
			return fs.SkipDir
		}
		if info, err := d.Info(); err == nil {
			if stat, ok := info.Sys().(*syscall.Stat_t); ok {
				total += stat.Blocks * 512
			}
		}
		return nil
	})
	return total
}
