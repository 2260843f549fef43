package vmimages

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// treeStore is the cache's own copy of one source tree, in the entry trees/ID: a private git folder that borrows the
// objects of the user's repository, a checkout, and build folders beside it. All that is built is a git tree object
// first, also a folder's uncommitted state and a patched tree. So the id of that object names the content; successive
// builds rewrite only files that differ, which keeps make's work small; and neither the user's work tree nor the
// repository is ever written to.
//
// Note: git worktree and git clone were not taken. The first leaves traces in the user's repository, the second would
// have to fetch each new commit and cannot hold uncommitted changes.
type treeStore struct {
	dir string
	git string
	// held is the lock under which the store is worked on; nil if none is. What git and make run holds it too.
	held *os.File
}

func (s treeStore) src() string { return filepath.Join(s.dir, "src") }

// openTreeStore makes the store in dir, if need be. objects is the folder of the repository that it borrows from, and
// format that repository's hash; both are "" for a tree that is in no repository.
func openTreeStore(ctx context.Context, c *Cache, dir, objects, format string) (treeStore, error) {
	git, err := hostTool("git", "git")
	if err != nil {
		return treeStore{}, err
	}
	s := treeStore{dir: dir, git: git}
	private := filepath.Join(dir, "git")
	if _, err := os.Stat(filepath.Join(private, "HEAD")); err != nil {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return treeStore{}, c.explain(fmt.Errorf("make a store for the source tree: %w", err))
		}
		args := []string{"init", "--quiet", "--bare"}
		if format != "" {
			args = append(args, "--object-format="+format)
		}
		if _, err := s.run(ctx, filepath.Join(dir, "index"), "", args...); err != nil {
			return treeStore{}, c.explain(fmt.Errorf("make a store for the source tree: %w", err))
		}
	}
	if objects != "" {
		if err := c.writeFile(filepath.Join(private, "objects", "info", "alternates"), []byte(objects+"\n")); err != nil {
			return treeStore{}, err
		}
	}
	return s, nil
}

// run runs git in the store with an index of its own. worktree may be "". The user's git configuration has no say.
func (s treeStore) run(ctx context.Context, index, worktree string, args ...string) (string, error) {
	env := append(cleanEnv(), "GIT_DIR="+filepath.Join(s.dir, "git"), "GIT_INDEX_FILE="+index,
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_ATTR_NOSYSTEM=1")
	if worktree != "" {
		env = append(env, "GIT_WORK_TREE="+worktree)
		args = append([]string{"-C", worktree}, args...)
	}
	args = append([]string{"-c", "gc.auto=0", "-c", "core.fsync=none", "-c", "core.excludesFile=/dev/null"}, args...)
	var out, all bytes.Buffer
	err := pipeToolHolding(ctx, s.held, env, nil, &out, &all, s.git, args...)
	if err != nil {
		return all.String(), err
	}
	return strings.TrimSpace(out.String()), nil
}

// snapshot stores the files below folder and returns the id of their tree. In a repository git's idea of what is
// ignored is followed, so that what a build left there does not count; elsewhere all files are taken (Debian's sources
// carry a .gitignore that ignores everything). Only files that changed since the last snapshot are read.
func (s treeStore) snapshot(ctx context.Context, folder, head string) (string, error) {
	index := s.snapshotIndex(folder)
	args := []string{"add", "--all", "--force", "."}
	if head != "" {
		args = []string{"add", "--all", "."}
		if _, err := os.Stat(index); err != nil {
			if _, err := s.run(ctx, index, "", "read-tree", head); err != nil {
				return "", fmt.Errorf("read the tree at %s: %w", folder, err)
			}
		}
	}
	_ = os.Remove(index + ".lock") // of a brink that was killed; the store's lock is held
	if _, err := s.run(ctx, index, folder, args...); err != nil {
		return "", fmt.Errorf("read the tree at %s: %w", folder, err)
	}
	tree, err := s.run(ctx, index, "", "write-tree")
	if err != nil {
		return "", fmt.Errorf("read the tree at %s: %w", folder, err)
	}
	return tree, nil
}

// snapshotIndex is the file that holds what a folder's snapshot found, so that the next need not read it all again.
func (s treeStore) snapshotIndex(folder string) string {
	return filepath.Join(s.dir, "snapshot-"+shortHash(folder))
}

// checkout makes the store's source folder hold exactly tree. The lock on the folder must be held.
func (s treeStore) checkout(ctx context.Context, tree string) error {
	if err := os.MkdirAll(s.src(), 0o755); err != nil {
		return fmt.Errorf("check out the source tree: %w", err)
	}
	index := filepath.Join(s.dir, "index")
	_ = os.Remove(index + ".lock")
	for _, args := range [][]string{{"read-tree", "-u", "--reset", tree}, {"clean", "-ffdxq"}} {
		if _, err := s.run(ctx, index, s.src(), args...); err != nil {
			return fmt.Errorf("check out the source tree: %w", err)
		}
	}
	return nil
}

// changed lists the paths in which two trees differ.
func (s treeStore) changed(ctx context.Context, from, to string) ([]string, error) {
	out, err := s.run(ctx, filepath.Join(s.dir, "index"), "", "diff-tree", "-r", "--name-only", "-z", from, to)
	if err != nil {
		return nil, fmt.Errorf("compare source trees: %w", err)
	}
	return strings.FieldsFunc(out, func(r rune) bool { return r == 0 }), nil
}

// isKernel says whether tree has what a Linux source tree has.
func (s treeStore) isKernel(ctx context.Context, tree string) (bool, error) {
	args := append([]string{"ls-tree", "--name-only", tree, "--"}, treeFiles()...)
	out, err := s.run(ctx, filepath.Join(s.dir, "index"), "", args...)
	if err != nil {
		return false, fmt.Errorf("read the source tree: %w", err)
	}
	return len(strings.Fields(out)) == len(treeFiles()), nil
}

// shortHash is a file name for what texts say.
func shortHash(texts ...string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(texts, "\x00"))))[:16]
}

// repository is what is known of the git repository that a folder lies in.
type repository struct {
	// common is its git folder, which all its work trees share; prefix the folder's place in it, "" or "sub/".
	common, prefix string
	objects        string
	format         string
	// head is the commit that is checked out, "" if there is none yet.
	head string
}

var errNoRepository = errors.New("no git repository")

// findRepository asks git about folder. It is errNoRepository if folder lies in none, or in one where git knows none of
// its files.
func findRepository(ctx context.Context, folder string) (repository, error) {
	r := repository{}
	for _, q := range []struct {
		into *string
		args []string
	}{
		{&r.common, []string{"--path-format=absolute", "--git-common-dir"}},
		{&r.prefix, []string{"--show-prefix"}},
		{&r.objects, []string{"--path-format=absolute", "--git-path", "objects"}},
		{&r.format, []string{"--show-object-format"}},
	} {
		out, err := askGit(ctx, folder, append([]string{"rev-parse"}, q.args...)...)
		switch {
		case err == nil:
			*q.into = out
		case strings.Contains(err.Error(), "not a git repository"):
			return repository{}, errNoRepository
		default:
			return repository{}, fmt.Errorf("read the git repository of %s: %w", folder, err)
		}
	}
	r.head, _ = askGit(ctx, folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
	return r, nil
}

// askGit asks the user's repository, with the user's git configuration, which says whom to trust. It writes nothing.
func askGit(ctx context.Context, folder string, args ...string) (string, error) {
	git, err := hostTool("git", "git")
	if err != nil {
		return "", err
	}
	env := []string{"GIT_OPTIONAL_LOCKS=0"}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GIT_") {
			env = append(env, v)
		}
	}
	var out, all bytes.Buffer
	err = pipeToolEnv(ctx, env, nil, &out, &all, git, append([]string{"-C", folder}, args...)...)
	if err != nil && strings.Contains(all.String(), "dubious ownership") {
		err = fmt.Errorf("it belongs to another user; git config --global --add safe.directory %s", folder)
	}
	return strings.TrimSpace(out.String()), err
}

// treeOf returns the commit that revision names and the id of its tree, or of that part of it which folder is.
func (r repository) treeOf(ctx context.Context, folder, revision string) (commit, tree string, err error) {
	commit, err = askGit(ctx, folder, "rev-parse", "--verify", "--end-of-options", revision+"^{commit}")
	if err != nil {
		return "", "", err
	}
	spec := commit + "^{tree}"
	if r.prefix != "" {
		spec = commit + ":" + strings.TrimSuffix(r.prefix, "/")
	}
	tree, err = askGit(ctx, folder, "rev-parse", "--verify", "--end-of-options", spec)
	return commit, tree, err
}
