package vmimages

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// findPatches makes the patches' paths whole, and checks that they are files.
func (t *treeRef) findPatches() error {
	for i := range t.patches {
		file, err := filepath.Abs(t.patches[i].file)
		if err != nil {
			return err
		}
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		if info.IsDir() {
			return fmt.Errorf("%s is a folder, not a patch", file)
		}
		t.patches[i].file = file
	}
	return nil
}

// treeFiles are what a Linux source tree has.
func treeFiles() []string { return []string{"Makefile", "Kconfig", "arch/x86/Makefile"} }

func noKernel(ref reference, where string) error {
	return &RefError{ref.ref, where + " is no Linux source tree: it lacks Makefile, Kconfig or arch/x86"}
}

// checkFolder refuses what no kernel can be built from. tree is that of the commit that is meant, or that is checked out
// in the folder; "" outside of git.
func checkFolder(ctx context.Context, ref reference, folder, tree string) error {
	if ref.tree.kind == treeGit {
		args := append([]string{"ls-tree", "--full-tree", "--name-only", tree, "--"}, treeFiles()...)
		out, err := askGit(ctx, folder, args...)
		if err != nil {
			return fmt.Errorf("read the git repository of %s: %w", folder, err)
		}
		if len(strings.Fields(out)) != len(treeFiles()) {
			return noKernel(ref, folder)
		}
		return nil
	}
	for _, file := range treeFiles() {
		if !exists(filepath.Join(folder, file)) {
			return noKernel(ref, folder)
		}
	}
	if tree == "" && exists(filepath.Join(folder, "include", "config")) {
		problem := fmt.Sprintf("a kernel was built inside of %s; run make mrproper there, or in a copy", folder)
		return &RefError{ref.ref, problem}
	}
	return nil
}

// noFolder says what is wrong with a PATH@REV whose path is no folder.
func noFolder(where string) string {
	path, _, _ := strings.Cut(where, "@")
	return fmt.Sprintf("no folder %q before the @; use git:PATH@REV", path)
}

// detail is what git adds on a revision that it does not take. What it says of most is no more than that.
func detail(err error) string {
	if strings.Contains(err.Error(), "Needed a single revision") {
		return ""
	}
	return ": " + err.Error()
}

// optionHint helps with a misspelt option, which is taken for a part of the revision.
func optionHint(revision string) string {
	if !strings.Contains(revision, ",") {
		return ""
	}
	return "; the options are " + strings.Join(TreeOptions(), ", ")
}
