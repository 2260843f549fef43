package plain

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
	"brink/scenarios/seeded"
	"brink/scenarios/wireguard"
)

var update = flag.Bool("update", false, "write the golden files")

const kernel = "6.12.117+deb13-cloud-amd64"

// defaults returns all options of a spec, with some set.
func defaults(t *testing.T, spec scenario.Spec, set map[string]string) map[string]string {
	t.Helper()
	all, err := spec.Settings(set)
	require.NoError(t, err)
	return all
}

// sample is a finding of a scenario, as runs have shown it.
type sample struct {
	name  string
	spec  scenario.Spec
	set   map[string]string
	title string
	f     judge.Finding
}

func samples() []sample {
	wg := wireguard.Spec()
	op := func(name string, kind trial.Kind, safe, broken int64, text string) judge.Finding {
		return judge.Finding{What: name, Op: name, Kind: kind, Safe: safe, Broken: broken, Text: text}
	}
	searched := op("delete", judge.Budget, 82, 83, "delete takes 12.4 s, its budget is 2.02 s (seen at 1024 on the ladder)")
	searched.Search = &judge.Search{Ladder: [2]int64{0, 1024}}
	late := op("delete", trial.Deadline, 16384, 32768, "delete not done after 300 s")
	late.Function, late.Signature = "peer_remove_after_dead", "deadline:peer_remove_after_dead:wireguard"
	refused := op("handshake", trial.OpRefused, 8192, 16384, "handshake: create client: cannot allocate memory")
	refused.Signature = "op-error:handshake:ENOMEM"
	panicked := judge.Finding{What: "panic:seeded_panic:seeded", Op: "walk", Kind: trial.Panic, Safe: 39726, Broken: 40498,
		Signature: "panic:seeded_panic:seeded", Function: "seeded_panic", Text: "kernel panic: brink-seeded: planted panic (during walk)"}
	return []sample{
		{"delete-over-budget", wg, nil, "over-budget at 83 peers (not at 82): delete takes 12.4 s, its budget is 2.02 s", searched},
		{"delete-deadline", wg, map[string]string{"private-key": "false"}, "deadline at 32,768 peers: delete not done after 300 s", late},
		{"handshake-op-error", wg, nil, "op-error at 16,384 peers: handshake: create client: cannot allocate memory", refused},
		{"load-over-budget", wg, nil, "over-budget at 2,048 peers: load takes 9 s", op("load", judge.Budget, 1024, 2048, "load takes 9 s")},
		{"grow-oops", wg, nil, "oops at 2,048 peers", op("grow", trial.Oops, 1024, 2048, "NULL pointer dereference (during grow)")},
		{"dump-over-budget", wg, nil, "over-budget at 2,048 peers", op("dump", judge.Budget, 1024, 2048, "dump takes 9 s")},
		{"add-over-budget", wg, nil, "over-budget at 2,048 peers", op("add", judge.Budget, 1024, 2048, "add takes 9 s")},
		{"remove-over-budget", wg, nil, "over-budget at 2,048 peers", op("remove", judge.Budget, 1024, 2048, "remove takes 9 s")},
		{"update-over-budget", wg, nil, "over-budget at 2,048 peers", op("update", judge.Budget, 1024, 2048, "update takes 9 s")},
		{"walk-panic", seeded.Spec(), map[string]string{"mode": "panic"}, "panic at 40,498 entries", panicked},
		{"walk-over-budget", seeded.Spec(), map[string]string{"mode": "knee"}, "over-budget at 2,000 entries", op("walk", judge.Budget, 1000, 2000, "walk takes 50 ms")},
		{"walk-op-error", seeded.Spec(), map[string]string{"mode": "errno"}, "op-error at 2,000 entries", op("walk", trial.OpRefused, 1000, 2000, "walk: walk: no buffer space available")},
	}
}

// TestScripts renders what runs have found, and lets the shell say whether it is one of its programs.
func TestScripts(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			script, err := Render(s.spec, s.f, s.title, 0, defaults(t, s.spec, s.set), kernel)
			require.NoError(t, err)
			golden := filepath.Join("testdata", s.name+".sh")
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(script.Text), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), script.Text)
			out, err := exec.Command("sh", "-n", golden).CombinedOutput()
			assert.NoError(t, err, "%s", out)
			for line := range strings.Lines(script.Text) {
				assert.LessOrEqual(t, len(line), 110, "%s", line)
			}
			for _, tool := range script.Tools {
				assert.Contains(t, script.Text, tool)
			}
		})
	}
}

// TestEveryOpHasASample: a script that no golden file shows was never read.
func TestEveryOpHasASample(t *testing.T) {
	for _, spec := range []scenario.Spec{wireguard.Spec(), seeded.Spec()} {
		for _, p := range spec.Plain {
			for _, name := range p.Ops {
				shown := false
				for _, s := range samples() {
					shown = shown || s.spec.Name == spec.Name && s.f.Op == name && p.Shows(name, string(s.f.Kind))
				}
				assert.True(t, shown, "%s of %s", name, spec.Name)
			}
		}
	}
}

func TestSizes(t *testing.T) {
	searched := func(ladder [2]int64) *judge.Search { return &judge.Search{Ladder: ladder} }
	for name, c := range map[string]struct {
		f        judge.Finding
		at, safe int64
	}{
		"a panic is shown at its threshold":      {judge.Finding{Kind: trial.Panic, Safe: 39, Broken: 40, Search: searched([2]int64{32, 64})}, 40, 39},
		"slow: where the ladder saw it":          {judge.Finding{Kind: judge.Budget, Safe: 39, Broken: 40, Search: searched([2]int64{32, 64})}, 64, 32},
		"slow from the first size on":            {judge.Finding{Kind: judge.Budget, Safe: 82, Broken: 83, Search: searched([2]int64{0, 1024})}, 1024, 41},
		"slow, and no search":                    {judge.Finding{Kind: judge.Budget, Safe: 512, Broken: 1024}, 1024, 512},
		"slow at the smallest size there can be": {judge.Finding{Kind: judge.Budget, Safe: 1, Broken: 2, Search: searched([2]int64{0, 4})}, 4, 0},
		"an error is shown where it came":        {judge.Finding{Kind: trial.OpRefused, Safe: 0, Broken: 1024}, 1024, 0},
	} {
		at, safe := Sizes(c.f)
		assert.Equal(t, []int64{c.at, c.safe}, []int64{at, safe}, name)
	}
}

func TestSizeAskedFor(t *testing.T) {
	s := samples()[0]
	script, err := Render(s.spec, s.f, s.title, 2000, defaults(t, s.spec, s.set), kernel)
	require.NoError(t, err)
	assert.Contains(t, script.Text, "n=${1:-2000}\n")
	assert.Equal(t, []int64{2000, 41}, []int64{script.Size, script.Safe})
	script, err = Render(s.spec, s.f, s.title, 30, defaults(t, s.spec, s.set), kernel)
	require.NoError(t, err)
	assert.Equal(t, []int64{30, 0}, []int64{script.Size, script.Safe}, "a safe size above the broken one says nothing")
}

func TestNoScript(t *testing.T) {
	wg := wireguard.Spec()
	for name, c := range map[string]struct {
		f    judge.Finding
		set  map[string]string
		want string
	}{
		"growth":   {judge.Finding{What: "delete", Op: "delete", Kind: judge.Growth}, nil, "none for over-growth of delete"},
		"limit":    {judge.Finding{What: "stall", Op: "delete", Kind: judge.OverLimit}, nil, "none for over-limit of stall"},
		"op":       {judge.Finding{What: "jit", Op: "jit", Kind: judge.Budget}, nil, "none for over-budget of jit"},
		"kind":     {judge.Finding{What: "handshake", Op: "handshake", Kind: judge.Budget}, nil, "none for over-budget of handshake"},
		"canary":   {judge.Finding{What: "canary fork", Kind: trial.OpRefused}, nil, "none for op-error of canary fork"},
		"settings": {judge.Finding{What: "delete", Op: "delete", Kind: judge.Budget}, map[string]string{"devices": "2"}, "does not know devices=2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Render(wg, c.f, "", 1, defaults(t, wg, c.set), kernel)
			require.ErrorIs(t, err, ErrNone)
			assert.ErrorContains(t, err, c.want)
		})
	}
	_, err := Render(wg, samples()[0].f, "", 1, map[string]string{"devices": "; rm"}, kernel)
	require.Error(t, err)
	assert.False(t, errors.Is(err, ErrNone), "a setting that cannot be is no lack of scripts")
}

// TestGuestTextStaysInItsComment: what the guest said must not become a command.
func TestGuestTextStaysInItsComment(t *testing.T) {
	s := samples()[0]
	evil := "x\nrm -rf /\r\n`reboot`\u2028$(reboot) \x1b[2J" + strings.Repeat("word ", 100)
	script, err := Render(s.spec, s.f, evil, 0, defaults(t, s.spec, s.set), "6.1\nreboot")
	require.NoError(t, err)
	for line := range strings.Lines(script.Text) {
		if strings.Contains(line, "rm -rf") || strings.Contains(line, "reboot") || strings.Contains(line, "word") {
			assert.True(t, strings.HasPrefix(line, "#"), "%q", line)
		}
	}
	assert.NotContains(t, script.Text, "\x1b")
	refused := samples()[2]
	refused.f.Text = "handshake: \nreboot\n"
	script, err = Render(refused.spec, refused.f, "", 0, defaults(t, refused.spec, nil), kernel)
	require.NoError(t, err)
	assert.NotContains(t, script.Text, "\nreboot")
}

func TestBudgetForTheShell(t *testing.T) {
	const ms, us = time.Millisecond, time.Microsecond
	for want, b := range map[string]scenario.Budget{
		"50":                            {Base: 50 * ms},
		"1000 + n":                      {Base: 1000 * ms, PerUnit: ms},
		"100 + n * 200 / 1000":          {Base: 100 * ms, PerUnit: 200 * us},
		"(5000000 + n * 500) / 1000000": {Base: 5 * ms, PerUnit: us / 2},
	} {
		assert.Equal(t, want, arithmetic(b))
		out, err := exec.Command("sh", "-c", "n=2000; echo $(("+want+"))").Output()
		require.NoError(t, err)
		assert.Equal(t, b.At(2000).Milliseconds(), number(t, string(out)), want)
	}
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	d, err := time.ParseDuration(strings.TrimSpace(text) + "ns")
	require.NoError(t, err)
	return int64(d)
}

func TestUnfinishedScriptsAreRefused(t *testing.T) {
	whole := "#!/bin/sh\necho \"now: x\"\necho \"FAILED: x\"\n"
	require.NoError(t, check(whole))
	for text, want := range map[string]string{
		"echo":                               "no shell script",
		strings.TrimSuffix(whole, "\n"):      "no shell script",
		whole + "{{.N}}\n":                   "something of the template",
		whole + "<no value>\n":               "something of the template",
		"#!/bin/sh\necho now: x\n":           "never prints",
		whole + strings.Repeat("true\n", 60): "more than 60 lines",
	} {
		assert.ErrorContains(t, check(text), want)
	}
	_, err := fill(scenario.Plain{Title: "x", Script: whole + `{{index .Settings "nonsense"}}{{.Nonsense}}`}, Data{})
	assert.ErrorContains(t, err, "render plain script")
}
