package vmimages

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"
)

// sourceCandidate is Debian's package of a kernel's source: linux-source-6.1 and so on. It has what Debian patched, but
// none of Debian's configs.
type sourceCandidate struct {
	Package  string `json:"package"`
	Version  string `json:"version"`
	Upstream string `json:"upstream"`
	RC       bool   `json:"rc,omitempty"`
	Part     Part   `json:"part"`
}

const sourcePrefix = "linux-source-"

// versionsFile says which tree in the store each version is.
const versionsFile = "versions.json"

var sourcePackage = regexp.MustCompile(`^linux-source-[0-9]+\.[0-9]+$`)

// sourcesIn lists the sources of all suites, oldest first.
func sourcesIn(indexes []suiteIndex, parts map[packageKey]Part) []sourceCandidate {
	var all []sourceCandidate
	seen := map[packageKey]bool{}
	for _, index := range indexes {
		for _, s := range index.stanzas {
			key := packageKey{s.pkg, s.version}
			if seen[key] || !sourcePackage.MatchString(s.pkg) {
				continue
			}
			seen[key] = true
			all = append(all, sourceCandidate{
				Package: s.pkg, Version: s.version, Upstream: upstreamOf(s.version), RC: isCandidateRelease(s.version),
				Part: parts[key],
			})
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return compareVersions(all[i].Version, all[j].Version) < 0 })
	return all
}

// chooseSource returns the newest source that what means: "newest", a series or upstream version, a package version.
func (l ladder) chooseSource(ref, what string) (sourceCandidate, error) {
	for _, s := range slices.Backward(l.Sources) {
		switch {
		case s.Version == what || what == "newest" && !s.RC || inSeries(s.Upstream, what) && !s.RC || s.Upstream == what:
			return s, nil
		}
	}
	return sourceCandidate{}, &RefError{ref, fmt.Sprintf("the archive has no source of %s; it has those of %s", what,
		strings.Join(l.newestSources(), ", "))}
}

// newestSources lists the newest source of each series.
func (l ladder) newestSources() []string {
	var versions []string
	series := ""
	for _, s := range l.Sources { // oldest first
		if of := seriesOf(s.Upstream); of == series {
			versions[len(versions)-1] = s.Version
		} else {
			versions, series = append(versions, s.Version), of
		}
	}
	return versions
}

// planDebianTree finds the tree of Debian's source package, fetching it if its tree is not in the store yet. An exact
// version that is there needs no archive.
func (r *Resolver) planDebianTree(ctx context.Context, ref reference) (treePlan, error) {
	if s, ok := r.knownSource(ref.tree.where); ok {
		return r.planSource(ctx, nil, ref, s)
	}
	a, err := r.archive(ctx)
	if err != nil {
		return treePlan{}, err
	}
	l, err := r.ladder(ctx, a)
	if err != nil {
		return treePlan{}, err
	}
	s, err := l.chooseSource(ref.ref, ref.tree.where)
	if err != nil {
		return treePlan{}, err
	}
	return r.planSource(ctx, a, ref, s)
}

// knownSource finds an exact package version whose tree is in the store.
func (r *Resolver) knownSource(version string) (sourceCandidate, bool) {
	s := sourceCandidate{Package: sourcePrefix + seriesOf(upstreamOf(version)), Version: version}
	dir := filepath.Join(r.cache.dir, "trees", folderID(debianFolder(s)))
	return s, knownVersions(dir)[version] != ""
}

// debianFolder stands for a source package where a folder is asked for.
func debianFolder(s sourceCandidate) string { return "debian:" + s.Package }

// knownVersions are the trees of the versions that were unpacked.
func knownVersions(dir string) map[string]string {
	known := map[string]string{}
	if data, err := os.ReadFile(filepath.Join(dir, versionsFile)); err == nil {
		_ = json.Unmarshal(data, &known) // a damaged one costs fetching the package again
	}
	if known == nil {
		known = map[string]string{}
	}
	return known
}

// planSource finds the tree of one source package. The archive may be nil if the store has it.
func (r *Resolver) planSource(ctx context.Context, a archive, ref reference, s sourceCandidate) (treePlan, error) {
	p, err := r.openTree(ctx, repository{}, debianFolder(s))
	if err != nil {
		return treePlan{}, err
	}
	p.name = "source:debian:" + s.Version
	p.source.Where = s.Package + " " + s.Version
	p.source.Tree, err = r.debianTree(ctx, a, p.store, s)
	if errors.Is(err, errGone) {
		err = &RefError{ref.ref, fmt.Sprintf("%s is listed but gone from the archive", p.source.Where)}
	}
	return p, err
}

// debianTree returns the tree of a source package. Each version that was unpacked is noted in versions.json; the
// package and its files are thrown away once the store has them.
func (r *Resolver) debianTree(ctx context.Context, a archive, store treeStore, s sourceCandidate) (string, error) {
	held, err := r.cache.lockFile(ctx, "store-"+filepath.Base(store.dir))
	if err != nil {
		return "", err
	}
	defer func() { _ = held.Close() }()
	store.held = held
	known := knownVersions(store.dir)
	if tree := known[s.Version]; tree != "" {
		return tree, nil
	}
	if a == nil {
		return "", fmt.Errorf("read %s %s: another brink removed it from the cache; try again", s.Package, s.Version)
	}
	if err := r.tools(ctx); err != nil { // said before a long fetch for nothing
		return "", err
	}
	if r.Progress != nil {
		r.Progress(0, 0, fmt.Sprintf("fetching %s, %d MB", s.Package, s.Part.Size/1e6))
	}
	start := time.Now()
	tree, err := unpackSource(ctx, a, store, s)
	if errors.Is(err, errGone) && len(known) == 0 {
		_ = os.RemoveAll(store.dir) // made for nothing
	}
	if err != nil {
		return "", r.cache.explain(fmt.Errorf("unpack %s: %w", s.Package, err))
	}
	took := time.Since(start).Round(time.Second)
	r.log.Info("kernel source unpacked", "package", s.Package, "version", s.Version, "took", took)
	known[s.Version] = tree
	data, err := json.Marshal(known)
	if err != nil {
		return "", fmt.Errorf("note a source's version: %w", err)
	}
	return tree, r.cache.writeFile(filepath.Join(store.dir, versionsFile), append(data, '\n'))
}

// unpackSource stores the tree of a source package, which holds it as usr/src/PACKAGE.tar.xz.
func unpackSource(ctx context.Context, a archive, store treeStore, s sourceCandidate) (string, error) {
	tar, err := hostTool("tar", "tar")
	if err != nil {
		return "", err
	}
	if _, err := hostTool("xz", "xz-utils"); err != nil {
		return "", err
	}
	tmp := filepath.Join(store.dir, "unpacked")
	if err := firstError(os.RemoveAll(tmp), os.MkdirAll(tmp, 0o755)); err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	if err := unpackPart(ctx, a, s.Part, tmp, tmp); err != nil {
		return "", err
	}
	packed := filepath.Join(tmp, "usr", "src", s.Package+".tar.xz")
	if _, err := runTool(ctx, tar, "-C", tmp, "-xf", packed); err != nil {
		return "", err
	}
	folder := filepath.Join(tmp, s.Package)
	defer func() { _ = os.Remove(store.snapshotIndex(folder)) }()
	return store.snapshot(ctx, folder, "")
}
