package page

import (
	"fmt"
	"math"
	"strings"
	"time"

	"brink/internal/explain"
	"brink/internal/judge"
	"brink/internal/summary"
	"brink/internal/trial"
)

// sample is a small run with all that a page can show: shaped like a ramp of WireGuard peers whose deletion is too slow, then does not
// come back.
func sample() summary.Summary {
	start := time.Date(2026, 11, 21, 9, 57, 0, 0, time.UTC)
	s := summary.Summary{Format: summary.Format, V: summary.Version, Run: "20261121-095700-wireguard-6.12", Build: "31f13a6", Finished: true,
		Args:  []string{"/somewhere/brink", "run", "wireguard", "--kernel", "debian:6.12", "--set", "hot=6 4"},
		Start: start, End: start.Add(5*time.Minute + 45*time.Second),
		Scenario: summary.Scenario{Name: "wireguard", Title: "WireGuard peers on a gateway", Incident: "gateways that kept every peer", Axis: "peers",
			Unit: "peer", Sizes: []int64{1024, 2048, 4096}, Seed: 7, Settings: map[string]string{"hot": "6 4", "ipv6": "0"}, Changed: map[string]string{"hot": "6 4"}},
		Kernel:  trial.Kernel{Ref: "debian:6.12", Name: "debian:6.12.117+deb13/cloud-amd64", Release: "6.12.117+deb13-cloud-amd64", Hash: "eef54a"},
		Machine: trial.Machine{Accel: "tcg", Clock: trial.ClockICount, MemoryMB: 2048, CPUs: 1, CPU: "max", Board: "pc", Cmdline: "console=ttyS0 quiet", QEMU: "7.2.22"},
		Guest:   &trial.Hello{Version: "#1 SMP Debian", BootNS: 838125151, Clock: "tsc"},
		Verdict: summary.Verdict{Failed: true, Safe: 82, Broken: 83, Trials: 2, Harness: 1, Class: "version", Proven: true},
	}
	s.Ops = []summary.Op{lookupOp(), deleteOp()}
	s.Findings = findings()
	s.Rests = []summary.Rest{{Trial: 1, When: "boot", Canaries: []trial.Canary{{Name: "fork", NS: 4775688}, {Name: "rtnl", NS: 114706}}},
		{Trial: 1, Size: 4096, When: "after", Canaries: []trial.Canary{{Name: "fork", Err: &trial.OpError{Name: "EAGAIN", Message: "fork: resource temporarily unavailable"}}},
			Health: trial.Health{Threads: 15650, MemFreeKB: 1144264, KernelLines: []string{"kthread_run failed with err -11"}, KernelCount: 1}}}
	s.Trials = trials()
	s.Explanation = explanation()
	return s
}

func lookupOp() summary.Op {
	op := summary.Op{Name: "lookup", Title: "find a peer", Expected: "O(log n)", BudgetNS: 5e6, ModelText: "constant: 20.6 µs",
		Model: &summary.Model{Class: "constant"}, Knee: &summary.Knee{Kind: "jump", At: 2048, Low: 1500, High: 3000}}
	for i, n := range []int64{1024, 2048, 4096} {
		p := summary.Point{Size: n, State: summary.OK, BudgetNS: 5e6, MedianNS: 20600, EachNS: 20600, Trial: 1}
		for rep := range 8 {
			p.Samples = append(p.Samples, trial.Sample{Rep: rep, Count: 1, WallNS: int64(20000 + 200*rep + i)})
		}
		op.Points = append(op.Points, p)
		op.Model.Curve = append(op.Model.Curve, summary.Dot{Size: float64(n), NS: 20600, Low: 19000, High: 22000})
	}
	return op
}

func deleteOp() summary.Op {
	op := summary.Op{Name: "delete", Title: "delete the device with all its peers", Expected: "O(n)", BudgetNS: 1e9, PerUnitNS: 1e6, Waits: true,
		ModelText: "linear: 94.8 ms + 12.0 ms n, exponent 1.00 (1.00 to 1.00)", Model: &summary.Model{Class: "linear", Exponent: 1, ExponentLow: 0.99, ExponentHigh: 1.01}}
	for _, n := range []int64{1024, 2048} {
		ns := 12_100_000 * n
		op.Points = append(op.Points, summary.Point{Size: n, State: summary.OverBudget, BudgetNS: 1e9 + 1e6*n, MedianNS: ns, EachNS: ns / n, Trial: 1,
			Samples: []trial.Sample{{Count: n, WallNS: ns}}})
	}
	op.Points = append(op.Points, summary.Point{Size: 4096, State: summary.Late, Text: "not done after 300 s", Trial: 1})
	for _, n := range []float64{1024, 2048, 4096} {
		op.Model.Curve = append(op.Model.Curve, summary.Dot{Size: n, NS: 1.2e7 * n, Low: 1.1e7 * n, High: 1.3e7 * n})
	}
	return op
}

func findings() []summary.Finding {
	slow := summary.Finding{Title: "over-budget at 83 peers", Log: "trials/001/console.log"}
	slow.Finding = judge.Finding{What: "delete", Op: "delete", Kind: judge.Budget, Text: "delete takes 12.4 s, its budget is 2.02 s", Safe: 82, Broken: 83,
		Trial: 1, Confidence: 0.924, Basis: "fresh VMs",
		Search: &judge.Search{Verdict: "found", Why: "83 failed in 1 boot", Rate: 1, RateLow: 0.65, RateHigh: 1, Boots: 12, Ladder: [2]int64{0, 1024}}}
	late := summary.Finding{Title: "deadline at 4,096 peers", Subsystem: "wireguard", Log: "trials/001/console.log",
		Console: []summary.Line{{Text: "[<0>] __wait_rcu_gp+0x179/0x180"}, {Text: "[<0>] peer_remove_after_dead+0x65/0xd0 [wireguard]", Guilty: true}},
		Captures: []trial.Capture{{What: "registers", File: "registers.txt"}, {What: "pvpanic event"},
			{What: "task stacks", Err: "the guest is silent"}}}
	late.Finding = judge.Finding{What: "delete", Op: "delete", Kind: trial.Deadline, Text: "delete not done after 300 s", Safe: 2048, Broken: 4096, Trial: 1,
		Signature: "deadline:peer_remove_after_dead:wireguard", Function: "peer_remove_after_dead", Basis: "ladder", Also: []string{"rcu-stall:x:y"}}
	return []summary.Finding{slow, late}
}

func trials() []summary.Trial {
	return []summary.Trial{
		{Number: 1, Start: trial.StartBoot, HostNS: 104e9, Folder: "trials/001", Captures: []trial.Capture{{What: "registers", File: "registers.txt"}},
			Outcome: trial.Outcome{Kind: trial.Deadline, Size: 4096, Op: "delete", Text: "still running at its deadline"}},
		{Number: 2, Start: trial.StartBoot, HostNS: 3e9, Folder: "trials/002", Outcome: trial.Outcome{Kind: trial.Harness, Text: "QEMU was killed"}},
		{Number: 3, Start: trial.StartClone, HostNS: 8e9, Folder: "trials/003", Outcome: trial.Outcome{Kind: trial.Completed},
			Probe: &trial.Probe{Size: 82, What: "delete", Kind: judge.Budget}},
	}
}

func explanation() *explain.Explanation {
	x := explain.Judge([]explain.Arm{
		{Setup: explain.Setup{Name: "same", Factor: explain.Same, Change: "nothing but the seed",
			Target: explain.Target{What: "delete", Kind: judge.Budget, Text: "delete takes 12.4 s", Safe: 82, Broken: 83, At: 1024}}, Failed: 6},
		{Setup: explain.Setup{Name: "kernel", Factor: explain.Version, Change: "kernel debian:5.10.0-46/cloud-amd64", Base: "same"}, Passed: 6},
		{Setup: explain.Setup{Name: "rate", Factor: explain.Load, Change: "rate", Base: "same", Skipped: "the scenario has no rate"}},
	})
	return &x
}

// healthy is a run without findings, empty one in which nothing happened, broken off one that was interrupted.
func healthy() summary.Summary {
	s := sample()
	s.Findings, s.Explanation, s.Trials = nil, nil, s.Trials[2:]
	s.Ops = []summary.Op{lookupOp()}
	s.Verdict = summary.Verdict{Safe: 4096, Trials: 3}
	return s
}

func empty() summary.Summary { return summary.Summary{} }

func brokenOff() summary.Summary {
	s := healthy()
	s.Finished = false
	return s
}

func seeded() summary.Summary {
	s := sample()
	s.Seeded = true
	for i := range s.Findings {
		s.Findings[i].Seeded = true
	}
	return s
}

func pages() map[string]summary.Summary {
	return map[string]summary.Summary{"failed": sample(), "healthy": healthy(), "empty": empty(), "broken off": brokenOff(), "seeded": seeded(), "hostile": hostile(), "odd": odd(), "flood": flood()}
}

// odd has ramps at the edge of what can be drawn: one size only, a size of one, times from a nanosecond to three centuries, none.
func odd() summary.Summary {
	s := sample()
	op := func(name string, ns ...int64) summary.Op {
		op := summary.Op{Name: name, Expected: "O(1)"}
		for i, v := range ns {
			op.Points = append(op.Points, summary.Point{Size: int64(1) << (10 * i), State: summary.OK, MedianNS: v, Samples: []trial.Sample{{WallNS: v}}})
		}
		return op
	}
	s.Ops = append(s.Ops, op("one size", 5), op("far apart", 1, math.MaxInt64, 7), op("nothing"), op("no time", 0, 0))
	for range 10 {
		s.Findings = append(s.Findings, s.Findings[1])
	}
	return s
}

// large is as big as a long run of WireGuard: ten ops, eight sizes, up to 64 samples, 150 fresh VMs.
func large() summary.Summary {
	s := sample()
	s.Scenario.Sizes = []int64{1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072}
	s.Ops = nil
	for i := range 10 {
		op := lookupOp()
		op.Name, op.Points, op.Model.Curve = fmt.Sprintf("op%d", i), nil, nil
		for _, n := range s.Scenario.Sizes {
			p := summary.Point{Size: n, State: summary.OK, MedianNS: n * 1000, EachNS: 1000, BudgetNS: 5e9, Trial: 1}
			for rep := range 64 {
				p.Samples = append(p.Samples, trial.Sample{Rep: rep, Count: n, WallNS: n*1000 + int64(rep*7919)%n})
			}
			op.Points = append(op.Points, p)
		}
		for i := range 60 {
			n := 1024 * float64(1+2*i)
			op.Model.Curve = append(op.Model.Curve, summary.Dot{Size: n, NS: n * 1000, Low: n * 900, High: n * 1100})
		}
		s.Ops = append(s.Ops, op)
	}
	for i := range 150 {
		t := s.Trials[2]
		t.Number = 4 + i
		s.Trials = append(s.Trials, t)
	}
	for i := range s.Findings {
		s.Findings[i].Console = nil
		for range 500 {
			s.Findings[i].Console = append(s.Findings[i].Console, summary.Line{Text: strings.Repeat("[    2.362288]  ? update_curr+0x198/0x200 ", 3)})
		}
	}
	return s
}
