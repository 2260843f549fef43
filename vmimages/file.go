package vmimages

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// importFile copies a local kernel and its modules into the cache. The copy is private and found by content: a build
// tree may change while the kernel is in use.
func (r *Resolver) importFile(ctx context.Context, ref reference) (Kernel, error) {
	image, err := filepath.Abs(ref.file)
	if err != nil {
		return Kernel{}, &RefError{ref.ref, err.Error()}
	}
	release, isELF, err := identifyKernel(image)
	if err != nil {
		return Kernel{}, &RefError{ref.ref, err.Error()}
	}
	name, modules := "file:"+image, "" // the same from any folder
	if ref.modules != "" {
		if modules, err = filepath.Abs(ref.modules); err == nil {
			modules, err = findModules(modules, release)
		}
		if err != nil {
			return Kernel{}, &RefError{ref.ref, err.Error()}
		}
		name += ",modules=" + modules
	}
	hash, err := hashKernel(image, modules)
	if err != nil {
		return Kernel{}, err
	}
	final := r.cache.kernelDir("file-" + hash[:32])
	if k, err := loadKernel(final); err == nil {
		k.Name = name
		return k, nil
	}
	start := time.Now()
	err = r.cache.publish(ctx, final, isKernel, func(dir string) error {
		k := Kernel{Name: name, Release: release}
		if err := k.copyIn(ctx, dir, image, modules, isELF); err != nil {
			return fmt.Errorf("import kernel: %w", err)
		}
		return k.finish(ctx, dir)
	})
	if err != nil {
		return Kernel{}, err
	}
	r.log.Info("kernel imported", "kernel", ref.ref, "release", release, "took", time.Since(start).Round(time.Millisecond))
	k, err := loadKernel(final)
	if err == nil && k.Hash != hash {
		_ = os.RemoveAll(final)
		return Kernel{}, fmt.Errorf("import kernel: %s changed while it was read; try again", image)
	}
	return k, err
}

func (k *Kernel) copyIn(ctx context.Context, dir, image, modules string, isELF bool) error {
	k.Image = filepath.Join(dir, "vmlinuz")
	if isELF {
		k.Image = filepath.Join(dir, "vmlinux")
		if err := checkPVH(image); err != nil {
			return err
		}
		k.VMLinux = k.Image
	}
	if err := copyFile(k.Image, image); err != nil {
		return err
	}
	if modules == "" {
		return nil
	}
	k.Modules = filepath.Join(dir, "lib", "modules", k.Release)
	return copyModules(ctx, k.Modules, modules)
}

// copyModules copies the modules and the index files that are not made anew.
func copyModules(ctx context.Context, dst, src string) error {
	keep := indexFiles()
	return filepath.WalkDir(src, func(path string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || !d.Type().IsRegular() || !isModuleFile(d.Name()) && !keep[d.Name()] {
			return err
		}
		rel, err := filepath.Rel(src, path)
		if err != nil {
			return err
		}
		to := filepath.Join(dst, rel)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return copyFile(to, path)
	})
}

func copyFile(dst, src string) error {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(dst, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return firstError(err, out.Close())
}
