package vmimages

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// DefaultMaxAge is how old the list of Debian's kernels may grow before it is fetched again.
const DefaultMaxAge = 6 * time.Hour

// Resolver turns kernel references into cached kernels, fetching what is missing. It may be used by several goroutines.
type Resolver struct {
	// MaxAge is the age at which the list of Debian's kernels is fetched anew; 0 does so on every call.
	MaxAge time.Duration
	// Progress, if set, hears how far a kernel's build is: done of about total steps, 0 of 0 where there is nothing to
	// count, and what is worked on. It is called from the goroutine of make's output and must be quick.
	Progress func(done, total int, what string)

	cache *Cache
	log   *slog.Logger
	// tools checks that the host can build kernels.
	tools func(ctx context.Context) error
	now   func() time.Time
	open  func(ctx context.Context) (archive, error)

	mu     sync.Mutex
	opened archive
}

// archive is where packages come from.
type archive interface {
	// root is the folder that the ladder is kept in.
	root() string
	// update fetches the package indexes; complete is false if some could not be refreshed.
	update(ctx context.Context) (indexes []suiteIndex, complete bool, err error)
	// fetch downloads one verified package file; errGone if the archive no longer has it.
	fetch(ctx context.Context, p Part, path string) error
}

// NewResolver makes a resolver over cache. Everything worth a word (a suite skipped, a kernel fetched) goes to log.
func NewResolver(cache *Cache, log *slog.Logger) *Resolver {
	r := &Resolver{MaxAge: DefaultMaxAge, cache: cache, log: log, tools: checkBuildTools, now: time.Now}
	r.open = func(ctx context.Context) (archive, error) {
		m, err := findMirrors(ctx)
		if err != nil {
			return nil, err
		}
		return openAptRoot(cache, m, log)
	}
	return r
}

// Resolve returns the kernel that ref names, fetching or importing it when it is not cached. A cached kernel that is
// named exactly needs no network. The error is a *RefError if ref is wrong, and a
// *PatchError, which is one, if a patch of it does not apply.
//
//	debian:6.12             newest package of that series (or 6.12.117, or a package version), any suite
//	debian:bookworm         what that suite's linux-image-* meta package stands for, with its security suite
//	debian:6.12.117+deb12   exactly this ABI
//	debian:newest           newest that is no release candidate
//	…/amd64, …/cloud-amd64  the flavour; cloud-amd64 if not given
//	file:PATH[,modules=DIR] a bzImage or ELF vmlinux; DIR is its lib/modules/RELEASE, or what it was installed to
//	git:PATH@REV            built from that commit; nothing is written to the repository
//	source:PATH             built from a folder as it lies there; nothing is written to it
//	source:debian:6.12      built from Debian's linux-source package (a series, a version, or newest)
//	patch:BASE,FILE         built from a git:, source: or patch: with a patch applied; ,reverse takes it out
//	…,kasan,lockdep         of a built kernel: the optional config fragments, see TreeOptions
//
// A tree that does not build is a *TreeBuildError, what the host lacks for it a *MissingPackagesError.
func (r *Resolver) Resolve(ctx context.Context, ref string) (Kernel, error) {
	parsed, err := parseRef(ref)
	if err != nil {
		return Kernel{}, err
	}
	var k Kernel
	switch {
	case parsed.tree != nil:
		k, err = r.resolveTree(ctx, parsed)
	case parsed.file != "":
		k, err = r.importFile(ctx, parsed)
	default:
		k, err = r.resolveDebian(ctx, parsed)
	}
	if err != nil {
		return Kernel{}, err
	}
	k.Ref = ref
	r.cache.use(filepath.Dir(k.Image), filepath.Dir(k.Image))
	return k, nil
}

// Available lists the kernels that the archive offers, oldest version first, release candidates included.
func (r *Resolver) Available(ctx context.Context) ([]Candidate, error) {
	a, err := r.archive(ctx)
	if err != nil {
		return nil, err
	}
	l, err := r.ladder(ctx, a)
	return l.Kernels, err
}

// archive opens the archive at its first use, so that a host without apt can still use files and cached kernels.
func (r *Resolver) archive(ctx context.Context) (archive, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.opened != nil {
		return r.opened, nil
	}
	a, err := r.open(ctx)
	if err == nil {
		r.opened = a
	}
	return a, err
}

func (r *Resolver) resolveDebian(ctx context.Context, ref reference) (Kernel, error) {
	cached, err := r.cache.Kernels()
	if err != nil {
		return Kernel{}, err
	}
	if k, ok := exactIn(cached, ref); ok {
		return k, nil
	}
	a, err := r.archive(ctx)
	if err != nil {
		return Kernel{}, err
	}
	l, err := r.ladder(ctx, a)
	if err != nil {
		return Kernel{}, err
	}
	candidates, err := l.choose(ref)
	if err != nil {
		return Kernel{}, err
	}
	return r.firstFetched(ctx, a, ref, candidates)
}

// firstFetched gets the first candidate that the archive still has.
func (r *Resolver) firstFetched(ctx context.Context, a archive, ref reference, candidates []Candidate) (Kernel, error) {
	for _, c := range candidates {
		k, err := r.cache.debianKernel(ctx, a, c, r.log)
		if errors.Is(err, errGone) {
			r.log.Warn("kernel skipped", "kernel", c.Name, "version", c.Version, "why", err.Error())
			continue
		}
		return k, err
	}
	return Kernel{}, &RefError{ref.ref, fmt.Sprintf("%s is listed but gone from the archive; "+
		"choose another from brink kernels --available", candidates[0].Name)}
}

// ladder returns the archive's kernels, from the cache when it is young enough. A failed refresh falls back to an old
// ladder, with a word.
func (r *Resolver) ladder(ctx context.Context, a archive) (ladder, error) {
	path := filepath.Join(a.root(), "ladder.json")
	if l, err := readLadder(path); err == nil && r.fresh(l) {
		return l, nil
	}
	unlock, err := r.cache.lock(ctx, "apt-"+filepath.Base(a.root()))
	if err != nil {
		return ladder{}, err
	}
	defer unlock()
	old, oldErr := readLadder(path)
	if oldErr == nil && r.fresh(old) {
		return old, nil
	}
	start := r.now()
	indexes, complete, err := a.update(ctx)
	if err != nil {
		if oldErr == nil && ctx.Err() == nil {
			r.log.Warn("using an old list of kernels", "updated", old.Updated, "why", err.Error())
			return old, nil
		}
		return ladder{}, r.cache.explain(err)
	}
	l := buildLadder(indexes)
	if complete {
		l.Updated = start
	}
	r.log.Info("kernel lists updated", "kernels", len(l.Kernels), "suites", len(l.Suites), "took", r.now().Sub(start))
	return l, r.writeLadder(path, l)
}

// fresh says whether a ladder is young enough. One from the future (a clock that was set back) is not.
func (r *Resolver) fresh(l ladder) bool {
	age := r.now().Sub(l.Updated)
	return age >= 0 && age < r.MaxAge
}

func readLadder(path string) (ladder, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return ladder{}, fmt.Errorf("read kernel list: %w", err)
	}
	var l ladder
	if err := json.Unmarshal(data, &l); err != nil {
		return ladder{}, fmt.Errorf("read kernel list: %w", err)
	}
	if l.Format != ladderFormat {
		return ladder{}, fmt.Errorf("read kernel list: format %d, want %d", l.Format, ladderFormat)
	}
	return l, nil
}

func (r *Resolver) writeLadder(path string, l ladder) error {
	data, err := json.MarshalIndent(l, "", "\t")
	if err != nil {
		return fmt.Errorf("write kernel list: %w", err)
	}
	return r.cache.writeFile(path, append(data, '\n'))
}
