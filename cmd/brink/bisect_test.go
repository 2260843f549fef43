package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/bisect"
	"brink/internal/store"
)

func TestBisectVersions(t *testing.T) {
	dir := t.TempDir()
	newBisection(t, dir, 20, plantedQuestion)
	out, errs, err := bisected(t, t.Context(), dir, plantedHistory(13), 1)
	require.ErrorIs(t, err, errFound, out)
	assert.Contains(t, out, "BISECT (seeded)  seeded: does panic:seeded_panic:seeded show at 40,000 entries?")
	assert.Contains(t, out, "first bad: debian:6.13, last good: debian:6.12\n")
	assert.Contains(t, out, "every run from the first bad one on shows it")
	assert.Contains(t, out, "upstream range v6.12..v6.13 (where its ends do not answer so, a stable update changed it: v6.12..v6.12.7 or v6.13..v6.13.7)")
	assert.Contains(t, out, "brink bisect seeded --git LINUX --good v6.12 --bad v6.13 --expect '"+plantedQuestion+"'")
	assert.Regexp(t, `debian:6\.13 +6\.13\.7-1 +\d+ +0 +0 +0 +<- first bad`, out)
	assert.Contains(t, errs, "step 1: debian:6.19 bad (seen in 1 of 1; planted")
	assert.Regexp(t, `step \d+: debian:6\.\d+ (good|bad) .*\d candidates left, about \d steps`, errs)

	report, err := os.ReadFile(filepath.Join(dir, "b", "bisect.txt"))
	require.NoError(t, err)
	assert.Equal(t, out, string(report))
	again, _, err := bisected(t, t.Context(), dir, &history{}, 1)
	require.ErrorIs(t, err, errFound)
	assert.Equal(t, out, again, "nothing is left to try")

	log := filepath.Join(dir, "b", "bisect.log")
	code, replayed, stderr := cmdline(t, "bisect", "--replay", log)
	assert.Equal(t, exitFound, code, stderr)
	assert.Contains(t, replayed, "first bad: debian:6.13, last good: debian:6.12\n")
	code, replayed, _ = cmdline(t, "bisect", "--replay", log, "--json")
	assert.Equal(t, exitFound, code)
	var r result
	require.NoError(t, json.Unmarshal([]byte(replayed), &r))
	assert.Equal(t, []int{13}, r.First)
	assert.Equal(t, bisect.Found, r.Verdict)

	text, err := os.ReadFile(log)
	require.NoError(t, err)
	alone := filepath.Join(t.TempDir(), "copied.log")
	require.NoError(t, os.WriteFile(alone, text, 0o644))
	code, replayed, _ = cmdline(t, "bisect", "--replay", alone)
	assert.Equal(t, exitFound, code)
	assert.Contains(t, replayed, "first bad: debian:6.13", "of those that were tried")
}

// TestBisectSeveralAtATime: flaky, with unrelated crashes, two or four VMs at a time.
func TestBisectSeveralAtATime(t *testing.T) {
	for _, jobs := range []int{1, 2, 4} {
		for _, fixed := range []bool{false, true} {
			dir, text := t.TempDir(), plantedQuestion
			if fixed {
				text = "fixed:" + text
			}
			newBisection(t, dir, 20, text)
			h := plantedHistory(7)
			h.fixed, h.p, h.other = fixed, 0.3, 0.1
			out, _, err := bisected(t, t.Context(), dir, h, jobs)
			require.ErrorIs(t, err, errFound, out)
			if fixed {
				assert.Contains(t, out, "first fixed: debian:6.7, last not fixed: debian:6.6\n", "%d jobs", jobs)
				assert.Contains(t, out, "before the first fixed one it shows in 0.")
			} else {
				assert.Contains(t, out, "first bad: debian:6.7, last good: debian:6.6\n", "%d jobs", jobs)
			}
			assert.Contains(t, out, "unrelated failures, no answer to the question:\n")
			assert.Contains(t, out, "oops:elsewhere:mm")
			code, replayed, _ := cmdline(t, "bisect", "--replay", filepath.Join(dir, "b", "bisect.log"))
			assert.Equal(t, exitFound, code)
			assert.Contains(t, replayed, "debian:6.7, last ")
		}
	}
}

func TestBisectWithKernelsThatCannotBeTried(t *testing.T) {
	dir := t.TempDir()
	newBisection(t, dir, 12, plantedQuestion)
	h := plantedHistory(6)
	h.unusable = map[int]string{5: "debian:6.5 is listed but gone from the archive", 9: "does not build: mm/a.c:3:1: error: expected ';'"}
	h.faults = map[int]bool{6: true}
	out, errs, err := bisected(t, t.Context(), dir, h, 1)
	require.ErrorIs(t, err, errFound, out)
	assert.Contains(t, out, "first bad: one of debian:6.5, debian:6.6, debian:6.7, which cannot be told apart; last good: debian:6.4\n")
	assert.Contains(t, out, "debian:6.5: debian:6.5 is listed but gone from the archive\n")
	assert.Contains(t, out, "debian:6.6: no hello from the agent (3 times)\n")
	assert.Regexp(t, `debian:6\.5 +6\.5\.7-1 +0 +0 +all`, out)
	assert.Contains(t, errs, "debian:6.5 skip (seen in 0 of 0; debian:6.5 is listed but gone from the archive)")
}

func TestBisectGoesOnWhereItWasCut(t *testing.T) {
	whole := plantedHistory(7)
	dir := t.TempDir()
	newBisection(t, dir, 20, plantedQuestion)
	_, _, err := bisected(t, t.Context(), dir, whole, 1)
	require.ErrorIs(t, err, errFound)
	path := filepath.Join(dir, "b", "bisect.jsonl")
	record, err := os.ReadFile(path)
	require.NoError(t, err)

	dir = t.TempDir()
	newBisection(t, dir, 20, plantedQuestion)
	ctx, stop := context.WithCancel(t.Context())
	first := plantedHistory(7)
	first.cut, first.stop = 4, stop
	_, _, err = bisected(t, ctx, dir, first, 1)
	require.ErrorContains(t, err, "interrupted; `brink bisect --resume b` goes on")
	second := plantedHistory(7)
	out, _, err := bisected(t, t.Context(), dir, second, 1)
	require.ErrorIs(t, err, errFound)
	assert.Contains(t, out, "first bad: debian:6.7, ")
	assert.Len(t, append(first.trials, second.trials...), len(whole.trials), "nothing is measured twice")

	path = filepath.Join(dir, "b", "bisect.jsonl")
	for n := 0; n < len(record); n += 1999 { // killed anywhere
		require.NoError(t, os.WriteFile(path, record[:n], 0o644))
		kept := strings.Count(string(record[:n]), `"type":"outcome"`)
		rest := plantedHistory(7)
		out, _, err := bisected(t, t.Context(), dir, rest, 1)
		require.ErrorIs(t, err, errFound)
		assert.Contains(t, out, "first bad: debian:6.7, ", "cut at %d", n)
		assert.LessOrEqual(t, len(rest.trials), len(whole.trials)-kept+1)
	}
}

func TestBisectEndsThatAreOtherwise(t *testing.T) {
	for _, c := range []struct {
		name, question string
		h              *history
		code           int
		want           string
	}{
		{"both good", plantedQuestion, plantedHistory(99), exitGood, "it shows on neither end: older end debian:6.0: 0 of "},
		{"both bad", plantedQuestion, plantedHistory(0), exitUsage, "it shows on both ends: older end debian:6.0: "},
		{"fixed on the way", plantedQuestion, &history{first: 4, fixed: true, p: 1}, exitUsage, "what is asked went away on the way: --expect 'fixed:" + plantedQuestion + "'"},
		{"came on the way", "fixed:" + plantedQuestion, plantedHistory(4), exitUsage, "what is asked came on the way: --expect '" + plantedQuestion + "'"},
		{"bad end lost", plantedQuestion, &history{first: 4, p: 1, faults: map[int]bool{8: true}}, exitHarness, "the newer end debian:6.8 cannot be tried: no hello from the agent; older end debian:6.0: 0 of 1"},
		{"bad end gone", plantedQuestion, &history{first: 4, p: 1, unusable: map[int]string{8: "gone"}}, exitHarness, "\nthe newer end debian:6.8 cannot be tried: gone; "},
		{"bad end gone, of what was fixed", "fixed:" + plantedQuestion, &history{first: 4, fixed: true, p: 1, unusable: map[int]string{8: "gone"}}, exitHarness, "\nthe newer end debian:6.8 cannot be tried: gone; "},
		{"bad end gone, of a cost", "cost:walk@40000>5ms", &history{first: -1, unusable: map[int]string{8: "gone"}}, exitHarness, "\nthe newer end debian:6.8 cannot be tried: gone; "},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			newBisection(t, dir, 9, c.question)
			out, _, err := bisected(t, t.Context(), dir, c.h, 1)
			assert.Contains(t, out, c.want)
			a := &app{err: new(bytes.Buffer)}
			assert.Equal(t, c.code, a.code(err), "%v", err)
		})
	}
}

func TestBisectBudget(t *testing.T) {
	dir := t.TempDir()
	newBisection(t, dir, 40, plantedQuestion)
	var o, e bytes.Buffer
	a := &app{ctx: t.Context(), out: &o, err: &e, results: dir, log: slog.New(slog.DiscardHandler)}
	few := 5
	b, err := (&bisectCmd{Resume: "b", Confidence: 0.95, CacheLimit: "1G", Keep: true, MaxBoots: &few}).open(a)
	require.NoError(t, err)
	defer b.folder.Close()
	b.executor = plantedHistory(9).executor
	err = b.conclude(b.run(), true)
	require.ErrorIs(t, err, errUntold)
	var r result
	require.NoError(t, json.Unmarshal(o.Bytes(), &r))
	assert.Equal(t, bisect.Budget, r.Verdict)
	assert.Contains(t, r.Summary, "with a larger --max-boots goes on")
	assert.Equal(t, 5, r.Boots)
}

// TestBisectFindsTheQuestion: the ends climb, and the clearest difference is asked, in either direction.
func TestBisectFindsTheQuestion(t *testing.T) {
	dir := t.TempDir()
	newBisection(t, dir, 16, "")
	out, errs, err := bisected(t, t.Context(), dir, plantedHistory(11), 1)
	require.ErrorIs(t, err, errFound, errs)
	assert.Contains(t, errs, "difference 1: only the newer end: panic at 40,000")
	assert.Contains(t, out, "[signature:panic:seeded_panic:seeded@40000]")
	assert.Contains(t, out, "first bad: debian:6.11, last good: debian:6.10\n")

	dir = t.TempDir()
	newBisection(t, dir, 16, "")
	h := plantedHistory(11)
	h.fixed = true
	out, _, err = bisected(t, t.Context(), dir, h, 1)
	require.ErrorIs(t, err, errFound)
	assert.Contains(t, out, "first fixed: debian:6.11, last not fixed: debian:6.10\n")

	dir = t.TempDir()
	newBisection(t, dir, 16, "")
	out, errs, err = bisected(t, t.Context(), dir, plantedHistory(99), 1)
	require.NoError(t, err)
	assert.Contains(t, errs, "the ends do not differ up to 40,000 entries")
	assert.Contains(t, out, "the ends do not differ up to 40,000 entries")
}

func TestBisectACost(t *testing.T) {
	dir := t.TempDir()
	newBisection(t, dir, 16, "cost:walk@40000>1.5x")
	h := plantedHistory(-1)
	h.walk = map[int]int64{0: 20, 11: 60}
	out, errs, err := bisected(t, t.Context(), dir, h, 1)
	require.ErrorIs(t, err, errFound, out)
	assert.Contains(t, errs, "end debian:6.15: walk takes 2.40 ms")
	assert.Contains(t, out, "does walk take more than 1.39 ms at 40,000 entries?")
	assert.Contains(t, out, "first bad: debian:6.11, last good: debian:6.10\n")
	assert.Regexp(t, `debian:6\.11 .*2\.40 ms +<- first bad`, out)
	assert.Contains(t, out, "--expect 'cost:walk@40000>1.39ms'")

	dir = t.TempDir()
	newBisection(t, dir, 16, "cost:walk@40000<0.7x")
	h.trials, h.walk = nil, map[int]int64{0: 20, 11: 22}
	out, _, err = bisected(t, t.Context(), dir, h, 1)
	require.NoError(t, err)
	assert.Contains(t, out, "the ends do not differ as asked: walk takes 800 µs")
	assert.Len(t, h.trials, 2*moreSamples)
}

// TestBisectACostTheOtherWayRound: a factor in the wrong direction is said to be one, as an absolute time is.
func TestBisectACostTheOtherWayRound(t *testing.T) {
	for _, question := range []string{"cost:walk@40000>2x", "cost:walk@40000>1.5ms"} {
		dir := t.TempDir()
		newBisection(t, dir, 9, question)
		h := plantedHistory(-1)
		h.walk = map[int]int64{-4: 60}
		h.walkEnds = map[int]int64{8: 20}
		out, _, err := bisected(t, t.Context(), dir, h, 1)
		assert.Equal(t, exitUsage, (&app{err: new(bytes.Buffer)}).code(err), out)
		assert.Contains(t, out, "the ends are not what they were said to be: ")
		assert.Contains(t, out, "what is asked went away on the way: --expect 'cost:walk@40000<")
		assert.Contains(t, out, "next: the other way round: brink bisect seeded --good debian:6.0 --bad debian:6.8 --expect 'cost:walk@40000<")
	}
}

func TestBisectACostThatCannotBeMeasured(t *testing.T) {
	for want, h := range map[string]*history{
		"the end debian:6.0 gives no value: no hello from the agent": {first: -1, faults: map[int]bool{0: true}},
		"the end debian:6.3 gives no value: panic:seeded_panic":      {first: 3, p: 1},
		"the newer end debian:6.3 cannot be tried: gone":             {first: -1, unusable: map[int]string{3: "gone"}},
	} {
		dir := t.TempDir()
		newBisection(t, dir, 4, "cost:walk@40000>1.5x")
		out, _, err := bisected(t, t.Context(), dir, h, 1)
		require.ErrorContains(t, err, want)
		require.ErrorIs(t, err, errUntold)
		assert.Equal(t, exitHarness, (&app{err: new(bytes.Buffer)}).code(err))
		assert.Empty(t, out)
		assert.LessOrEqual(t, len(h.trials), endSamples+mostFaults)
	}
}

// TestBisectAKernelThatChanged: a reference that is not exact may mean another kernel when the bisection goes on.
func TestBisectAKernelThatChanged(t *testing.T) {
	dir := t.TempDir()
	newBisection(t, dir, 9, plantedQuestion)
	ctx, stop := context.WithCancel(t.Context())
	h := plantedHistory(4)
	h.cut, h.stop = 3, stop
	_, _, err := bisected(t, ctx, dir, h, 1)
	require.ErrorContains(t, err, "interrupted")
	h = plantedHistory(4)
	h.release = "2"
	_, _, err = bisected(t, t.Context(), dir, h, 1)
	require.ErrorContains(t, err, "when it was tried before, now it is v")
}

func TestShowOfABisection(t *testing.T) {
	dir := t.TempDir()
	newBisection(t, dir, 4, plantedQuestion)
	code, out, _ := cmdline(t, "--results", dir, "runs")
	assert.Equal(t, exitGood, code)
	assert.Empty(t, out, "it is no run")
	code, _, stderr := cmdline(t, "--results", dir, "show", "b")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, stderr, "this is a bisection and no run: its report is ")
	code, _, stderr = cmdline(t, "--results", dir, "show", "last")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, stderr, "no such run")
	plantedRun(t, dir, 20_000)
	code, _, _ = cmdline(t, "--results", dir, "show")
	assert.Equal(t, exitGood, code, "the last run is a run")
}

func TestBisectBusy(t *testing.T) {
	dir := t.TempDir()
	newBisection(t, dir, 4, plantedQuestion)
	b, err := store.OpenBisection(filepath.Join(dir, "b"))
	require.NoError(t, err)
	defer b.Close()
	code, _, stderr := cmdline(t, "--results", dir, "bisect", "--resume", "b")
	assert.Equal(t, exitHarness, code)
	assert.Contains(t, stderr, "another brink is working on this run")
	assert.False(t, errors.Is(err, store.ErrNoRun))
}

// TestBisectTrimsTheCache: kernels that were not used for long go when the cache is above its limit, unless told otherwise.
func TestBisectTrimsTheCache(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("BRINK_CACHE", cache)
	old := filepath.Join(cache, "kernels", "old")
	put := func() {
		require.NoError(t, os.MkdirAll(old, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(old, "vmlinuz"), make([]byte, 2<<20), 0o644))
		then := time.Now().Add(-48 * time.Hour)
		require.NoError(t, os.Chtimes(old, then, then))
	}
	for _, c := range []struct {
		keep  bool
		limit int64
		stays bool
	}{{true, 1 << 20, true}, {false, 1 << 30, true}, {false, 1 << 20, false}} {
		put()
		var errs bytes.Buffer
		b := &bisection{app: &app{err: &errs}, keep: c.keep, cacheLimit: c.limit}
		require.NoError(t, b.trim())
		_, err := os.Stat(old)
		assert.Equal(t, c.stays, err == nil, "%+v", c)
		assert.Equal(t, !c.stays, strings.Contains(errs.String(), "cache: 1 entries removed"))
	}
}
