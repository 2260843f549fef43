package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/bisect"
	"brink/internal/question"
	"brink/internal/scenario"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/scenarios/seeded"
	"brink/vmimages"
)

// TestWhyACandidateCannotBeTried: only what is the candidate's own, or the archive's, is on record as never to be tried.
func TestWhyACandidateCannotBeTried(t *testing.T) {
	gone, moved := &vmimages.RefError{Problem: "gone from the archive"}, &vmimages.RefError{Problem: "no such folder"}
	patch := &vmimages.PatchError{RefError: vmimages.RefError{Problem: "patch /x does not apply: it does not fit"}}
	tree, module := &vmimages.TreeBuildError{Problem: "mm/a.c:3: error: x"}, &vmimages.ModuleBuildError{Output: "a.c:1: error: y"}
	missing := &vmimages.MissingModuleError{Module: "wireguard"}
	packaged, listed := question.Head{Ordered: true}, question.Head{}
	commits := question.Head{Ordered: true, Repository: "/src", Source: kernelTree}
	modules := question.Head{Ordered: true, Repository: "/src", Source: moduleTree}
	for i, c := range []struct {
		head     question.Head
		err      error
		unusable bool
	}{
		{packaged, gone, true}, {listed, gone, false}, {commits, moved, false}, {modules, moved, false}, {listed, patch, true},
		{commits, tree, true}, {modules, module, true}, {commits, missing, true}, {modules, missing, false},
	} {
		var unusable unusableError
		var usage usageError
		err := (&bisection{head: c.head}).why(fmt.Errorf("prepare: %w", c.err))
		assert.Equal(t, c.unusable, errors.As(err, &unusable), "case %d: %v", i, err)
		assert.Equal(t, !c.unusable, errors.As(err, &usage), "case %d: %v", i, err)
	}
	b := bisection{head: question.Head{ID: "b"}}
	err := b.conclude(usageError{moved}, false)
	assert.ErrorContains(t, err, "no such folder; once that is mended, `brink bisect --resume b` goes on")
	assert.Equal(t, exitUsage, (&app{err: new(bytes.Buffer)}).code(err))
}

// TestUnfitKernels: a kernel in which the scenario cannot be done is left out, unless it is the only one.
func TestUnfitKernels(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(config, []byte("CONFIG_MEMCG=y\n# CONFIG_MEMCG_V1 is not set\n"), 0o644))
	var asked scenario.Setup
	spec := scenario.Spec{Refuse: func(s scenario.Setup) error {
		if asked = s; s.Config["MEMCG"] == "y" && s.Config["MEMCG_V1"] != "y" {
			return errors.New("no version 1")
		}
		return nil
	}}
	b := &bisection{spec: spec, head: question.Head{Axis: "tasks", Sizes: []int64{1, 2}, Question: &question.Question{Size: 7}}}
	assert.Equal(t, unusableError{"no version 1"}, b.suits(trial.Kernel{Release: "7.2"}, config))
	assert.Equal(t, []any{"tasks", []int64{7}, "7.2"}, []any{asked.Axis, asked.Sizes, asked.Release})
	assert.NoError(t, b.suits(trial.Kernel{}, ""))
	assert.ErrorIs(t, b.suits(trial.Kernel{}, config+"-gone"), os.ErrNotExist)
	b.head.Source = moduleTree
	assert.ErrorAs(t, b.suits(trial.Kernel{}, config), new(usageError))
	b.head.Question = nil
	assert.NoError(t, b.suits(trial.Kernel{}, ""))
	assert.Equal(t, []int64{1, 2}, asked.Sizes)
}

// TestBisectTriesAgain: when a bisection goes on, what was missing may be there.
func TestBisectTriesAgain(t *testing.T) {
	dir := t.TempDir()
	newBisection(t, dir, 12, plantedQuestion)
	h := plantedHistory(6)
	h.unusable = map[int]string{5: "gone from the archive", 6: noBuild + "mm/a.c:3: error: x"}
	out, _, err := bisected(t, t.Context(), dir, h, 1)
	require.ErrorIs(t, err, errFound, out)
	assert.Contains(t, out, "first bad: one of debian:6.5, debian:6.6, debian:6.7,")

	h = plantedHistory(6)
	out, _, err = bisected(t, t.Context(), dir, h, 1)
	require.ErrorIs(t, err, errFound)
	assert.Contains(t, out, "first bad: one of debian:6.6, debian:6.7, which cannot be told apart; last good: debian:6.5\n")
	_, lines, err := store.LoadBisection(filepath.Join(dir, "b"))
	require.NoError(t, err)
	head, _, err := store.LoadBisection(filepath.Join(dir, "b"))
	require.NoError(t, err)
	assert.Equal(t, map[int]string{6: noBuild + "mm/a.c:3: error: x"}, question.Read(head, lines).Unusable)
}

func quietApp(t *testing.T) *app {
	return &app{ctx: t.Context(), err: new(bytes.Buffer), log: slog.New(slog.DiscardHandler), results: t.TempDir()}
}

// TestUnknownKernelsAreRefusedFirst: before there is a folder, which --resume last would take.
func TestUnknownKernelsAreRefusedFirst(t *testing.T) {
	t.Setenv("BRINK_CACHE", t.TempDir())
	dir, _, _ := moduleRepository(t, 2, 99, "")
	for want, c := range map[string]bisectCmd{
		"file:/nonexistent":   {Good: "file:/nonexistent", Bad: "file:/x", Kernels: []string{"source:/x"}},
		"source:/nonexistent": {Good: "source:/nonexistent", Bad: "file:/x", Kernels: []string{"debian:6.1"}},
		"\"nonsense\"":        {Good: "nonsense", Bad: "debian:6.1", Kernels: []string{"debian:6.12"}},
		"\"nothing\"":         {Git: dir, Good: "HEAD~1", Bad: "HEAD", Kernel: "nothing"},
	} {
		a := quietApp(t)
		_, err := c.candidates(a, seeded.Spec(), &question.Head{})
		assert.ErrorContains(t, err, want)
		assert.Equal(t, exitUsage, a.code(err))
	}
}

// TestRepositoryThatWasMoved: the bisection stops, and goes on when the folder is back.
func TestRepositoryThatWasMoved(t *testing.T) {
	dir, ids, _ := moduleRepository(t, 3, 99, "")
	a := quietApp(t)
	head := question.Head{V: trial.Version, ID: "b", Scenario: "seeded", Axis: "entries", Repository: dir, Source: moduleTree, Ordered: true,
		Candidates: []question.Candidate{{ID: ids[0], Ref: defaultKernel, Module: ids[0]}, {ID: ids[2], Ref: defaultKernel, Module: ids[2]}}}
	b := bisection{app: a, spec: seeded.Spec(), head: head}
	require.NoError(t, b.reads())
	require.NoError(t, b.fits(head.Candidates[1]))
	b.head.Source = kernelTree
	require.ErrorAs(t, b.fits(head.Candidates[1]), new(unusableError), "the commit of another project")
	folder, err := store.CreateBisection(a.results, head)
	require.NoError(t, err)
	require.NoError(t, folder.Close())
	require.NoError(t, os.Rename(dir, dir+"-moved"))
	require.ErrorAs(t, b.fits(head.Candidates[1]), new(usageError))
	_, err = (&bisectCmd{Resume: "b", Confidence: 0.95, CacheLimit: "1G"}).open(a)
	require.ErrorContains(t, err, "the repository of the bisection cannot be read")
	assert.Equal(t, exitUsage, a.code(err))
}

// TestGitStartsNoMonitor: core.fsmonitor is a program that git status would run.
func TestGitStartsNoMonitor(t *testing.T) {
	dir, git := repository(t)
	commitFiles(t, dir, git, "one", map[string]string{"a": "x"})
	ran := filepath.Join(t.TempDir(), "ran")
	script := filepath.Join(t.TempDir(), "monitor")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\n: >"+ran+"\n"), 0o755))
	git("config", "core.fsmonitor", script)
	_, err := gitTree{dir}.ask(t.Context(), "status", "--porcelain")
	require.NoError(t, err)
	assert.NoFileExists(t, ran)
	git("status", "--porcelain")
	assert.FileExists(t, ran, "git itself runs it")
}

func TestCommandsToCopy(t *testing.T) {
	seed := uint64(7)
	c := bisectCmd{Scenario: "seeded", Git: "/my src/it's", Good: "v6.12^", Bad: "main~2", Kernel: "debian:6.1", Expect: plantedQuestion,
		Set: map[string]string{"mode": "a b"}, Seed: &seed}
	assert.Equal(t, `brink bisect seeded --git '/my src/it'\''s' --good main~2 --bad 'v6.12^' --kernel debian:6.1 --expect '`+plantedQuestion+
		`' --set 'mode=a b' --seed 7`, c.turned())
	older, newer := vmimages.Kernel{Name: "debian:a/amd64", Version: "6.1-1"}, vmimages.Kernel{Name: "debian:b/amd64", Version: "6.12-1"}
	swapped := bisectCmd{Scenario: "seeded", Good: "b", Bad: "a", Expect: "cost:walk@9>2x"}
	assert.ErrorContains(t, swapped.apart(newer, older), "`brink bisect seeded --good a --bad b --expect 'cost:walk@9>2x'`")

	h := question.Head{Scenario: "seeded", Repository: "/my src", Source: moduleTree, Ordered: true, Seed: 1,
		Candidates: []question.Candidate{{ID: "a", Ref: "debian:6.1"}, {ID: "b", Ref: "debian:6.1"}}}
	q, err := question.Parse("cost:walk@9>20x")
	require.NoError(t, err)
	assert.Equal(t, []string{"the other way round: brink bisect seeded --git '/my src' --good a --bad b --kernel debian:6.1 --expect 'cost:walk@9<0.05x'"},
		nextSteps(h, seeded.Spec(), q, question.Conclusion{Verdict: bisect.Swapped}))
}

func TestASkipWithoutAReason(t *testing.T) {
	var out bytes.Buffer
	result{Apart: []apart{{ID: "a", Answer: bisect.Skip, Runs: 1}}}.listApart(&out, bisect.Skip, "skipped")
	assert.Equal(t, "skipped:\n  a: no reason is on record\n", out.String())
}
