package vmimages

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// TreeSource says what a kernel was built from.
type TreeSource struct {
	// Where is the folder, or the Debian package with its version.
	Where string `json:"where"`
	// Commit is the full id of the commit; of a folder, the one that is checked out. "" outside of git.
	Commit string `json:"commit,omitempty"`
	// Tree is git's id of the tree that was built, with uncommitted changes and patches.
	Tree string `json:"tree"`
	// Dirty says that the folder differed from Commit. Patches do not count.
	Dirty bool `json:"dirty,omitempty"`
	// Patches are the patch files in the order in which they were applied; ",reverse" marks those taken out.
	Patches []string `json:"patches,omitempty"`
	// Options are the optional config fragments.
	Options []string `json:"options,omitempty"`
	// Compiler is the first line of gcc --version.
	Compiler string `json:"compiler"`
}

// treeFormat changes whenever the same tree and config would make another kernel.
const treeFormat = 1

// resolveTree returns the kernel of a source tree, building it if the same tree was not built before with the same
// config and compiler, from wherever it came.
func (r *Resolver) resolveTree(ctx context.Context, ref reference) (Kernel, error) {
	config, err := readFragments(slices.Concat(treeFragments(), ref.tree.options))
	if err != nil {
		return Kernel{}, err
	}
	plan, err := r.planTree(ctx, ref)
	if err != nil {
		return Kernel{}, err
	}
	cc, err := findCompiler(ctx)
	if err != nil {
		return Kernel{}, err
	}
	plan.source.Compiler, _, _ = strings.Cut(cc.version, "\n")
	setup := shortHash(fmt.Sprint(treeFormat), configText(config), cc.version)
	final := r.cache.kernelDir("built-" + shortHash(plan.source.Tree, setup))
	b := treeBuild{
		store: plan.store, tree: plan.source.Tree, config: config, cc: cc, name: plan.name, tell: r.Progress,
		dir: filepath.Join(plan.store.dir, "build-"+setup),
	}
	if !isKernel(final) {
		if err := r.tools(ctx); err != nil {
			return Kernel{}, err
		}
		if err := r.buildTree(ctx, plan, b, final); err != nil {
			return Kernel{}, err
		}
	}
	k, err := loadKernel(final)
	k.Name, k.Source = plan.name, &plan.source // the same content may have come from elsewhere before
	return k, err
}

// buildTree builds and publishes the kernel final. The store's lock is held meanwhile: its checkout serves one build
// at a time.
func (r *Resolver) buildTree(ctx context.Context, plan treePlan, b treeBuild, final string) error {
	held, err := r.cache.lockFile(ctx, plan.lock)
	if err != nil {
		return err
	}
	defer func() { _ = held.Close() }()
	b.store.held = held
	touch(b.dir)
	r.log.Info("building kernel", "kernel", plan.name, "log", b.log())
	start := time.Now()
	err = r.cache.publish(ctx, final, isKernel, func(dir string) error {
		if err := b.run(ctx); err != nil {
			return err
		}
		k := Kernel{Name: plan.name, Source: &plan.source}
		if err := k.install(ctx, b, dir); err != nil {
			return fmt.Errorf("install kernel: %w", err)
		}
		return k.finish(ctx, dir)
	})
	if err != nil {
		return err
	}
	r.log.Info("kernel built", "kernel", plan.name, "took", time.Since(start).Round(time.Millisecond))
	return nil
}

// install copies what was built into the entry dir: the image, the modules, the config, and what brink's own modules
// are built with.
func (k *Kernel) install(ctx context.Context, b treeBuild, dir string) error {
	k.Image = filepath.Join(dir, "vmlinuz")
	if err := copyFile(k.Image, filepath.Join(b.dir, "arch", "x86", "boot", "bzImage")); err != nil {
		return err
	}
	var err error
	if k.Release, _, err = identifyKernel(k.Image); err != nil {
		return err
	}
	b.tell = nil
	stage := filepath.Join(dir, "stage")
	install := []string{"INSTALL_MOD_PATH=" + stage, "INSTALL_MOD_STRIP=1", "DEPMOD=true", "modules_install"}
	if _, err = b.make(ctx, 0, install...); err != nil {
		return err
	}
	k.Modules = filepath.Join(dir, "lib", "modules", k.Release)
	k.Config = filepath.Join(dir, "config")
	k.Build = filepath.Join(dir, "build")
	return firstError(
		copyModules(ctx, k.Modules, filepath.Join(stage, "lib", "modules", k.Release)),
		os.RemoveAll(stage),
		copyFile(k.Config, filepath.Join(b.dir, ".config")),
		copyBuildFolder(ctx, k.Build, b.store.src(), b.dir),
	)
}
