package vmimages

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// treePlan is a reference to a source tree, resolved: what is to be built, and where.
type treePlan struct {
	store  treeStore
	lock   string
	name   string
	source TreeSource
}

// planTree finds the tree that ref means, patches included. What is wrong with ref is a *RefError.
func (r *Resolver) planTree(ctx context.Context, ref reference) (treePlan, error) {
	t := ref.tree
	var p treePlan
	var err error
	if err := t.findPatches(); err != nil { // before anything is fetched
		return treePlan{}, &RefError{ref.ref, err.Error()}
	}
	if t.kind == treeDebian {
		p, err = r.planDebianTree(ctx, ref)
	} else {
		p, err = r.planFolder(ctx, ref)
	}
	if err != nil {
		return treePlan{}, err
	}
	whole, err := p.store.isKernel(ctx, p.source.Tree)
	if err != nil {
		return treePlan{}, err
	}
	if !whole {
		return treePlan{}, noKernel(ref, p.source.Where)
	}
	tree, err := p.store.patched(ctx, ref.ref, p.source.Tree, t.patches)
	if err != nil {
		return treePlan{}, err
	}
	p.name, p.source.Tree, p.source.Options = t.name(p.name), tree, t.options
	for _, patch := range t.patches {
		p.source.Patches = append(p.source.Patches, patch.String())
	}
	return p, nil
}

// planFolder finds the tree of a git: or source: reference.
func (r *Resolver) planFolder(ctx context.Context, ref reference) (treePlan, error) {
	folder, revision := ref.tree.where, "HEAD"
	if ref.tree.kind == treeGit {
		var ok bool
		if folder, revision, ok = splitRevision(ref.tree.where); !ok {
			return treePlan{}, &RefError{ref.ref, noFolder(ref.tree.where)}
		}
	}
	folder, err := resolveFolder(folder)
	if err != nil {
		return treePlan{}, &RefError{ref.ref, err.Error()}
	}
	repo, err := findRepository(ctx, folder)
	switch {
	case errors.Is(err, errNoRepository) && ref.tree.kind == treeGit:
		return treePlan{}, &RefError{ref.ref, fmt.Sprintf("%s: %v; source:PATH takes any folder", folder, err)}
	case err != nil && !errors.Is(err, errNoRepository):
		return treePlan{}, err
	}
	commit, tree, err := "", "", error(nil)
	if repo.common != "" {
		commit, tree, err = repo.treeOf(ctx, folder, revision)
	}
	switch {
	case ctx.Err() != nil:
		return treePlan{}, ctx.Err()
	case err != nil && ref.tree.kind == treeGit:
		problem := fmt.Sprintf("%s has no revision %q%s%s", folder, revision, detail(err), optionHint(revision))
		return treePlan{}, &RefError{ref.ref, problem}
	case err != nil: // a folder that lies in some repository, but is not tracked there
		repo, commit, tree = repository{}, "", ""
	}
	// What is refused leaves nothing in the cache.
	if err := checkFolder(ctx, ref, folder, tree); err != nil {
		return treePlan{}, err
	}
	p, err := r.openTree(ctx, repo, folder)
	if err != nil {
		return treePlan{}, err
	}
	p.source = TreeSource{Where: folder, Commit: commit, Tree: tree}
	if ref.tree.kind == treeGit {
		p.name = fmt.Sprintf("git:%s@%s", folder, commit)
		return p, nil
	}
	p.name = "source:" + folder
	return r.planSnapshot(ctx, p, tree)
}

// openTree opens the store for a folder. All work trees of a repository share one, for the sake of their builds.
func (r *Resolver) openTree(ctx context.Context, repo repository, folder string) (treePlan, error) {
	id := folderID(folder)
	if repo.common != "" {
		id = shortHash("git", repo.common, repo.prefix)
	}
	p := treePlan{lock: "tree-" + id}
	unlock, err := r.cache.lock(ctx, "store-"+id)
	if err != nil {
		return p, err
	}
	defer unlock()
	p.store, err = openTreeStore(ctx, r.cache, filepath.Join(r.cache.dir, "trees", id), repo.objects, repo.format)
	touch(p.store.dir)
	return p, err
}

// folderID names the store of a folder that is in no repository.
func folderID(folder string) string { return shortHash("folder", folder) }

// planSnapshot stores a folder as it lies there. committed is the tree of its commit, "" outside of git.
func (r *Resolver) planSnapshot(ctx context.Context, p treePlan, committed string) (treePlan, error) {
	folder := p.source.Where
	held, err := r.cache.lockFile(ctx, "store-"+filepath.Base(p.store.dir))
	if err != nil {
		return p, err
	}
	defer func() { _ = held.Close() }()
	store := p.store
	store.held = held
	if r.Progress != nil {
		r.Progress(0, 0, "reading "+folder)
	}
	p.source.Tree, err = store.snapshot(ctx, folder, committed)
	p.source.Dirty = committed != "" && p.source.Tree != committed
	return p, r.cache.explain(err)
}

func resolveFolder(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		return "", fmt.Errorf("%s is no folder", path)
	}
	return path, err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
