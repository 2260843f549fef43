package main

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"

	"brink/internal/engine"
	"brink/internal/lab"
	"brink/internal/question"
	"brink/internal/trial"
	"brink/vmimages"
)

// local returns what makes the trials of candidates on this machine. A kernel is made ready once, one at a time; each
// trial gets an executor of its own, as several may run.
func (b *bisection) local(candidate int) (engine.Executor, trial.Kernel, error) {
	p, err := b.ready(candidate)
	if err != nil {
		return nil, trial.Kernel{}, err
	}
	if free := memAvailable(); free > 0 && p.vm.MemoryMB > free {
		return nil, trial.Kernel{}, fmt.Errorf("the guest needs %d MiB and this machine has %d MiB available: free some", p.vm.MemoryMB, free)
	}
	return p.local(b.folder.TrialDir, "", false), p.record(), nil
}

// local makes the executor of trials on this machine. The snapshot is the folder for clones, if there are any.
func (p prepared) local(trialDir func(int) (string, error), snapshot string, vmcore bool) *lab.Local {
	return &lab.Local{VM: p.vm, Initramfs: p.initramfs, Release: p.kernel.Release, TrialDir: trialDir, Snapshot: snapshot,
		Limits: lab.DefaultLimits(p.vm), VMCore: vmcore}
}

// kernels are those that are ready.
type kernels struct {
	mu    sync.Mutex
	ready map[int]prepared
	guest *guest
}

// release lets go of a candidate's kernel, so that a cache that is too large can lose it. It is made ready again if it is asked
// once more.
func (k *kernels) release(candidate int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if p, ok := k.ready[candidate]; ok {
		p.cache.Release(p.kernel)
		delete(k.ready, candidate)
	}
}

// ready gets a candidate's kernel and its initramfs.
func (b *bisection) ready(candidate int) (prepared, error) {
	k := &b.kernels
	k.mu.Lock()
	defer k.mu.Unlock()
	if p, ok := k.ready[candidate]; ok {
		return p, nil
	}
	if k.guest == nil {
		g, err := machineOf(b.head.Machine)
		if err != nil {
			return prepared{}, err
		}
		k.guest, k.ready = &g, map[int]prepared{}
	}
	c := b.head.Candidates[candidate]
	if err := b.fits(c); err != nil {
		return prepared{}, err
	}
	sources, err := b.sources(c)
	if err != nil {
		return prepared{}, err
	}
	p, err := b.app.prepareWith(b.spec, c.Ref, *k.guest, sources)
	if err != nil {
		return prepared{}, b.why(err)
	}
	if err := b.suits(p.record(), p.kernel.Config); err != nil {
		return prepared{}, err
	}
	k.ready[candidate] = p
	return p, nil
}

// suits refuses a kernel in which the scenario cannot be done. The one that all commits of a module are loaded into is the user's
// to mend.
func (b *bisection) suits(k trial.Kernel, config string) error {
	why, err := unfit(b.spec, askedOf(b.head, k), config)
	switch {
	case err != nil || why == "":
		return err
	case b.head.Source == moduleTree:
		return usagef("%s", why)
	}
	return unusableError{why}
}

// fits refuses a commit of a kernel's history that holds no kernel.
func (b *bisection) fits(c question.Candidate) error {
	if err := b.reads(); err != nil || b.head.Source != kernelTree {
		return err
	}
	why, err := gitTree{b.head.Repository}.notKernel(b.app.ctx, c.ID)
	if err == nil && why != "" {
		err = unusableError{why}
	}
	return err
}

// sources are those of brink's own modules, with that of the candidate's commit in the place of its own.
func (b *bisection) sources(c question.Candidate) ([]vmimages.ModuleSource, error) {
	sources := moduleSources()
	if c.Module == "" {
		return sources, nil
	}
	tree := gitTree{b.head.Repository}
	files, err := tree.files(b.app.ctx, c.Module)
	if err != nil {
		return nil, err
	}
	return replaced(sources, b.spec.Built, files)
}

// replaced puts files in the place of the module that they are the source of.
func replaced(sources []vmimages.ModuleSource, built []string, files map[string][]byte) ([]vmimages.ModuleSource, error) {
	name, ok := moduleIn(built, func(path string) bool { return files[path] != nil })
	if !ok {
		return nil, unusableError{"no Kbuild with the source of a module that the scenario loads"}
	}
	for i := range sources {
		if sources[i].Name == name {
			sources[i].Files = files
		}
	}
	return sources, nil
}

// moduleIn is the one of brink's modules whose source a tree holds.
func moduleIn(built []string, has func(path string) bool) (name string, ok bool) {
	for _, name := range built {
		if has("Kbuild") && has(name+".c") {
			return name, true
		}
	}
	return "", false
}

// why tells what is the kernel's own fault, or the archive's, from what would fail with any kernel, or what the user can
// mend: a reference, a folder that was moved, and the one kernel that all commits of a module are loaded into.
func (b *bisection) why(err error) error {
	why, ok := notUsable(err)
	var ref *vmimages.RefError
	var module *vmimages.ModuleBuildError
	switch {
	case !ok && errors.As(err, &ref):
		if b.head.Ordered && b.head.Repository == "" { // listed by the archive: it may be gone from there since
			return unusableError{ref.Problem}
		}
		return usageError{err}
	case !ok:
		return err
	case b.head.Source == moduleTree && !errors.As(err, &module):
		return usageError{err}
	}
	return unusableError{why}
}

// notUsable is one line on a kernel that cannot be tried for a reason of its own.
func notUsable(err error) (string, bool) {
	var tree *vmimages.TreeBuildError
	var module *vmimages.ModuleBuildError
	var patch *vmimages.PatchError
	var missing *vmimages.MissingModuleError
	var headers *vmimages.MissingHeadersError
	switch {
	case errors.As(err, &tree):
		return noBuild + tree.Problem, true
	case errors.As(err, &module):
		return noBuild + firstCompilerError(module.Output), true
	case errors.As(err, &patch):
		return patch.Problem, true
	case errors.As(err, &missing):
		return missing.Error(), true
	case errors.As(err, &headers):
		return headers.Error(), true
	}
	return "", false
}

// compilerError is a line of gcc's; the folder that a module is built in says nothing.
var compilerError = regexp.MustCompile(`(?m)^(?:/\S*/source/)?(.*\berror: .*)$`)

// firstCompilerError picks the line that says what is wrong out of what make wrote.
func firstCompilerError(output string) string {
	if m := compilerError.FindStringSubmatch(output); m != nil {
		return strings.TrimSpace(m[1])
	}
	first, _, _ := strings.Cut(strings.TrimSpace(output), "\n")
	return first
}

// trim removes what was not used for long from a cache that has grown too large.
func (b *bisection) trim() error {
	if b.keep {
		return nil
	}
	cache, err := vmimages.OpenCache("")
	if err != nil {
		return err
	}
	t, err := cache.Trim(b.cacheLimit)
	if len(t.Removed) > 0 {
		fmt.Fprintf(b.app.err, "cache: %d entries removed, %d MiB left\n", len(t.Removed), t.After>>20)
	}
	return err
}

// buildSteps says how far a kernel's build is, now and then.
type buildSteps struct {
	w    io.Writer
	ref  string
	last time.Time
}

// buildPause is how long it is silent between two lines.
const buildPause = 15 * time.Second

func (s *buildSteps) say(done, total int, what string) {
	if time.Since(s.last) < buildPause {
		return
	}
	s.last = time.Now()
	if total == 0 {
		fmt.Fprintf(s.w, "%s: %s\n", s.ref, what)
		return
	}
	fmt.Fprintf(s.w, "building %s: %d of about %d steps, %s\n", s.ref, done, total, what)
}
