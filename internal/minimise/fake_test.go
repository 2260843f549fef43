package minimise

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"brink/internal/explain"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// question is a reproduction with something of every kind.
func question() Question {
	ops := []scenario.Op{{Name: "load", From: scenario.Empty, To: scenario.Full}, {Name: "get", From: scenario.Full, To: scenario.Full},
		{Name: "put", From: scenario.Full, To: scenario.Full}, {Name: "delete", From: scenario.Full, To: scenario.Empty}}
	op := func(name string, reps int) trial.Step {
		return trial.Step{Kind: trial.StepOp, Size: 100, Op: name, Reps: reps}
	}
	return Question{
		Spec: scenario.Spec{Name: "fake", Ops: ops, Options: []scenario.Option{
			{Name: "plain", Default: "0"}, {Name: "a", Default: "1"}, {Name: "b", Default: "2"}, {Name: "c", Default: "3"}}},
		Unit: "peers", FloorMB: 256,
		Target: explain.Target{What: "panic:f:s", Kind: trial.Panic, Op: "put", Safe: 60, Broken: 70, At: 100},
		Whole: Candidate{Size: 100, Settings: scenario.Settings{"plain": "0", "a": "10", "b": "20", "c": "30"},
			Machine: trial.Machine{MemoryMB: 4096, CPUs: 8, Cmdline: "quiet"},
			Steps: []trial.Step{{Kind: trial.StepCanary}, op("load", 1), {Kind: trial.StepSettle, Size: 100}, {Kind: trial.StepCanary, Size: 100},
				op("get", 64), op("put", 8), {Kind: trial.StepCanary, Size: 100}, op("delete", 1)},
			Modules: []string{"wireguard", "veth", "pvpanic"}, Built: []string{"seeded"}, Tools: []string{"wg"}, Devices: []string{"pvpanic"},
			Args: []string{"quiet", "oops=panic", "nokaslr", "sysrq", "loglevel=5"}},
		Extra: []string{"pvpanic"},
	}
}

// things lists what a candidate holds that a planted failure may need; numbers as what they are at least.
func things(c Candidate) map[string]int64 {
	t := map[string]int64{"cpus": int64(c.Machine.CPUs), "memory": c.Machine.MemoryMB, "size": c.Size}
	for _, s := range c.Steps {
		name := fmt.Sprintf("%s %s %d", s.Kind, s.Op, min(s.Size, 1))
		t[name]++
		t["reps "+s.Op] = int64(s.Reps)
	}
	for name, v := range c.Settings {
		t[name+"="+v] = 1
	}
	for _, names := range [][]string{c.Modules, c.Built, c.Tools, c.Args} {
		for _, name := range names {
			t[name] = 1
		}
	}
	for _, name := range c.Devices {
		t["device "+name] = 1
	}
	return t
}

// needs is a monotone failure: it comes where all that it needs is there.
type needs map[string]int64

func (n needs) met(c Candidate) bool {
	have := things(c)
	for name, least := range n {
		if have[name] < least {
			return false
		}
	}
	return true
}

// lab answers decisions, and keeps the tallies as Read would.
type lab struct {
	known map[string]Tally
	boots int
	// shows is what a VM does: true the target, false none; a fault is the harness's.
	shows func(c Candidate, seed uint64) (shown, fault bool)
}

func newLab(shows func(Candidate, uint64) (bool, bool)) *lab {
	return &lab{known: map[string]Tally{}, shows: shows}
}

func always(met func(Candidate) bool) *lab {
	return newLab(func(c Candidate, _ uint64) (bool, bool) { return met(c), false })
}

// step makes the trial of a decision.
func (l *lab) step(d Decision) {
	shown, fault := l.shows(*d.Try, d.Seed)
	t := l.known[d.Try.Key()]
	l.boots++
	switch {
	case fault:
		t.Harness++
		t.Last = "harness: no luck"
	case shown:
		t.Shown++
	default:
		t.Missed++
		t.Last = "no failure"
	}
	if d.Confirm && !fault {
		t.Confirming++
		if shown {
			t.Confirmed++
		}
	}
	l.known[d.Try.Key()] = t
}

// run goes on to the end, or until so many VMs were spent, and then confirms.
func (l *lab) run(t *testing.T, q Question, limit int) Report {
	t.Helper()
	for range 2000 {
		d, r := Next(q, l.known, l.boots >= limit)
		if d.Try == nil {
			return r
		}
		require.NotEmpty(t, d.Try.Steps, "there is always a plan")
		l.step(d)
	}
	require.Fail(t, "it does not end")
	return Report{}
}

const noLimit = 1 << 30

// someNeeds plants a failure that needs a random choice of what there is.
func someNeeds(rnd *rand.Rand, q Question) needs {
	have := things(q.Whole)
	names := make([]string, 0, len(have))
	for name := range have {
		names = append(names, name)
	}
	slices.Sort(names)
	n := needs{"op load 1": 1}
	for _, name := range names {
		if have[name] > 0 && rnd.Float64() < 0.25 {
			n[name] = 1 + rnd.Int64N(have[name])
		}
	}
	return n
}
