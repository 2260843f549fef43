package vmimages

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// startHolding runs a shell script that holds the lock "x" of c, lets go of it here, as a killed brink does, and waits
// until the script has written the file begun.
func startHolding(ctx context.Context, t *testing.T, c *Cache, script string) (begun string, ended chan error) {
	t.Helper()
	held, err := c.lockFile(ctx, "x")
	require.NoError(t, err)
	begun, ended = filepath.Join(t.TempDir(), "begun"), make(chan error, 1)
	go func() {
		script = strings.ReplaceAll(script, "BEGUN", begun)
		ended <- pipeToolHolding(ctx, held, cleanEnv(), nil, new(strings.Builder), nil, "/bin/sh", "-c", script)
	}()
	require.Eventually(t, func() bool { return exists(begun) }, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, held.Close())
	return begun, ended
}

// free says whether nobody holds the lock "x".
func free(t *testing.T, c *Cache) bool {
	t.Helper()
	unlock, ok, err := c.tryLock("x")
	require.NoError(t, err)
	if ok {
		unlock()
	}
	return ok
}

// TestToolEndsWithItsChildren: what a tool started holds the lock as long as it lives, which is no longer than ctx.
func TestToolEndsWithItsChildren(t *testing.T) {
	c, err := OpenCache(t.TempDir())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	start := time.Now()
	_, ended := startHolding(ctx, t, c, "sleep 60 & : > BEGUN; wait")
	assert.False(t, free(t, c))
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	assert.Eventually(t, func() bool { return free(t, c) }, 5*time.Second, 10*time.Millisecond)
	assert.Less(t, time.Since(start), 30*time.Second)
}

// TestToolIgnoresTerm: what does not end by itself is killed after the grace period.
func TestToolIgnoresTerm(t *testing.T) {
	c, err := OpenCache(t.TempDir())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, ended := startHolding(ctx, t, c, "(trap '' TERM; : > BEGUN; sleep 60; sleep 60) & wait")
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	assert.Eventually(t, func() bool { return free(t, c) }, 5*time.Second, 10*time.Millisecond)
}

// TestChildrenKeepTheLock: a tool whose parent was killed keeps its lock, until the last of its children has ended.
func TestChildrenKeepTheLock(t *testing.T) {
	c, err := OpenCache(t.TempDir())
	require.NoError(t, err)
	begun, ended := startHolding(t.Context(), t, c, "sleep 60 >/dev/null 2>&1 & echo $! > BEGUN.tmp; mv BEGUN.tmp BEGUN")
	require.NoError(t, <-ended, "the tool is done, its child is not")
	assert.False(t, free(t, c))
	text, err := os.ReadFile(begun)
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	assert.Eventually(t, func() bool { return free(t, c) }, 5*time.Second, 10*time.Millisecond)
}

// TestMakeHoldsTheLock: the Makefile of a tree finds its lock taken, and inherited.
func TestMakeHoldsTheLock(t *testing.T) {
	dir := fakeRepository(t)
	makefile := strings.Replace(fakeMakefile, "bzImage: $(objects)\n",
		"bzImage: $(objects)\n\t@readlink /proc/self/fd/* > $(O)/open || true\n", 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Makefile"), []byte(makefile), 0o644))
	r, _ := treeResolver(t, &fakeArchive{})
	_, err := r.Resolve(t.Context(), "source:"+dir)
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(r.cache.dir, "trees", "*", "build-*", "open"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	open, err := os.ReadFile(files[0])
	require.NoError(t, err)
	id := filepath.Base(filepath.Dir(filepath.Dir(files[0])))
	assert.Contains(t, string(open), filepath.Join(r.cache.dir, "locks", "tree-"+id+".lock"))
}
