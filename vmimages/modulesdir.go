package vmimages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// findModules finds lib/modules/RELEASE in or at dir and checks that its modules were built for release.
func findModules(dir, release string) (string, error) {
	for _, at := range []string{filepath.Join(dir, "lib", "modules", release), filepath.Join(dir, release), dir} {
		sample, err := firstModule(at)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("read modules: %w", err)
		}
		if sample == "" {
			continue
		}
		return at, checkModuleRelease(sample, release)
	}
	return "", fmt.Errorf("read modules: no modules for %s in %s; name the folder given to make modules_install, "+
		"or its lib/modules/%s", release, dir, release)
}

// checkModuleRelease compares a module's vermagic with the kernel's release.
func checkModuleRelease(file, release string) error {
	data, err := Module{Path: file}.Read(context.Background())
	if err != nil {
		return err
	}
	const key = "\x00vermagic="
	i := bytes.Index(data, []byte(key))
	if i < 0 {
		return fmt.Errorf("read modules: %s has no vermagic; it is no kernel module", file)
	}
	if got := firstWord(data[i+len(key):]); got != release {
		return fmt.Errorf("read modules: %s is for %s, the kernel is %s; name the modules of this kernel", file, got, release)
	}
	return nil
}

// firstModule returns a module file below dir/kernel, "" if there is none. A lib/modules folder of several kernels has
// no kernel folder and so is not mistaken for one kernel's.
func firstModule(dir string) (string, error) {
	found := ""
	err := filepath.WalkDir(filepath.Join(dir, "kernel"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && isModuleFile(d.Name()) {
			found = path
			return fs.SkipAll
		}
		return err
	})
	return found, err
}

func isModuleFile(name string) bool {
	for _, suffix := range []string{".ko", ".ko.xz", ".ko.zst", ".ko.gz"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}
