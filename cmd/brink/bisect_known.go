package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"brink/internal/question"
	"brink/vmimages"
)

// known makes sure, before anything is kept, that references mean something: a typing error is not found after an hour
// then. A kernel that is to be built is not: of it only what can be seen without a build is checked.
func (a *app) known(refs ...string) error {
	cache, err := vmimages.OpenCache("")
	if err != nil {
		return err
	}
	resolver := vmimages.NewResolver(cache, a.log)
	for _, ref := range refs {
		if !isPlainKernel(ref) {
			if err := readable(a.ctx, resolver, ref); err != nil {
				return err
			}
			continue
		}
		slow := time.AfterFunc(time.Second, func() { fmt.Fprintf(a.err, "fetching kernel %s\n", ref) })
		_, err := resolver.Resolve(a.ctx, ref)
		slow.Stop()
		if err != nil {
			return err
		}
	}
	return nil
}

// knownAll checks the kernels of a list. One in the middle that the archive lacks may be skipped, an end may not.
func (a *app) knownAll(cands []question.Candidate) error {
	for i, c := range cands {
		if middle := i > 0 && i < len(cands)-1; middle && isPlainKernel(c.Ref) {
			continue
		}
		if err := a.known(c.Ref); err != nil {
			return err
		}
	}
	return nil
}

// isPlainKernel reports whether a reference is of a kernel that is there, and need not be built.
func isPlainKernel(ref string) bool {
	return strings.HasPrefix(ref, "debian:") || strings.HasPrefix(ref, "file:")
}

// readable checks a reference's form, and that its folder is there: what the resolver does before it asks its context,
// which is over already.
func readable(ctx context.Context, resolver *vmimages.Resolver, ref string) error {
	over, cancel := context.WithCancel(ctx)
	cancel()
	_, err := resolver.Resolve(over, ref)
	if problem := (*vmimages.RefError)(nil); errors.As(err, &problem) {
		return problem
	}
	return nil
}

// reads makes sure that the commits of the bisection can still be read.
func (b *bisection) reads() error {
	if b.head.Repository == "" {
		return nil
	}
	tree := gitTree{b.head.Repository}
	for _, end := range []int{b.older(), b.newer()} {
		if _, err := tree.commit(b.app.ctx, b.head.Candidates[end].ID); err != nil && b.app.ctx.Err() == nil {
			return usagef("the repository of the bisection cannot be read: %w", err)
		}
	}
	return nil
}

// noBuild begins the reason of what does not build. It is the one that is the same at every try.
const noBuild = "does not build: "

// retried leaves out of a record what could not be tried for reasons that may be gone by now.
func retried(lines []question.Line) (kept []question.Line) {
	for _, l := range lines {
		if l.Type != question.EventUnusable || strings.HasPrefix(l.Text, noBuild) {
			kept = append(kept, l)
		}
	}
	return kept
}

// notKernel is why a commit is no kernel, "" if it is one: the histories of other projects were merged into Linux.
func (g gitTree) notKernel(ctx context.Context, commit string) (string, error) {
	names, err := g.list(ctx, commit)
	if err != nil || isKernel(names) {
		return "", err
	}
	return "no Linux source tree (Makefile, Kconfig, arch)", nil
}
