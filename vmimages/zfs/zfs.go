// Package zfs is the recipe for OpenZFS in a guest: the modules are built for the guest's kernel from Debian's package
// zfs-dkms, without dkms and without root. README.md says how.
//
// OpenZFS is under the CDDL, which many hold to forbid passing it on together with a kernel. So the modules are built on the
// machine of who uses them and stay in its cache; brink holds no part of OpenZFS, and a bundle neither.
package zfs

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"brink/vmimages"
)

// License is that of the modules, by its SPDX name.
const License = "CDDL-1.0"

// Recipe builds spl and zfs; before 2.2 they are nine modules.
func Recipe() vmimages.Recipe {
	return vmimages.Recipe{
		Name: "zfs", Package: "zfs-dkms", License: License, Folder: "usr/src/zfs-*", Fits: fits, Configure: configure,
		Modules: []string{"spl", "znvpair", "zavl", "zunicode", "zzstd", "zlua", "zcommon", "icp", "zfs"},
	}
}

func configure(k vmimages.KernelTree) []string {
	return []string{"--prefix=/usr", "--with-config=kernel", "--with-linux=" + k.Source, "--with-linux-obj=" + k.Objects}
}

// fits reads Linux-Minimum and Linux-Maximum of the file META in the source.
func fits(source string) (oldest, newest string, err error) {
	f, err := os.Open(filepath.Join(source, "META"))
	if err != nil {
		return "", "", err
	}
	defer func() { _ = f.Close() }()
	for s := bufio.NewScanner(f); s.Scan(); {
		key, value, _ := strings.Cut(s.Text(), ":")
		switch strings.TrimSpace(key) {
		case "Linux-Minimum":
			oldest = strings.TrimSpace(value)
		case "Linux-Maximum":
			newest = strings.TrimSpace(value)
		}
	}
	if oldest == "" || newest == "" {
		return "", "", fmt.Errorf("%s names no Linux-Minimum and Linux-Maximum", f.Name())
	}
	return oldest, newest, nil
}
