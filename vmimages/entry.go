package vmimages

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lockPoll is how often a lock that somebody else holds is tried again.
const lockPoll = 50 * time.Millisecond

// publish makes the entry final exactly once, however many brinks ask for it: build fills a private folder beside it
// that is then renamed. When build fails nothing is left behind; what a killed brink left is removed by the next, and
// so is an entry that is not whole.
func (c *Cache) publish(
	ctx context.Context, final string, whole func(dir string) bool, build func(dir string) error,
) error {
	unlock, err := c.lock(ctx, filepath.Base(final))
	if err != nil {
		return err
	}
	defer unlock()
	if whole(final) {
		return nil
	}
	tmp := filepath.Join(filepath.Dir(final), "."+filepath.Base(final)+".tmp")
	if err := firstError(os.RemoveAll(tmp), os.RemoveAll(final)); err != nil {
		return fmt.Errorf("clear half-made entry: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return c.explain(fmt.Errorf("make cache entry: %w", err))
	}
	if err := build(tmp); err != nil {
		return c.explain(err)
	}
	if err := os.Rename(tmp, final); err != nil {
		return c.explain(fmt.Errorf("publish cache entry: %w", err))
	}
	return nil
}

// lock takes the named lock of this cache, waiting for other brinks until ctx ends. The kernel drops it when the
// process dies, so a killed brink never leaves a stale lock.
func (c *Cache) lock(ctx context.Context, name string) (unlock func(), err error) {
	f, err := c.lockFile(ctx, name)
	if err != nil {
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}

// lockFile is lock for one that programs inherit, see pipeToolHolding. It is held until the file is closed here and in
// all of them.
func (c *Cache) lockFile(ctx context.Context, name string) (*os.File, error) {
	path := filepath.Join(c.dir, "locks", name+".lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, c.explain(fmt.Errorf("lock cache: %w", err))
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			_ = f.Close()
			return nil, fmt.Errorf("lock cache: %s: %w", path, err)
		}
		select {
		case <-ctx.Done():
			_ = f.Close()
			return nil, fmt.Errorf("lock cache: %s is held by another brink: %w", path, ctx.Err())
		case <-time.After(lockPoll):
		}
	}
}

// writeFile writes path by way of a temporary file and a rename, so that a reader sees the old or the new content.
func (c *Cache) writeFile(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return c.explain(fmt.Errorf("write cache: %w", err))
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(data)
	err = firstError(err, tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return c.explain(fmt.Errorf("write cache: %w", err))
	}
	return nil
}

// readEntry reads what a cache entry notes about itself: the JSON in its file of that name, which is written last, so
// that with it the entry is whole. kind is what the entry holds, for the error.
func readEntry[T any](dir, file, kind string) (entry T, err error) {
	data, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return entry, fmt.Errorf("load %s: %w", kind, err)
	}
	if err := json.Unmarshal(data, &entry); err != nil {
		return entry, fmt.Errorf("load %s: %s: %w; remove this folder", kind, dir, err)
	}
	return entry, nil
}

// writeEntry writes what readEntry reads, into the private folder of an entry that is being made.
func writeEntry(dir, file, kind string, entry any) error {
	data, err := json.MarshalIndent(entry, "", "\t")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, file), append(data, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("save %s: %w", kind, err)
	}
	return nil
}

// firstError returns the first error of several steps that must all be done. Unlike errors.Join it stays on one line.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
