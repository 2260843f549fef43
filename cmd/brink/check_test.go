package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/question"
	"brink/internal/trial"
	"brink/scenarios/seeded"
	"brink/vmimages"
)

// checked asks a kernel that needs no VM, and returns the exit code and what was printed.
func checked(t *testing.T, h *history, candidate, repeat int, text string) (code int, out, errs string) {
	t.Helper()
	q, err := question.Parse(text)
	require.NoError(t, err)
	var o, e bytes.Buffer
	a := &app{ctx: t.Context(), out: &o, err: &e, log: slog.New(slog.DiscardHandler)}
	executor, kernel, err := h.executor(candidate)
	require.NoError(t, err)
	k := &inquiry{spec: seeded.Spec(), repeat: repeat, executor: executor, kernel: kernel, head: question.Head{V: trial.Version, ID: "check",
		Scenario: "seeded", Axis: "entries", Seed: 1, Question: &q, Machine: trial.Machine{Accel: "tcg", Clock: trial.ClockICount}}}
	code = a.code(forGit(a, k.run(a)))
	return code, o.String(), e.String()
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name      string
		h         *history
		candidate int
		question  string
		repeat    int
		code      int
		want      string
		trials    int
	}{
		{"good", plantedHistory(4), 3, plantedQuestion, 3, 0, "good: v3, " + plantedQuestion + ": everything is done, and it does not show (3 of 3 VMs)\n", 3},
		{"bad", plantedHistory(4), 4, plantedQuestion, 3, 1, "bad: v4, " + plantedQuestion + ": planted (during walk) (in VM 1)\n", 1},
		{"fixed", plantedHistory(4), 3, "fixed:" + plantedQuestion, 2, 1, "bad: v3, ", 2},
		{"not fixed", plantedHistory(4), 4, "fixed:" + plantedQuestion, 2, 0, "good: v4, ", 1},
		{"unrelated", plantedHistory(4), 4, "signature:oops:elsewhere:mm@40000", 1, 125, "skip: signature:oops:elsewhere:mm@40000: panic:seeded_panic:seeded\n", 4},
		{"lost", &history{first: 4, p: 1, faults: map[int]bool{3: true}}, 3, plantedQuestion, 1, 125, "no hello from the agent", 4},
		{"dear", &history{first: -1, walk: map[int]int64{0: 100}}, 0, "cost:walk@40000>1ms", 1, 1, "walk takes 4.00 ms", 1},
		{"cheap", &history{first: -1, walk: map[int]int64{0: 100}}, 0, "cost:walk@40000>5ms", 1, 0, "walk takes 4.00 ms", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := checked(t, c.h, c.candidate, c.repeat, c.question)
			assert.Equal(t, c.code, code)
			assert.Contains(t, out, c.want)
			assert.Empty(t, errs)
			assert.Len(t, c.h.trials, c.trials)
		})
	}
}

// TestCheckSpeaksToGit: git bisect run takes every code from 1 to 127 for bad, except 125.
func TestCheckSpeaksToGit(t *testing.T) {
	for _, args := range [][]string{
		{"check"}, {"check", "seeded"}, {"check", "nonsense", "--expect", plantedQuestion}, {"check", "seeded", "--expect", "nonsense"},
		{"check", "seeded", "--expect", "fails:delete@5"}, {"check", "seeded", "--expect", "cost:walk@5>2x"}, {"check", "seeded", "--colour"},
		{"check", "seeded", "--expect", plantedQuestion, "--repeat", "2", "--confidence", "0.9"},
		{"check", "seeded", "--expect", plantedQuestion, "--repeat=-1"}, {"check", "seeded", "--expect", plantedQuestion, "--set", "mode=odd"},
		{"check", "seeded", "--expect", plantedQuestion, "--rare", "0", "--confidence", "0.9"},
		{"check", "promisc", "--axis", "pps", "--expect", "fails:ageing@1000"},
		{"check", "cgroup-oom", "--expect", "fails:any@100", "--set", "variant=oom-disable", "--set", "cgroup=2"},
	} {
		code, out, errs := cmdline(t, args...)
		assert.Equal(t, exitCheckUsage, code, "%v: %s", args, errs)
		assert.Empty(t, out)
		assert.NotEmpty(t, errs)
	}
	codeOf := func(err error) int {
		a := &app{out: new(bytes.Buffer), err: new(bytes.Buffer)}
		return a.code(forGit(a, err))
	}
	assert.Equal(t, 0, codeOf(nil))
	assert.Equal(t, 1, codeOf(errFound))
	assert.Equal(t, 125, codeOf(&vmimages.TreeBuildError{Problem: "mm/a.c:3: error: x"}))
	assert.Equal(t, 125, codeOf(&vmimages.ModuleBuildError{Output: "make: x\nseeded.c:1:1: error: y\n"}))
	assert.Equal(t, 125, codeOf(&vmimages.MissingModuleError{Module: "wireguard"}))
	assert.Equal(t, 129, codeOf(&vmimages.RefError{Problem: "unknown form"}))
	assert.Equal(t, 129, codeOf(&vmimages.RefError{Problem: "open /x/fix.patch: no such file or directory"}))
	assert.Equal(t, 125, codeOf(&vmimages.PatchError{RefError: vmimages.RefError{Problem: "patch /x/fix.patch does not apply: hunk 1 of 1 in mm/a.c, for line 3, does not fit"}}))
	assert.Equal(t, 128, codeOf(errors.New("no QEMU")))
	assert.Equal(t, 130, codeOf(context.Canceled))
}

// TestCheckModuleFolder: a commit without the module is skipped, a folder that is not there is a mistake.
func TestCheckModuleFolder(t *testing.T) {
	var out, errs bytes.Buffer
	a := &app{ctx: t.Context(), out: &out, err: &errs, log: slog.New(slog.DiscardHandler)}
	k := &inquiry{spec: seeded.Spec()}
	_, err := (&checkCmd{Module: t.TempDir()}).prepare(a, k)
	assert.Equal(t, exitSkip, a.code(forGit(a, err)))
	assert.Contains(t, out.String(), "no Kbuild with the source of a module")
	_, err = (&checkCmd{Module: "/nonexistent"}).prepare(a, k)
	assert.Equal(t, exitCheckUsage, a.code(forGit(a, err)))
}

// TestCheckNeverEndsWith2: git takes it for bad, and it is what Go's runtime ends a program with.
func TestCheckNeverEndsWith2(t *testing.T) {
	var out, errs bytes.Buffer
	a := &app{ctx: t.Context(), out: &out, err: &errs}
	code := a.code(guarded(a, func(*app) error { panic("planted") }))
	assert.Equal(t, exitNoCheck, code)
	assert.Contains(t, errs.String(), "planted")
	assert.Contains(t, errs.String(), "check_test.go", "the stack")
	code = a.code(guarded(a, func(a *app) error {
		require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGQUIT))
		select {
		case <-a.ctx.Done():
			return errors.New("the kernel could not be fetched") // for whatever reason the work was broken off
		case <-time.After(time.Minute):
			return nil
		}
	}))
	assert.Equal(t, exitCheckCut, code)
	assert.Contains(t, checkCmd{}.Help(), "[ $r = 2 ] && exit 128; exit $r")
	assert.Empty(t, out.String())
}

func TestRepetitions(t *testing.T) {
	for want, c := range map[int]checkCmd{
		1:  {Rare: 0.3},
		7:  {Rare: 0.3, Repeat: 7},
		9:  {Rare: 0.3, Confidence: 0.95},
		29: {Rare: 0.1, Confidence: 0.95},
	} {
		n, err := c.repetitions()
		require.NoError(t, err)
		assert.Equal(t, want, n)
	}
}

func TestFirstCompilerError(t *testing.T) {
	assert.Equal(t, "seeded.c:9:2: error: unknown type", firstCompilerError("make: entering\n/cache/modules/.x.tmp/source/seeded.c:9:2: error: unknown type\n  9 | x\nseeded.c:10: error: z\n"))
	assert.Equal(t, "make: *** No rule", firstCompilerError("make: *** No rule\nmore\n"))
}

func TestBisectWrongUsage(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"", "needs a scenario, --good REF and --bad REF"},
		{"wireguard --good debian:6.1", "needs a scenario, --good REF and --bad REF"},
		{"nonsense --good a --bad b", "`brink list` shows them"},
		{"wireguard --good a --bad b --expect cost:delete@9x", "a cost is written as"},
		{"wireguard --good a --bad b --expect fails:walk@9", "scenario wireguard has no op walk"},
		{"wireguard --good a --bad b --expect canary:bird@9", "there is no canary bird"},
		{"wireguard --good a --bad b --expect fails:delete@9999999", "choose sizes from 1 to 1048576"},
		{"wireguard --good a --bad b --expect fails:delete@9 --to 20", "--expect names its size"},
		{"wireguard --good a --bad b --confidence 1", "--confidence is a probability"},
		{"wireguard --good a --bad b --max-boots 0", "--max-boots a number from 1 on"},
		{"wireguard --good a --bad b --jobs=-1", "--jobs one from 0 on"},
		{"wireguard --good a --bad b --cache-limit much", "--cache-limit: memory \"much\""},
		{"wireguard --good a --bad b --sizes 0", "choose sizes from 1"},
		{"wireguard --resume last", "leave scenario, ends and question out"},
		{"--resume last", "no such run"},
		{"--replay /nonexistent", "no such file"},
		{"wireguard --replay x", "leave the scenario and --resume out"},
	} {
		code, out, errs := cmdline(t, append([]string{"bisect"}, strings.Fields(c.args)...)...)
		assert.Equal(t, exitUsage, code, c.args+errs)
		assert.Empty(t, out)
		assert.Contains(t, errs, c.want)
	}
}
