package vmimages

import (
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// entryUse is an entry that this process uses.
type entryUse struct {
	// kernel is the entry of the kernel that it is used with, or is.
	kernel string
	// lock is a bare file descriptor on purpose: no garbage collection closes it.
	lock int
}

// use marks an entry as used now, with the kernel in the entry kernel, and keeps Trim from removing it until Release, or
// as long as this process lives.
func (c *Cache) use(path, kernel string) {
	touch(path)
	rel, err := filepath.Rel(c.dir, path)
	if err != nil || !filepath.IsLocal(rel) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, held := c.used[path]; held {
		return
	}
	file := filepath.Join(c.dir, "locks", useLock(filepath.ToSlash(rel))+".lock")
	fd, err := syscall.Open(file, os.O_CREATE|os.O_RDWR|syscall.O_CLOEXEC, 0o644)
	if err != nil {
		return // without the lock the entry is still safe for an hour
	}
	_ = syscall.Flock(fd, syscall.LOCK_SH)
	c.used[path] = entryUse{kernel: kernel, lock: fd}
}

// Release says that this process is done with k, which was resolved with this same Cache, and with what Initramfs made
// for it here: Trim may remove them from now on, without waiting for the hour to pass. Entries that were not used for
// longer still go first. No file of k may be used afterwards; Resolve and Initramfs bring back what is wanted again. What
// another Cache, or another brink, uses stays.
func (c *Cache) Release(k Kernel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	free := time.Now().Add(-trimAge)
	for path, u := range c.used {
		if u.kernel != filepath.Dir(k.Image) {
			continue
		}
		_ = os.Chtimes(path, free, free) // one that cannot be changed goes an hour later
		_ = syscall.Close(u.lock)
		delete(c.used, path)
	}
}
