package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"brink/internal/bisect"
	"brink/internal/question"
	"brink/internal/scenario"
)

// gitTree is a folder in the user's repository. It is only read.
type gitTree struct{ dir string }

// ask runs git and returns what it prints. The error holds git's own first line. A monitor of the file system
// that the repository has configured is a program of anybody's: it is not started.
func (g gitTree) ask(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", g.dir, "-c", "core.fsmonitor=false"}, args...)...)
	cmd.Env = []string{"GIT_OPTIONAL_LOCKS=0"}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GIT_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("no git on this machine: install the package git")
	}
	if line, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n"); err != nil && line != "" {
		err = errors.New(strings.TrimPrefix(line, "fatal: "))
	}
	return out.String(), err
}

// commit is the full ID of a revision.
func (g gitTree) commit(ctx context.Context, revision string) (string, error) {
	id, err := g.ask(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil {
		return "", fmt.Errorf("%s has no commit %q: `git log` shows what there is", g.dir, revision)
	}
	return strings.TrimSpace(id), nil
}

// files are the content of a commit, or of the part of it that the folder is.
func (g gitTree) files(ctx context.Context, commit string) (map[string][]byte, error) {
	names, err := g.list(ctx, commit, "-r")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, name := range names {
		text, err := g.ask(ctx, "cat-file", "blob", commit+":./"+name)
		if err != nil {
			return nil, fmt.Errorf("read %s of commit %s: %w", name, commit, err)
		}
		files[name] = []byte(text)
	}
	return files, nil
}

func (g gitTree) list(ctx context.Context, commit string, args ...string) ([]string, error) {
	out, err := g.ask(ctx, append(append([]string{"ls-tree", "--name-only", "-z"}, args...), commit)...)
	if err != nil {
		return nil, fmt.Errorf("list the files of commit %s: %w", commit, err)
	}
	return strings.FieldsFunc(out, func(r rune) bool { return r == 0 }), nil
}

// The trees that --git takes.
const (
	kernelTree = "kernel"
	moduleTree = "module"
)

// sort tells what the tree of a commit is.
func (g gitTree) sort(ctx context.Context, commit string, spec scenario.Spec) (string, error) {
	names, err := g.list(ctx, commit)
	if err != nil {
		return "", err
	}
	has := func(name string) bool { return slices.Contains(names, name) }
	if isKernel(names) {
		return kernelTree, nil
	}
	if _, ok := moduleIn(spec.Built, has); ok {
		return moduleTree, nil
	}
	return "", fmt.Errorf("%s is no Linux source tree (Makefile, Kconfig, arch), "+
		"nor the source of a module of scenario %s (Kbuild and its .c file)", g.dir, spec.Name)
}

func isKernel(names []string) bool {
	return slices.Contains(names, "Makefile") && slices.Contains(names, "Kconfig") && slices.Contains(names, "arch")
}

// commits are the candidates of --git.
//
// Note: all of GOOD..BAD is taken, as git bisect does, not only --ancestry-path: most branches of Linux that are merged
// between two releases began before the older one, and the merge would be blamed for each of their commits.
func (c *bisectCmd) commits(ctx context.Context, a *app, spec scenario.Spec, h *question.Head) ([]question.Candidate, error) {
	g := gitTree{c.Git}
	top, err := g.ask(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, usagef("--git %s is no git repository: %w", c.Git, err)
	}
	good, err := g.commit(ctx, c.Good)
	if err != nil {
		return nil, usageError{err}
	}
	bad, err := g.commit(ctx, c.Bad)
	if err != nil {
		return nil, usageError{err}
	}
	if err := c.descends(ctx, g, good, bad); err != nil {
		return nil, usageError{err}
	}
	if h.Source, err = g.sort(ctx, bad, spec); err != nil {
		return nil, usageError{err}
	}
	if h.Source == kernelTree && c.Kernel != "" {
		return nil, usagef("--kernel is for the source of a module; %s is that of a kernel", c.Git)
	}
	h.Repository, h.Ordered = c.Git, true
	if changed, err := g.ask(ctx, "status", "--porcelain", "--untracked-files=no"); err == nil && changed != "" {
		fmt.Fprintf(a.err, "note: %s has changes that are not committed; only commits are tried\n", strings.TrimSpace(top))
	}
	return c.listed(ctx, g, h.Source, good, bad)
}

// descends checks that the older end is an ancestor of the newer one.
func (c *bisectCmd) descends(ctx context.Context, g gitTree, good, bad string) error {
	ancestor := func(a, b string) bool {
		_, err := g.ask(ctx, "merge-base", "--is-ancestor", a, b)
		return err == nil
	}
	switch {
	case good == bad:
		return fmt.Errorf("both ends are commit %s: there is nothing to bisect", good)
	case ancestor(good, bad):
		return nil
	case ancestor(bad, good):
		return fmt.Errorf("the ends are swapped: --bad %s is an ancestor of --good %s; --good names the older one, "+
			"whichever of them fails: `%s`", c.Bad, c.Good, c.turned())
	}
	base, err := g.ask(ctx, "merge-base", good, bad)
	if err != nil {
		return fmt.Errorf("--good %s is no ancestor of --bad %s, and they have none in common", c.Good, c.Bad)
	}
	return fmt.Errorf("--good %s is no ancestor of --bad %s; the last commit that both have is the one to try: --good %s",
		c.Good, c.Bad, strings.TrimSpace(base))
}

// listed are the commits between the two, and these themselves, parents first.
func (c *bisectCmd) listed(ctx context.Context, g gitTree, source, good, bad string) ([]question.Candidate, error) {
	out, err := g.ask(ctx, "rev-list", "--format=%H%x00%P%x00%aI%x00%s", good+".."+bad)
	if err != nil {
		return nil, fmt.Errorf("list the commits from %s to %s: %w", c.Good, c.Bad, err)
	}
	first, err := g.ask(ctx, "rev-list", "--no-walk", "--format=%H%x00%P%x00%aI%x00%s", good)
	if err != nil {
		return nil, fmt.Errorf("read commit %s: %w", c.Good, err)
	}
	known := map[string]question.Candidate{}
	var commits []bisect.Commit
	for i, line := range strings.Split(strings.TrimSpace(first)+"\n"+strings.TrimSpace(out), "\n") {
		f := strings.SplitN(line, "\x00", 4)
		if len(f) < 4 {
			continue // "commit ID"
		}
		known[f[0]] = c.commitCandidate(g, source, f[0], f[2], f[3])
		if i > 1 { // not the good end
			commits = append(commits, bisect.Commit{ID: f[0], Parents: strings.Fields(f[1])})
		}
	}
	graph, ids, err := bisect.Commits(good, bad, commits)
	if err != nil {
		return nil, err
	}
	var cands []question.Candidate
	for i, id := range ids {
		cand := known[id]
		if i > 0 {
			cand.Parents = graph.Parents(i)
		}
		cands = append(cands, cand)
	}
	return cands, nil
}

func (c *bisectCmd) commitCandidate(g gitTree, source, id, date, subject string) question.Candidate {
	cand := question.Candidate{ID: id, Ref: "git:" + g.dir + "@" + id, Subject: subject, Date: date}
	if source == moduleTree {
		cand.Ref, cand.Module = c.moduleKernel(), id
	}
	return cand
}

// moduleKernel is the kernel that the module of --git is loaded into.
func (c *bisectCmd) moduleKernel() string {
	if c.Kernel == "" {
		return defaultKernel
	}
	return c.Kernel
}

// defaultKernel is what a module is loaded into unless told otherwise.
const defaultKernel = "debian:6.12"
