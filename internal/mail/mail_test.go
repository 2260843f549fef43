package mail

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/explain"
	"brink/internal/judge"
	"brink/internal/summary"
	"brink/internal/trial"
)

var update = flag.Bool("update", false, "write the golden files")

// load reads a run's summary, cut down to what a mail is made of.
func load(t testing.TB, name string) summary.Summary {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	require.NoError(t, err)
	var s summary.Summary
	require.NoError(t, json.Unmarshal(data, &s))
	return s
}

// lines is a decoder that knows some lines, by the function in them.
type lines map[string]string

func (l lines) Decode(line string) (string, bool) {
	for function, source := range l {
		if before, _, ok := strings.Cut(line, function+"+0x"); ok {
			inline, at, two := strings.Cut(source, "; ")
			if !two {
				return line + " " + source, true
			}
			return before + inline + " [inline]\n" + line + " " + at, true
		}
	}
	return line, false
}

func wireguardLines() lines {
	return lines{
		"peer_remove_after_dead": "netif_napi_del include/linux/netdevice.h:2703; drivers/net/wireguard/peer.c:124",
		"__wait_rcu_gp":          "kernel/rcu/update.c:443", "wg_peer_remove_all": "drivers/net/wireguard/peer.c:183",
	}
}

// deleteExplained is what `brink explain` said of WireGuard's delete on 6.12, shortened.
func deleteExplained() *explain.Explanation {
	arm := func(f explain.Factor, change string, failed int) explain.Comparison {
		return explain.Comparison{Arm: explain.Arm{Setup: explain.Setup{Factor: f, Change: change}, Failed: failed, Passed: 3 - failed}}
	}
	kernel := func(release string, failed int) explain.Comparison {
		c := arm(explain.Version, "kernel "+release, failed)
		c.Kernel.Release = release
		return c
	}
	skipped := arm(explain.Environment, "two vCPUs", 0)
	skipped.Passed, skipped.Skipped = 0, "the instruction clock has one"
	return &explain.Explanation{
		Target: explain.Target{What: "delete", Kind: judge.Budget, At: 1024}, Class: explain.Class(explain.Version), Proven: true, Confidence: 0.95,
		Why: "kernel debian:5.10.0-46/cloud-amd64: 0 of 3 fail, without that 3 of 3; luck alone gives it with probability 0.05",
		Arms: []explain.Comparison{
			arm(explain.Same, "nothing but the seed", 3), arm(explain.Scale, "82 instead of 1024 peers", 0),
			kernel("5.10.0-46-cloud-amd64", 0), kernel("6.1.0-56-cloud-amd64", 3),
			kernel("7.2.13+deb14-cloud-amd64", 0),
			arm(explain.Environment, "1024 MiB of memory instead of 2048", 3), skipped,
		},
	}
}

// oops is a run on a kernel of kernel.org's that found an oops.
func oops(t testing.TB) summary.Summary {
	s := load(t, "wireguard-6.12")
	console, err := os.ReadFile(filepath.Join("testdata", "oops.txt"))
	require.NoError(t, err)
	f := summary.Finding{Subsystem: "wireguard", Finding: judge.Finding{What: "oops:wg_peer_remove:wireguard", Kind: trial.Oops, Op: "delete",
		Text: "general protection fault in wg_peer_remove (during delete)", Safe: 65536, Broken: 131072,
		Function: "wg_peer_remove", Trial: 1, Basis: "ladder", Signature: "oops:wg_peer_remove:wireguard"}}
	for line := range strings.Lines(string(console)) {
		f.Console = append(f.Console, summary.Line{Text: strings.TrimRight(line, "\n"), Guilty: strings.Contains(line, f.Function)})
	}
	s.Findings, s.Machine.Accel, s.Machine.Clock = []summary.Finding{f}, "kvm", trial.ClockWall
	s.Kernel = trial.Kernel{Name: "file:/k/bzImage", Release: "6.15.0-rc3", Hash: "0123456789abcdef"}
	s.Guest.Version = "#7 SMP PREEMPT_DYNAMIC Fri Nov 20 10:00:00 UTC 2026"
	s.Scenario.Changed = map[string]string{"allowed-ips": "2"}
	return s
}

func TestMails(t *testing.T) {
	explained := load(t, "wireguard-6.12")
	explained.Explanation = deleteExplained()
	jason := []string{`"Jason A. Donenfeld" <Jason@zx2c4.com>`}
	lists := []string{"wireguard@lists.zx2c4.com", "netdev@vger.kernel.org", "linux-kernel@vger.kernel.org"}
	const script = "#!/bin/sh\nset -eu\nn=${1:-16384}\nip link add wg0 type wireguard\nif :; then\n\techo $n\nfi\n"
	for name, c := range map[string]struct {
		run summary.Summary
		o   Options
	}{
		"delete": {explained, Options{To: jason, Cc: lists, Decoder: wireguardLines(),
			Range: Range{Good: "5.10.262-1", Bad: "6.1.192-2"}, Bundle: Bundle{"wireguard-6.12-delete.tar.zst", 23_456_789}}},
		"delete-deadline": {load(t, "wireguard-6.12"), Options{Finding: 2, To: jason, Cc: lists}},
		"handshake":       {load(t, "wireguard-7.2"), Options{To: jason, Cc: lists, Plain: script}},
		"fork":            {load(t, "wireguard-7.2"), Options{Finding: 2}},
		"oops":            {oops(t), Options{Cc: lists, Range: Range{Good: "v6.14", Bad: "v6.15-rc3", Upstream: true}, Bundle: Bundle{"x.tar.zst", 999}}},
		"seeded":          {load(t, "seeded"), Options{To: jason, Cc: lists}},
	} {
		t.Run(name, func(t *testing.T) {
			var text strings.Builder
			require.NoError(t, Write(&text, c.run, c.o))
			golden := filepath.Join("testdata", name+".golden")
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(text.String()), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), text.String())
			checkForm(t, text.String())
		})
	}
}

// checkForm checks what a list's software and its readers ask for. Traces, commands and scripts are not wrapped.
func checkForm(t *testing.T, text string) {
	t.Helper()
	assert.True(t, utf8.ValidString(text))
	assert.True(t, strings.HasSuffix(text, "\n"))
	assert.NotContains(t, text, "\n\n\n")
	head, body, found := strings.Cut(text, "\n\n")
	require.True(t, found)
	for line := range strings.Lines(head + "\n") {
		assert.Regexp(t, `^(To|Cc|Subject): \S.*\n$`, line)
	}
	free := func(line string) bool {
		return address.MatchString(line) || strings.HasPrefix(line, "[") || strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "  cmdline")
	}
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(line, "\n")
		assert.Equal(t, strings.TrimRight(line, " "), line)
		assert.Negative(t, strings.IndexFunc(line, func(r rune) bool { return r > unicode.MaxASCII || unicode.IsControl(r) }), line)
		if !free(line) {
			assert.LessOrEqual(t, len(line), columns, line)
		}
	}
}

func TestSeededIsNotToBeSent(t *testing.T) {
	var text strings.Builder
	require.NoError(t, Write(&text, load(t, "seeded"), Options{To: []string{"a@example.org"}, Cc: []string{"b@example.org"},
		Range: Range{Good: "v1", Bad: "v2", Upstream: true}}))
	for _, unwanted := range []string{"To:", "Cc:", "example.org", "#regzbot", "[BUG]", "[REGRESSION]"} {
		assert.NotContains(t, text.String(), unwanted)
	}
	assert.True(t, strings.HasPrefix(text.String(), "Subject: [SEEDED, DO NOT SEND] "))
	assert.Contains(t, text.String(), "\n\nDO NOT SEND THIS MAIL.")
}

func TestNothing(t *testing.T) {
	s := load(t, "seeded")
	s.Findings, s.Verdict.Text = nil, "no failure up to 65,536 entries (2 of 2 trials)"
	err := Write(&strings.Builder{}, s, Options{})
	var nothing *NothingError
	require.ErrorAs(t, err, &nothing)
	assert.Equal(t, "nothing to report: no failure up to 65,536 entries (2 of 2 trials)", err.Error())
	assert.ErrorContains(t, Write(&strings.Builder{}, load(t, "seeded"), Options{Finding: 2}), "there is no finding 2; the run has 1")
}

func TestRange(t *testing.T) {
	mail := func(r Range) string {
		var text strings.Builder
		require.NoError(t, Write(&text, load(t, "wireguard-6.12"), Options{Range: r}))
		return text.String()
	}
	assert.Contains(t, mail(Range{Good: "v6.0", Bad: "v6.1-rc1", Upstream: true}), "\n\n#regzbot introduced: v6.0..v6.1-rc1\n\n")
	assert.Contains(t, mail(Range{Bad: "1f2e3d4c5b6a", Upstream: true}), "\n\n#regzbot introduced: 1f2e3d4c5b6a\n\n")
	assert.Contains(t, mail(Range{Bad: "v6.1", Good: "v6.0", Upstream: true}), "Subject: [REGRESSION] wireguard: ")
	for _, text := range []string{mail(Range{}), mail(Range{Good: "6.0.1-1", Bad: "6.1.3-1"}), mail(Range{Bad: "6.1.3-1"})} {
		assert.NotContains(t, text, "#regzbot")
		assert.Contains(t, text, "Subject: [BUG] wireguard: ")
	}
	for _, r := range []Range{{Good: "v1\n#regzbot invalid", Bad: "v2"}, {Good: "v1", Bad: "-x"}, {Good: "v1"}, {Upstream: true}} {
		assert.Error(t, Write(&strings.Builder{}, load(t, "wireguard-6.12"), Options{Range: r}), "%+v", r)
	}
}

// TestHostile: what the guest wrote cannot add a header, hide text or colour a terminal.
func TestHostile(t *testing.T) {
	const evil = "x\r\nBcc: a@example.org\r\n\r\n\x1b[31mred\x00\u202e\xff\u2028\u200b"
	s := load(t, "wireguard-7.2")
	for i := range s.Findings {
		f := &s.Findings[i]
		f.Text, f.Title, f.Subsystem, f.Signature = evil, evil, evil, "op-error:x:"+evil
		f.Console = []summary.Line{{Text: evil}}
	}
	s.Kernel.Release, s.Guest.Version, s.Machine.Cmdline, s.Scenario.Axis = evil, evil, evil, evil
	for i := range s.Findings {
		for _, kind := range []trial.Kind{trial.OpRefused, trial.Panic, trial.Deadline, judge.Budget, judge.Growth} {
			s.Findings[i].Kind = kind
			var text strings.Builder
			require.NoError(t, Write(&text, s, Options{Finding: i + 1, To: []string{evil}, Decoder: lines{"x": evil}, Bundle: Bundle{File: evil}}))
			head, _, _ := strings.Cut(text.String(), "\n\n")
			assert.Len(t, strings.Split(head, "\n"), 2, head)
			assert.True(t, utf8.ValidString(text.String()))
			assert.Negative(t, strings.IndexFunc(text.String(), func(r rune) bool {
				return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
			}))
		}
	}
}
