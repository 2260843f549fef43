package mail

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"brink/internal/judge"
	"brink/internal/summary"
	"brink/internal/trial"
)

func TestSubject(t *testing.T) {
	finding := func(kind trial.Kind, what, subsystem, text string) summary.Finding {
		return summary.Finding{Subsystem: subsystem, Finding: judge.Finding{What: what, Kind: kind, Text: text, Broken: 32768}}
	}
	refused := finding(trial.OpRefused, "canary fork", "", "canary fork fails: x")
	refused.Signature = "op-error:canary-fork:EAGAIN"
	for want, f := range map[string]summary.Finding{
		"[BUG] mm: out of memory: Killed process 12 at 32,768 peers":             finding(trial.OOM, "oom", "mm", "out of memory: Killed process 12 (during grow)"),
		"[BUG] xfs: task hangs at 32,768 peers":                                  finding(trial.HungTask, "h", "fs/xfs", "task hangs (seen at 65536 on the ladder)"),
		"[BUG] rcu: stall at 32,768 peers":                                       finding(trial.RCUStall, "s", "kernel/rcu", "stall"),
		"[BUG] wireguard: no event for 60 s at 32,768 peers":                     finding(trial.Unresponsive, "u", "", "no event for 60 s"),
		"[BUG] wireguard: no word at 32,768 peers":                               finding(trial.VMDied, "u", "kernel", "no word"),
		"[BUG] wireguard: fork fails with EAGAIN at 32,768 peers":                refused,
		"[BUG] net: " + strings.Repeat("very ", 9) + "long ...":                  finding(trial.Warning, "w", "net", strings.Repeat("very ", 9)+"long title that does  not fit into a line"),
		"[BUG] wireguard: canary rtnl takes 300 ms at 32,768 peers":              finding(judge.Budget, "canary rtnl", "", "canary rtnl takes 300 ms"),
		"[BUG] netfilter: WARNING in nft_rbtree_lookup at 32,768 peers":          finding(trial.Warning, "w", "net/netfilter", "WARNING in nft_rbtree_lookup"),
		"[BUG] wireguard: delete not done after 300 s at 32,768 peers":           finding(trial.Deadline, "delete", "wireguard", "delete not done after 300 s, its task is in state D in x"),
		"[BUG] workqueue: kthread creation failed at 32,768 peers":               finding(trial.KernelError, "k", "kernel/workqueue", "kthread creation failed (during handshake)"),
		"[BUG] x86: BUG: unable to handle page fault in memset_erms":             finding(trial.Oops, "o", "x86", "BUG: unable to handle page fault in memset_erms"),
		"[BUG] cgroup: soft lockup in cgroup_rstat_flush_locked at 32,768 peers": finding(trial.SoftLockup, "o", "kernel/cgroup", "soft lockup in cgroup_rstat_flush_locked"),
	} {
		l := letter{Summary: summary.Summary{Scenario: summary.Scenario{Name: "wireguard", Axis: "peers", Unit: "peer"}}, finding: f}
		assert.LessOrEqual(t, len(l.subject()), subjectWidth)
		if strings.HasSuffix(want, "...") {
			assert.True(t, strings.HasPrefix(l.subject(), strings.TrimSuffix(want, " ...")), l.subject())
			continue
		}
		assert.Equal(t, want, l.subject())
	}
}

// TestGrowth: of a cost that grows too fast no size is broken, and all sizes are needed to see it.
func TestGrowth(t *testing.T) {
	s := load(t, "wireguard-6.12")
	s.Findings = []summary.Finding{{Finding: judge.Finding{What: "delete", Op: "delete", Kind: judge.Growth, Broken: 1 << 30,
		Text: "delete grows as n^1.98"}}}
	s.Ops[0].Model = &summary.Model{Class: "quadratic", Exponent: 1.98, ExponentLow: 1.9, ExponentHigh: 2.1}
	var text strings.Builder
	assert.NoError(t, Write(&text, s, Options{}))
	checkForm(t, text.String())
	assert.Contains(t, text.String(), "Subject: [BUG] wireguard: cost of delete grows as n^1.98, not O(n)\n")
	assert.Contains(t, clean(text.String()), "grows with the number of peers as n^1.98 (95% interval 1.90 to 2.10); O(n) was expected.")
	assert.Contains(t, text.String(), "--sizes 1024,2048,4096,8192,16384,32768,65536,131072 ")
	assert.NotContains(t, text.String(), "1,073,741,824")
}

func TestBuild(t *testing.T) {
	for name, want := range map[string]string{
		"git:/home/me/linux@v6.12,kasan": "built from git, v6.12,kasan", "source:/home/me/linux": "built from a source tree",
		"source:debian:6.12": "built from Debian's source package, 6.12", "file:/k/bzImage": "a kernel given as a file, SHA-256 0123456789ab",
	} {
		l := letter{Summary: summary.Summary{Kernel: trial.Kernel{Name: name, Hash: "0123456789abcdef"}}}
		assert.Equal(t, want, l.build())
		assert.Equal(t, strings.Contains(name, "debian"), l.vendor())
	}
}

// TestPick: what loses the guest comes first, then the smallest size; a prediction last.
func TestPick(t *testing.T) {
	run := func(findings ...judge.Finding) (s summary.Summary) {
		for _, f := range findings {
			s.Findings = append(s.Findings, summary.Finding{Finding: f})
		}
		return s
	}
	slow, late := judge.Finding{Kind: judge.Budget, Broken: 100}, judge.Finding{Kind: trial.Deadline, Broken: 50}
	panics, grows := judge.Finding{Kind: trial.Panic, Broken: 1000}, judge.Finding{Kind: judge.Growth}
	assert.Equal(t, 0, Pick(run(slow)))
	assert.Equal(t, 1, Pick(run(slow, late)))
	assert.Equal(t, 2, Pick(run(grows, slow, panics)))
	assert.Equal(t, 1, Pick(run(grows, slow)))
}

func TestWrap(t *testing.T) {
	text := strings.Repeat("word ", 30) + "takes 12.4 s and https://example.org/" + strings.Repeat("x", 80) + " end"
	got := wrap(text, "  head  ", "        ")
	for i, line := range strings.Split(got, "\n") {
		assert.True(t, len(line) <= columns || strings.Contains(line, "https://"), line)
		assert.True(t, i == 0 || strings.HasPrefix(line, "        "), line)
	}
	assert.Equal(t, strings.Fields("head "+text), strings.Fields(got))
	assert.Equal(t, strings.Repeat("x", 66)+" for\n12.4 s", wrap(strings.Repeat("x", 66)+" for 12.4 s", "", ""), "a number and its unit stay together")
	assert.Equal(t, "head", wrap("", "head ", ""))
	assert.Equal(t, "1.00 us - 2 ...", clean("1.00 µs –\n 2 …"))
}

func TestCommand(t *testing.T) {
	l := letter{Summary: oops(t)}
	l.finding = l.Findings[0]
	assert.Equal(t, "brink run wireguard --kernel file:/k/bzImage --sizes 65536,131072 --seed 1 --set allowed-ips=2 --memory 2048M --cpus 1 "+
		"--cpu max --accel kvm --clock wall", l.command())
	l.Args = []string{"brink", "run", "promisc", "--axis=pps,macs"}
	assert.Contains(t, l.command(), " --seed 1 --axis peers --set ", "a run is on one axis")
	l.finding.Twin = &judge.Twin{Both: 1, Of: 1}
	assert.Contains(t, l.command(), " --set allowed-ips=2 --twins --memory ")
	l.Machine.CPU = "max; rm -rf 'x'"
	assert.Contains(t, l.command(), `--cpu 'max; rm -rf '\''x'\'''`)
	found := judge.Finding{Kind: judge.Budget, Safe: 82, Broken: 83, Search: &judge.Search{Ladder: [2]int64{0, 1024}}}
	assert.Equal(t, "82,83,1024", repeated(found, nil), "at 83 it is only just too slow")
	assert.Equal(t, "1,2,4,6,7", repeated(judge.Finding{Kind: judge.OverLimit, Safe: 6, Broken: 7}, []int64{1, 2, 4, 8}), "what was there before counts")
	assert.Equal(t, "1,2,4", repeated(judge.Finding{Kind: judge.Growth, Broken: 9}, []int64{1, 2, 4}))
}

// TestLongScript: a script that would fill the mail is only named.
func TestLongScript(t *testing.T) {
	for script, inside := range map[string]bool{"echo marker\n": true, "echo marker\n" + strings.Repeat(":\n", plainLines): false} {
		var text strings.Builder
		assert.NoError(t, Write(&text, load(t, "wireguard-7.2"), Options{Plain: script}))
		assert.Equal(t, inside, strings.Contains(text.String(), "marker"))
		assert.Equal(t, !inside, strings.Contains(text.String(), "it comes on request"))
	}
}

// TestLongTrace: the end of a trace may go, the beginning says what happened.
func TestLongTrace(t *testing.T) {
	s := oops(t)
	for range 3 * traceLines {
		s.Findings[0].Console = append(s.Findings[0].Console, summary.Line{Text: " more+0x1/0x2"})
	}
	var text strings.Builder
	assert.NoError(t, Write(&text, s, Options{}))
	assert.Contains(t, text.String(), "general protection fault")
	assert.Regexp(t, `\n\[[0-9]+ more lines\]\n`, text.String())
}

func TestSuspect(t *testing.T) {
	run := load(t, "wireguard-6.12")
	path, ok := Suspect(run, 1, wireguardLines())
	assert.True(t, ok)
	assert.Equal(t, "drivers/net/wireguard/peer.c", path, "the guilty function, not what was inlined into it")
	path, ok = Suspect(run, 2, lines{})
	assert.True(t, ok)
	assert.Equal(t, "drivers/net/wireguard/", path)
	run.Findings[0].Subsystem, run.Findings[1].Subsystem, run.Scenario.Name = "kernel", "", "gateway"
	_, ok = Suspect(run, 0, nil)
	assert.False(t, ok)
	_, ok = Suspect(run, 3, nil)
	assert.False(t, ok)
	path, _ = Suspect(oops(t), 0, nil)
	assert.Equal(t, "drivers/net/wireguard/", path)
}
