package page

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"brink/internal/explain"
	"brink/internal/judge"
	"brink/internal/summary"
	"brink/internal/trial"
)

// shown returns the parts of a page as text.
func shown(t testing.TB, s summary.Summary) (*html.Node, func(id string) string) {
	root := parse(t, write(t, s))
	return root, func(id string) string { return section(t, root, id) }
}

func contains(t testing.TB, text string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		assert.Contains(t, text, w)
	}
}

func TestVerdictComesFirst(t *testing.T) {
	root, part := shown(t, sample())
	sections := all(root, atom.Section)
	order := []string{"verdict", "findings", "ramps", "ops", "rest", "trials", "explanation", "facts", "repeat"}
	require.Len(t, sections, len(order))
	for i, id := range order {
		assert.Equal(t, id, attr(sections[i], "aria-labelledby"))
	}
	_, many := shown(t, odd())
	contains(t, many("verdict"), "and 6 findings more")
	contains(t, part("verdict"), "Fails at 83 peers", "over-budget delete takes 12.4 s, its budget is 2.02 s", "Safe up to 82 peers", "Broken from 83 peers",
		"Where to look peer_remove_after_dead in wireguard, finding 2, raw console", "Class version proven at 95%",
		"Signature deadline:peer_remove_after_dead:wireguard (finding 2)", "Confidence 0.924, from 12 fresh VMs",
		"Harness faults 1 trial was lost by brink or its host", "fails at 4,096 peers, not at 2,048")
	assert.NotContains(t, part("verdict"), "SEEDED")
	assert.NotContains(t, part("verdict"), "Not finished")
}

func TestVerdicts(t *testing.T) {
	growth := sample()
	growth.Findings = growth.Findings[:1]
	growth.Findings[0].Kind, growth.Findings[0].Text, growth.Verdict.Broken = judge.Growth, "lookup grows", 0
	unexplained := sample()
	unexplained.Explanation = nil
	likely := sample()
	likely.Explanation.Proven, likely.Explanation.Confidence = false, 0.25
	closed := sample()
	closed.Explanation.Class = explain.NotExplained
	once := sample()
	once.Findings = once.Findings[1:]
	for name, c := range map[string]struct {
		s      summary.Summary
		tone   string
		wanted []string
	}{
		"failed":      {sample(), "bad", []string{"Fails at 83 peers"}},
		"only growth": {growth, "bad", []string{"Cost grows faster than expected", "lookup grows", "Broken from none"}},
		"healthy":     {healthy(), "good", []string{"No failure up to 4,096 peers", "3 trials showed no failure"}},
		"broken off":  {brokenOff(), "open", []string{"Not finished", "brink resume 20261121-095700-wireguard-6.12", "No failure so far, up to 4,096 peers"}},
		"empty":       {empty(), "open", []string{"Nothing was measured to its end, and nothing failed", "Safe up to none"}},
		"seeded":      {seeded(), "bad", []string{"SEEDED", "planted", "say nothing about this kernel"}},
		"unexplained": {unexplained, "bad", []string{"Class not explained yet: run brink explain 20261121-095700-wireguard-6.12"}},
		"likely":      {likely, "bad", []string{"Class version not proven, confidence 0.250"}},
		"closed":      {closed, "bad", []string{"Class not explained Signature"}},
		"seen once":   {once, "bad", []string{"Confidence seen in one VM, on the ladder"}},
	} {
		t.Run(name, func(t *testing.T) {
			root, part := shown(t, c.s)
			assert.Equal(t, "verdict "+c.tone, attr(all(root, atom.Section)[0], "class"))
			contains(t, part("verdict"), c.wanted...)
		})
	}
}

// TestHarnessFaultsAreNoFailures: they are told, but in no finding and not in red.
func TestHarnessFaultsAreNoFailures(t *testing.T) {
	s := healthy()
	s.Verdict.Harness, s.Trials = 2, sample().Trials[1:2]
	root, part := shown(t, s)
	contains(t, part("verdict"), "No failure up to", "2 trials were lost", "count neither as good nor as bad")
	contains(t, part("trials"), "harness fault", "QEMU was killed")
	contains(t, part("findings"), "None.")
	for _, td := range all(root, atom.Td) {
		if text(td) == "harness fault" {
			assert.NotContains(t, attr(td, "class"), "bad")
			assert.Equal(t, "fault", attr(td.Parent, "class"))
		}
	}
}

func TestFindings(t *testing.T) {
	root, part := shown(t, seeded())
	contains(t, part("findings"), "over-budget seeded delete takes 12.4 s", "fails at 83 peers, not at 82", "Search found, in 12 fresh VMs; the ladder said 0 to 1,024",
		"Because 83 failed in 1 boot", "How often 100% of the VMs (65% to 100%)", "Function peer_remove_after_dead", "Subsystem wireguard", "Also seen rcu-stall:x:y",
		"none: the size is the ladder's", "Noticed: pvpanic event", "Not to be had: task stacks (the guest is silent)")
	marks := all(root, atom.Mark)
	require.Len(t, marks, 1)
	assert.Equal(t, "[<0>] peer_remove_after_dead+0x65/0xd0 [wireguard]", text(marks[0]))
	assert.Contains(t, write(t, sample()), `<a href="./trials/001/registers.txt">registers.txt</a>`)
}

// TestLongConsole: the head is enough to read; the guilty lines stay, the rest is in the file.
func TestLongConsole(t *testing.T) {
	s := sample()
	for i := range 1000 {
		s.Findings[1].Console = append(s.Findings[1].Console, summary.Line{Text: fmt.Sprintf("line %d", i), Guilty: i == 900})
	}
	root, part := shown(t, s)
	assert.Len(t, all(root, atom.Mark), 2)
	contains(t, part("findings"), "line 900", "881 lines more in the raw console")
	assert.NotContains(t, part("findings"), "line 901")
}

func TestRamps(t *testing.T) {
	root, part := shown(t, sample())
	figures := all(root, atom.Figure)
	require.Len(t, figures, 2)
	contains(t, text(figures[0]), "delete delete the device with all its peers", "expected O(n), found linear: 94.8 ms + 12.0 ms n", "waits more than it computes",
		"1,024 over budget: 12.4 s instead of 2.02 s … 2,048 over budget: 24.8 s instead of 3.05 s", "4,096 late: not done after 300 s",
		"1,024 12.4 s 12.1 ms 1 2.02 s", "4,096 - - 0 5.10 s late: not done after 300 s")
	contains(t, text(figures[1]), "lookup", "knee (jump) at 2,048 (1,500 to 3,000)", "1,024 20.6 µs 20.6 µs 8 (20.0 µs to 21.4 µs) 5.00 ms ok")
	assert.Less(t, strings.Index(part("ramps"), "delete"), strings.Index(part("ramps"), "Other ops"), "the op with a finding comes first")
	for _, f := range figures {
		assert.Len(t, all(f, atom.Figcaption), 1)
		assert.Len(t, all(f, atom.Table), 1, "the numbers, for who cannot see the plot")
	}
}

// TestWorth: without findings those ramps come first that grow with the size.
func TestWorth(t *testing.T) {
	s := healthy()
	s.Ops = append(s.Ops, deleteOp())
	v := newView(s)
	require.Len(t, v.Worth, 1)
	assert.Equal(t, "delete", v.Worth[0].Op)
	require.Len(t, v.Others, 1)
}

func TestPlotMarks(t *testing.T) {
	s := sample()
	_, p := newFigure(s, 1)
	assert.Equal(t, []any{int64(82), int64(83), "over-budget"}, []any{p.Safe, p.Broken, p.Failure}, "its own finding")
	_, p = newFigure(s, 0)
	assert.Zero(t, p.Broken, "another op's finding is none of its own")
	s.Findings[1].Kind = trial.Panic
	_, p = newFigure(s, 0)
	assert.Equal(t, []any{int64(2048), int64(4096), "panic in peer_remove_after_dead"}, []any{p.Safe, p.Broken, p.Failure}, "but one that takes the VM ends every ramp")
	s.Ops[0].Points = []summary.Point{{Size: 1024, State: summary.Skipped, Text: "no IPv6"}, {Size: 0, State: summary.OK, Samples: []trial.Sample{{WallNS: 5}}}}
	f, p := newFigure(s, 0)
	assert.Nil(t, p, "nothing can be drawn")
	assert.Equal(t, "n/a: no IPv6", f.Rows[0].State)
	assert.Empty(t, f.Plot)
}

func TestTables(t *testing.T) {
	_, part := shown(t, sample())
	contains(t, part("ops"), "lookup 20.6 µs 20.6 µs 20.6 µs O(log n) constant 5.00 ms",
		"delete !12.4 s 12.1 ms each !24.8 s 12.1 ms each late O(n) linear, exponent 1.00 (0.99 to 1.01) 1.00 s + 1.00 ms each")
	contains(t, part("rest"), "fork rtnl", "0 boot 1 4.78 ms 115 µs", "4,096 after 1 EAGAIN - 1 kthread_run failed with err -11 15,650 0 1,117 MiB")
	contains(t, part("trials"), "1 boot deadline 4,096 delete 104 s still running at its deadline console.log, registers.txt",
		"Search for the threshold: 1 fresh VM, each loaded straight to one size", "3 clone 82 completed")
}

func TestExplanation(t *testing.T) {
	_, part := shown(t, sample())
	contains(t, part("explanation"), "version: kernel debian:5.10.0-46/cloud-amd64: 0 of 6 fail", "Of over-budget at 83 peers: delete takes 12.4 s. 12 fresh VMs.",
		"same nothing but the seed 6 of 6 54% to 100% control", "0 of 6 0% to 46% goes away, confidence 0.999", "not tried: the scenario has no rate")
	s := sample()
	s.Explanation.Arms[1].Other, s.Explanation.Arms[1].Others, s.Explanation.Arms[1].Harness, s.Explanation.Arms[1].Fault = 2, []string{"oops:x"}, 1, "no memory"
	s.Explanation.Repeat = 4
	_, part = shown(t, s)
	contains(t, part("explanation"), "2 failed otherwise: oops:x; 1 harness fault: no memory", "brink explain 20261121-095700-wireguard-6.12 --repeat 4")
	s.Explanation = nil
	_, part = shown(t, s)
	contains(t, part("explanation"), "Not explained yet")
	_, part = shown(t, healthy())
	contains(t, part("explanation"), "There is nothing to explain.")
}

func TestFacts(t *testing.T) {
	s := sample()
	_, part := shown(t, s)
	contains(t, part("facts"), "Scenario WireGuard peers on a gateway gateways that kept every peer", "Kernel debian:6.12.117+deb13/cloud-amd64", "Version #1 SMP Debian", "Machine pc, 2,048 MiB, 1 vCPU, tcg", "CPU max",
		"Clock icount The instruction clock: a nanosecond is one guest instruction", "QEMU 7.2.22", "console=ttyS0 quiet", "Seed 7", "hot=6 4 (changed), ipv6=0",
		"build 31f13a6", "838 ms after power-on")
	s.Machine.Clock = trial.ClockWall
	_, part = shown(t, s)
	contains(t, part("facts"), "Clock wall Real time of the guest.")
}

func TestReproduce(t *testing.T) {
	page := write(t, sample())
	contains(t, section(t, parse(t, page), "repeat"), "brink run wireguard --kernel debian:6.12 --set 'hot=6 4'", "the kernel was debian:6.12.117+deb13/cloud-amd64",
		"brink bundle 20261121-095700-wireguard-6.12", "brink explain 20261121-095700-wireguard-6.12", "run.json, events.jsonl, report.txt")
	contains(t, page, `href="./run.json"`, `href="./events.jsonl"`, `href="./report.txt"`)
}

func TestShell(t *testing.T) {
	assert.Equal(t, `brink run '' 'a b' 'it'\''s' '$(x)' debian:6.12/x,y=1 'ü' '~'`, shell([]string{"brink", "run", "", "a b", "it's", "$(x)", "debian:6.12/x,y=1", "ü", "~"}))
}
