package vmimages

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// kernelFile is the last file written into a kernel's cache entry: with it the entry is whole.
const kernelFile = "kernel.json"

// Kernel is a bootable kernel with its modules. All paths are absolute and lie in the cache.
type Kernel struct {
	// Ref is the reference as it was asked for, e.g. "debian:6.12".
	Ref string `json:"ref"`
	// Name is what Ref resolved to, e.g. "debian:6.12.117+deb13/cloud-amd64". It is itself a reference, and an exact one.
	Name string `json:"name"`
	// Release is what uname -r will say.
	Release string `json:"release"`
	// Image is the bzImage, or the ELF vmlinux where that is all there is.
	Image string `json:"image"`
	// VMLinux is the uncompressed ELF kernel with a PVH entry point; "" if there is none, see VMLinuxWhy.
	VMLinux string `json:"vmlinux"`
	// VMLinuxWhy says why VMLinux is empty.
	VMLinuxWhy string `json:"vmlinux_why,omitempty"`
	// Modules is the folder lib/modules/RELEASE, with modules.dep; "" if the kernel has no modules.
	Modules string `json:"modules"`
	// Config is the kernel's kconfig file; "" if it is not known.
	Config string `json:"config,omitempty"`
	// Package, Version and Suite say where a packaged kernel came from; "" for others.
	Package string `json:"package,omitempty"`
	Version string `json:"version,omitempty"`
	Suite   string `json:"suite,omitempty"`
	// Build is the folder that modules for a kernel that brink built are built with; "" for others.
	Build string `json:"build,omitempty"`
	// Source says what brink built the kernel from; nil for others.
	Source *TreeSource `json:"source,omitempty"`
	// Hash is the hex SHA-256 over the image and the modules.
	Hash string `json:"hash"`
}

// sortKey is the version that orders kernels: the package's where there is one.
func (k Kernel) sortKey() string {
	if k.Version != "" {
		return k.Version
	}
	return k.Release
}

// save writes kernel.json into dir with paths relative to dir, so that a cache can be moved.
func (k Kernel) save(dir string) error {
	k.Ref = k.Name
	for _, p := range k.paths() {
		if *p == "" {
			continue
		}
		rel, err := filepath.Rel(dir, *p)
		if err != nil || strings.HasPrefix(rel, "..") {
			return fmt.Errorf("save kernel: %s lies outside of its cache entry", *p)
		}
		*p = rel
	}
	return writeEntry(dir, kernelFile, "kernel", k)
}

// loadKernel reads the cache entry in dir and checks that its files are still there.
func loadKernel(dir string) (Kernel, error) {
	k, err := readEntry[Kernel](dir, kernelFile, "kernel")
	if err != nil {
		return Kernel{}, err
	}
	for _, p := range k.paths() {
		if *p == "" {
			continue
		}
		*p = filepath.Join(dir, *p)
		if _, err := os.Stat(*p); err != nil {
			return Kernel{}, fmt.Errorf("load kernel: %w; remove %s", err, dir)
		}
	}
	return k, nil
}

// isKernel says whether the cache entry in dir is a whole kernel.
func isKernel(dir string) bool {
	_, err := loadKernel(dir)
	return err == nil
}

func (k *Kernel) paths() []*string {
	return []*string{&k.Image, &k.VMLinux, &k.Modules, &k.Config, &k.Build}
}
