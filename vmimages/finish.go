package vmimages

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// indexFiles are the parts of lib/modules/RELEASE, beside the modules themselves, that brink reads.
func indexFiles() map[string]bool {
	return map[string]bool{
		"modules.dep": true, "modules.softdep": true, "modules.alias": true, "modules.builtin": true,
		"modules.builtin.modinfo": true, "modules.order": true,
	}
}

// finish completes an entry whose image and modules are in place: module dependencies, the uncompressed kernel, the
// hash, and last kernel.json.
func (k *Kernel) finish(ctx context.Context, dir string) error {
	if k.Modules != "" {
		if err := indexModules(ctx, dir, k.Modules, k.Release); err != nil {
			return err
		}
	}
	if k.VMLinux == "" {
		vmlinux := filepath.Join(dir, "vmlinux")
		err := extractVMLinux(ctx, k.Image, vmlinux)
		switch {
		case err == nil:
			k.VMLinux = vmlinux
		case isDiskFull(err) || ctx.Err() != nil:
			return err
		default:
			_ = os.Remove(vmlinux)
			k.VMLinuxWhy = err.Error()
		}
	}
	hash, err := hashKernel(k.Image, k.Modules)
	if err != nil {
		return err
	}
	k.Hash = hash
	return k.save(dir)
}

// indexModules runs depmod, unless there is a modules.dep, and drops the index files that nobody reads.
func indexModules(ctx context.Context, base, modules, release string) error {
	if _, err := os.Stat(filepath.Join(modules, "modules.dep")); errors.Is(err, fs.ErrNotExist) {
		depmod, err := hostTool("depmod", "kmod")
		if err != nil {
			return err
		}
		if _, err := runTool(ctx, depmod, "-b", base, release); err != nil {
			return fmt.Errorf("run depmod for %s: %w", release, err)
		}
	}
	entries, err := os.ReadDir(modules)
	if err != nil {
		return fmt.Errorf("index modules: %w", err)
	}
	keep := indexFiles()
	for _, e := range entries {
		if e.IsDir() || keep[e.Name()] {
			continue
		}
		if err := os.Remove(filepath.Join(modules, e.Name())); err != nil {
			return fmt.Errorf("index modules: %w", err)
		}
	}
	return nil
}

// hashKernel hashes the image and every module with its path. Index files follow from these and do not count, so that
// the hash does not change with the host's depmod.
func hashKernel(image, modules string) (string, error) {
	h := sha256.New()
	if err := hashFile(h, "image", image); err != nil {
		return "", fmt.Errorf("hash kernel: %w", err)
	}
	if modules == "" {
		return fmt.Sprintf("%x", h.Sum(nil)), nil
	}
	// WalkDir goes in lexical order, which makes the hash stable.
	err := filepath.WalkDir(modules, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !strings.Contains(d.Name(), ".ko") {
			return err
		}
		rel, err := filepath.Rel(modules, path)
		if err != nil {
			return err
		}
		return hashFile(h, rel, path)
	})
	if err != nil {
		return "", fmt.Errorf("hash kernel: %w", err)
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

func hashFile(h io.Writer, name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	fmt.Fprintf(h, "%s\x00%d\x00", name, info.Size())
	_, err = io.Copy(h, f)
	return err
}
