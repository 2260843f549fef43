package vmimages

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// prepareHeaders makes unpacked header packages usable where they lie, and anywhere their entry is moved to.
func prepareHeaders(root, headers string) error {
	dir := filepath.Join(root, headers)
	makefile := filepath.Join(dir, "Makefile")
	text, err := os.ReadFile(makefile)
	if err != nil {
		return err
	}
	if err := os.WriteFile(makefile, relocatedMakefile(text), 0o644); err != nil {
		return err
	}
	// The kernel's types (BTF). With them each module wants pahole, and without pahole fails; nothing here reads a
	// module's types.
	if err := os.Remove(filepath.Join(dir, "vmlinux")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.RemoveAll(filepath.Join(root, "usr", "share")); err != nil {
		return err
	}
	return wrapTools(root)
}

// relocatedMakefile replaces the fixed place that Debian's Makefile includes the common one from.
func relocatedMakefile(text []byte) []byte {
	const here = "brink_src := $(abspath $(dir $(abspath $(lastword $(MAKEFILE_LIST))))..)\n"
	return append([]byte(here), bytes.ReplaceAll(text, []byte("/usr/src/"), []byte("$(brink_src)/"))...)
}

const programLoader = "ld-linux-x86-64.so.2"

// libraryDirs are where libc6 lies: below usr since trixie.
func libraryDirs() []string {
	return []string{"usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"}
}

// wrapTools puts a shell script in the place of each program of linux-kbuild. They were linked with the C library of
// their own release, which this host may not have, so the script runs them with the one that was fetched along. Note:
// changing the loader's path inside the program does not do; the path may not grow, and not be relative.
func wrapTools(root string) error {
	loader := ""
	for _, dir := range libraryDirs() {
		if _, err := os.Stat(filepath.Join(root, dir, programLoader)); err == nil {
			loader = dir + "/" + programLoader
		}
	}
	if loader == "" {
		return fmt.Errorf("find %s in libc6: none of its usual places exists", programLoader)
	}
	kbuilds, err := filepath.Glob(filepath.Join(root, "usr", "lib", "linux-kbuild-*"))
	if err != nil || len(kbuilds) == 0 {
		return errors.New("find usr/lib/linux-kbuild-* in its package: there is none")
	}
	for _, kbuild := range kbuilds {
		err := filepath.WalkDir(kbuild, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || strings.HasSuffix(path, wrappedSuffix) || !isProgram(path) {
				return err
			}
			return wrapTool(root, path, loader)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// wrappedSuffix marks a program that has a script in its place.
const wrappedSuffix = ".elf"

func wrapTool(root, path, loader string) error {
	if err := os.Rename(path, path+wrappedSuffix); err != nil {
		return err
	}
	up, err := filepath.Rel(filepath.Dir(path), root)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(wrapperScript(filepath.Base(path), up, loader)), 0o755)
}

// wrapperScript runs the program name beside the script; root is the way up from there. The program sees the script's
// own path as its name: modpost and objtool start the variant for the kernel's word size or CPU by it.
func wrapperScript(name, root, loader string) string {
	libraries := make([]string, 0, 2)
	for _, dir := range libraryDirs() {
		libraries = append(libraries, "$root/"+dir)
	}
	return fmt.Sprintf("#!/bin/sh\nhere=${0%%/*}\nroot=$here/%s\n"+
		"exec \"$root/%s\" --library-path \"%s\" --argv0 \"$0\" \"$here/%s%s\" \"$@\"\n",
		root, loader, strings.Join(libraries, ":"), name, wrappedSuffix)
}

// isProgram says whether a file is an ELF program that is linked with libraries.
func isProgram(path string) bool {
	f, err := elf.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return true
		}
	}
	return false
}
