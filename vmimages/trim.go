package vmimages

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// trimAge is how long an entry that was used stays in any case.
const trimAge = time.Hour

// Trimmed is what Cache.Trim did. Sizes are the disk space in bytes.
type Trimmed struct {
	Before, After int64
	// Removed are the entries that went, in the order in which they did.
	Removed []TrimmedEntry
}

// TrimmedEntry is one entry of the cache that was removed.
type TrimmedEntry struct {
	// Path is relative to the cache.
	Path string
	Size int64
	Used time.Time
	// changed is the entry's own time. A tree's Used is no older than that of its build folders.
	changed time.Time
}

// Trim removes the entries that were not used for the longest time until the cache takes at most maxBytes. Entries that
// were used in the last hour, or that a running brink uses or makes, stay, even if the cache is then still larger. The
// lists of the archive are not counted: they are small and always wanted.
func (c *Cache) Trim(maxBytes int64) (Trimmed, error) {
	entries, err := c.entries()
	if err != nil {
		return Trimmed{}, fmt.Errorf("trim cache: %w", err)
	}
	var t Trimmed
	for _, e := range entries {
		t.Before += e.Size
	}
	t.After = t.Before
	slices.SortStableFunc(entries, func(a, b TrimmedEntry) int {
		return cmp.Or(a.Used.Compare(b.Used), cmp.Compare(b.Path, a.Path)) // a build folder before its tree
	})
	for _, e := range entries {
		if t.After <= maxBytes || time.Since(e.Used) < trimAge {
			break
		}
		removed, err := c.removeEntry(e)
		if err != nil {
			return t, fmt.Errorf("trim cache: %w", err)
		}
		if removed {
			t.Removed, t.After = append(t.Removed, e), t.After-e.Size
		}
	}
	return t, nil
}

// entries lists what Trim may remove. A tree's build folders are entries of their own, as they can be made again from
// it; the tree itself is one only when no build folder is left.
func (c *Cache) entries() ([]TrimmedEntry, error) {
	var all []TrimmedEntry
	for _, pattern := range []string{
		"kernels/*", "headers/*", "debug/*", "modules/*", "sets/*", "packages/*", "initramfs/*", "trees/*/build-*", "trees/*",
	} {
		found, err := c.find(pattern)
		if err != nil {
			return nil, err
		}
		for _, rel := range found {
			path := filepath.Join(c.dir, rel)
			info, err := os.Lstat(path)
			if err != nil {
				continue // another brink removed it
			}
			if strings.HasPrefix(info.Name(), ".") && time.Since(info.ModTime()) < trimAge {
				continue // being made; if not, it is old enough later
			}
			e := TrimmedEntry{Path: rel, Size: diskUse(path, pattern == "trees/*"), changed: info.ModTime()}
			e.Used = e.changed
			for _, build := range all {
				if filepath.Dir(build.Path) == e.Path && build.Used.After(e.Used) {
					e.Used = build.Used
				}
			}
			all = append(all, e)
		}
	}
	return all, nil
}

// removeEntry removes an entry, unless somebody uses it or makes it. It is renamed first, so that nobody sees a half.
func (c *Cache) removeEntry(e TrimmedEntry) (bool, error) {
	path := filepath.Join(c.dir, e.Path)
	if !c.inside(e.Path) {
		return false, nil
	}
	if filepath.Dir(e.Path) == "trees" {
		builds, err := c.find("trees/*/build-*")
		ofTree := func(build string) bool { return filepath.Dir(build) == e.Path }
		if err != nil || slices.ContainsFunc(builds, ofTree) {
			return false, err
		}
	}
	for _, name := range lockNames(e.Path) {
		unlock, ok, err := c.tryLock(name)
		if err != nil || !ok {
			return false, err
		}
		defer unlock()
	}
	if info, err := os.Lstat(path); err != nil || !info.ModTime().Equal(e.changed) {
		return false, nil // gone, or used meanwhile
	}
	folder := filepath.Dir(path)
	of, err := os.Stat(folder)
	if err != nil {
		return false, err
	}
	gone := filepath.Join(folder, "."+strings.TrimPrefix(filepath.Base(path), ".")+".trim")
	if err := firstError(os.RemoveAll(gone), os.Rename(path, gone), os.RemoveAll(gone)); err != nil {
		return false, err
	}
	// A tree was not used by losing a build folder.
	return true, os.Chtimes(folder, of.ModTime(), of.ModTime())
}

// lockNames are the locks that keep an entry: those it is made under, and that of its users.
func lockNames(rel string) []string {
	parts := strings.Split(rel, "/")
	if parts[0] == "trees" {
		return []string{"tree-" + parts[1], "store-" + parts[1]}
	}
	return []string{strings.TrimSuffix(strings.TrimPrefix(parts[1], "."), ".tmp"), useLock(rel)}
}

func useLock(rel string) string { return "use-" + strings.ReplaceAll(rel, "/", "-") }

// touch notes that entries are in use. An entry that cannot be touched only looks older than it is.
func touch(paths ...string) {
	now := time.Now()
	for _, p := range paths {
		_ = os.Chtimes(p, now, now)
	}
}

// tryLock takes the named lock if nobody holds it.
func (c *Cache) tryLock(name string) (unlock func(), ok bool, err error) {
	f, err := os.OpenFile(filepath.Join(c.dir, "locks", name+".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, false, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, false, f.Close()
	}
	if err != nil {
		_ = f.Close()
		return nil, false, err
	}
	return func() { _ = f.Close() }, true, nil
}
