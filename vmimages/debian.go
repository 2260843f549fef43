package vmimages

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// debianKernel returns the cached kernel for c, fetching and unpacking its packages if there is none.
func (c *Cache) debianKernel(ctx context.Context, a archive, cand Candidate, log *slog.Logger) (Kernel, error) {
	final := c.kernelDir(cand.Package + "_" + cand.Version)
	if k, err := loadKernel(final); err == nil {
		return k, nil
	}
	start := time.Now()
	err := c.publish(ctx, final, isKernel, func(dir string) error {
		root := filepath.Join(dir, "root")
		for _, p := range cand.Parts {
			if err := unpackPart(ctx, a, p, dir, root); err != nil {
				return err
			}
		}
		k := Kernel{
			Name: cand.Name, Release: cand.Release, Package: cand.Package, Version: cand.Version, Suite: cand.Suites[0],
		}
		if err := k.adopt(root, dir); err != nil {
			return fmt.Errorf("read %s %s: %w", cand.Package, cand.Version, err)
		}
		return k.finish(ctx, dir)
	})
	if err != nil {
		return Kernel{}, err
	}
	took := time.Since(start).Round(time.Millisecond)
	log.Info("kernel fetched", "kernel", cand.Name, "version", cand.Version, "took", took)
	return loadKernel(final)
}

// unpackPart fetches one package file, unpacks it over root and throws the file away.
func unpackPart(ctx context.Context, a archive, p Part, dir, root string) error {
	dpkgDeb, err := hostTool("dpkg-deb", "dpkg")
	if err != nil {
		return err
	}
	deb := filepath.Join(dir, "part.deb")
	if err := a.fetch(ctx, p, deb); err != nil {
		return err
	}
	if _, err := runTool(ctx, dpkgDeb, "-x", deb, root); err != nil {
		return fmt.Errorf("unpack %s: %w", p.Package, err)
	}
	if err := os.Remove(deb); err != nil {
		return fmt.Errorf("unpack %s: %w", p.Package, err)
	}
	return nil
}

// adopt moves what is needed from an unpacked package into the entry and drops the rest. Up to 6.18 the image lies in
// /boot and the modules in /lib/modules; later all is in /usr/lib/modules/RELEASE.
func (k *Kernel) adopt(root, dir string) error {
	modules := filepath.Join(dir, "lib", "modules", k.Release)
	if err := os.MkdirAll(filepath.Dir(modules), 0o755); err != nil {
		return err
	}
	old := filepath.Join(root, "lib", "modules", k.Release)
	merged := filepath.Join(root, "usr", "lib", "modules", k.Release)
	if err := firstMoved(modules, old, merged); err != nil {
		return err
	}
	k.Modules = modules
	boot := filepath.Join(root, "boot")
	k.Image = filepath.Join(dir, "vmlinuz")
	err := firstMoved(k.Image, filepath.Join(boot, "vmlinuz-"+k.Release), filepath.Join(modules, "vmlinuz"))
	if err != nil {
		return err
	}
	k.Config = filepath.Join(dir, "config")
	err = firstMoved(k.Config, filepath.Join(boot, "config-"+k.Release), filepath.Join(modules, "config"))
	if err != nil {
		k.Config = ""
	}
	return os.RemoveAll(root)
}

// firstMoved renames the first of the sources that exists to dst.
func firstMoved(dst string, sources ...string) error {
	for _, src := range sources {
		err := os.Rename(src, dst)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return fmt.Errorf("find %s in package: none of its usual places exists", filepath.Base(dst))
}

func (a *aptRoot) root() string { return a.dir }
