package vmimages

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"sync"
	"syscall"
)

// CacheEnv names the environment variable that moves the cache.
const CacheEnv = "BRINK_CACHE"

// Cache is brink's cache folder. It may be shared by any number of brinks at the same time, and removed at any time
// when none runs.
//
//	apt/            private apt root: lists, ladder.json
//	kernels/ID/     one kernel: kernel.json, vmlinuz, vmlinux, config, lib/modules/RELEASE
//	headers/ID/     what modules for one packaged kernel are built with: headers.json, usr/src, usr/lib
//	modules/HASH/   one built module: NAME.ko, build.log
//	sets/ID/        the modules of one recipe: set.json, NAME.ko, build.log
//	packages/ID/    an unpacked package that recipes build from
//	initramfs/      HASH.cpio
//	trees/ID/       one source tree: git/ and src/, and a build-SETUP/ for each config and compiler
//	locks/          one file for each thing that is being made
type Cache struct {
	dir string
	mu  sync.Mutex
	// used are the entries in use, by path; see Cache.use.
	used map[string]entryUse
}

// OpenCache opens, and makes if needed, the cache in dir. An empty dir means $BRINK_CACHE, else
// $XDG_CACHE_HOME/brink, else ~/.cache/brink.
func OpenCache(dir string) (*Cache, error) {
	dir, err := cacheDir(dir)
	if err != nil {
		return nil, err
	}
	for _, sub := range []string{"apt", "kernels", "headers", "modules", "sets", "packages", "initramfs", "trees", "locks"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, fmt.Errorf("open cache: %w; set %s to a folder that can be written", err, CacheEnv)
		}
	}
	return &Cache{dir: dir, used: map[string]entryUse{}}, nil
}

// Dir is the cache's absolute path.
func (c *Cache) Dir() string { return c.dir }

func cacheDir(dir string) (string, error) {
	if dir == "" {
		dir = os.Getenv(CacheEnv)
	}
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find cache folder: %w; set %s", err, CacheEnv)
		}
		dir = filepath.Join(user, "brink")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find cache folder: %w", err)
	}
	return dir, nil
}

// Kernels lists the cached kernels, ordered by version, then by name. An entry that cannot be read is left out: it
// will be made anew when it is asked for.
func (c *Cache) Kernels() ([]Kernel, error) {
	dirs, err := os.ReadDir(filepath.Join(c.dir, "kernels"))
	if err != nil {
		return nil, fmt.Errorf("list cached kernels: %w", err)
	}
	var kernels []Kernel
	for _, d := range dirs {
		if k, err := loadKernel(filepath.Join(c.dir, "kernels", d.Name())); err == nil {
			kernels = append(kernels, k)
		}
	}
	sort.SliceStable(kernels, func(i, j int) bool {
		if n := compareVersions(kernels[i].sortKey(), kernels[j].sortKey()); n != 0 {
			return n < 0
		}
		return kernels[i].Name < kernels[j].Name
	})
	return kernels, nil
}

func (c *Cache) kernelDir(id string) string { return filepath.Join(c.dir, "kernels", id) }

// explain turns "no space left" into an error that says where, and what to do about it.
func (c *Cache) explain(err error) error {
	if err == nil || !isDiskFull(err) {
		return err
	}
	return fmt.Errorf("disk full in %s: free some space or set %s to a larger disk: %w", c.dir, CacheEnv, err)
}

func isDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, errToolDiskFull)
}
