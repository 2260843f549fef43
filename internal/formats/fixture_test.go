package formats

import (
	"reflect"
	"time"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/summary"
	"brink/internal/trial"
)

// began is when the runs of the tests began.
var began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func spec() scenario.Spec {
	full := func(name string, reps int, budget time.Duration) scenario.Op {
		return scenario.Op{Name: name, Title: "what " + name + " does", From: scenario.Full, To: scenario.Full, Reps: reps,
			Growth: scenario.Constant, Budget: scenario.Budget{Base: budget}, Deadline: time.Minute}
	}
	load := full("load", 1, 0)
	load.From, load.Growth, load.Budget.PerUnit = scenario.Empty, scenario.Linear, time.Millisecond
	return scenario.Spec{
		Name:     "fake",
		Title:    "made up",
		Incident: "none",
		Axes:     []scenario.Axis{{Name: "peers", Unit: "peer"}},
		Ops: []scenario.Op{
			load,
			full("get", 2, 5*time.Millisecond),
			full("talk", 1, time.Second),
			full("walk", 1, time.Second),
		},
		Options: []scenario.Option{{Name: "hot", Default: "64"}, {Name: "ipv6", Default: "0"}},
		Signals: []scenario.Signal{{Name: "offered", Unit: "/s", Title: "frames offered"}, {Name: "gap", Unit: "ns", Title: "gap of the heartbeat"}},
		Limits: []scenario.Limit{{Name: "livelock", Title: "livelock", Signal: "offered", Form: scenario.Collapse, Bound: 0.5, Of: "gap"},
			{Name: "stall", Title: "stall", Signal: "gap", Form: scenario.Above, Bound: 1e9}},
	}
}

func head(id string) trial.Run {
	return trial.Run{
		V:        1,
		ID:       id,
		Build:    "abc1234",
		Args:     []string{"brink", "run", "fake"},
		Scenario: "fake",
		Axis:     "peers",
		Sizes:    []int64{1000, 2000, 4000},
		Settings: map[string]string{"hot": "128", "ipv6": "0"},
		Seed:     1,
		Kernel: trial.Kernel{Ref: "debian:6.12", Name: "debian:6.12.1/cloud-amd64", Release: "6.12.1-cloud-amd64",
			Package: "linux-image-6.12.1", Version: "6.12.1-1", Hash: "00ff"},
		Machine: trial.Machine{Accel: "tcg", Clock: trial.ClockICount, MemoryMB: 1024, CPUs: 1, CPU: "max", Board: "pc",
			QEMU: "7.2.22"},
	}
}

// record makes events with a host time of a second each.
type record struct{ events []trial.Event }

func (r *record) add(e trial.Event) {
	e.V, e.Host = 1, began.Add(time.Duration(len(r.events))*time.Second)
	r.events = append(r.events, e)
}

func (r *record) boot(number int) {
	r.add(trial.Event{Type: trial.EventTrial, Trial: number,
		Plan: &trial.Plan{Steps: []trial.Step{{Deadline: time.Minute}}}, Start: trial.StartBoot})
}

func (r *record) op(number int, name string, size, count int64, walls ...time.Duration) {
	e := trial.Event{Type: trial.EventEnd, Trial: number, Kind: trial.StepOp, Size: size, Op: name}
	for i, w := range walls {
		e.Samples = append(e.Samples,
			trial.Sample{Rep: i, Count: count, WallNS: int64(w), CPUNS: int64(w) / 2, SysNS: int64(w) / 4})
	}
	r.add(e)
}

func (r *record) canary(number int, size int64, fork *trial.OpError) {
	r.add(trial.Event{Type: trial.EventEnd, Trial: number, Kind: trial.StepCanary, Size: size,
		Canaries: []trial.Canary{{Name: "fork", NS: 1_500_000, Err: fork}, {Name: "timer", NS: 1_050_000 + size}},
		Health: &trial.Health{Threads: 80, LastPID: 1234, MemFreeKB: 900_000, Taint: 512, KernelCount: 1,
			KernelLines: []string{"fake: error"}}})
}

func (r *record) end(number int, o trial.Outcome) {
	r.add(trial.Event{Type: trial.EventOutcome, Trial: number, Outcome: &o})
}

func (r *record) summary(h trial.Run, finished bool) summary.Summary {
	return summary.New(judge.Read(spec(), h, r.events), r.events, finished, nil)
}

func (r *record) second(number int, op string, size int64, s trial.Signals) {
	r.add(trial.Event{Type: trial.EventSignals, Trial: number, Kind: trial.StepOp, Size: size, Op: op, Signals: s})
}

// broken shows one of everything: too slow, refused, late, skipped, a signal over its limit and one inside it, a canary that
// fails, a panic in walk, a harness fault.
func broken() summary.Summary {
	var r record
	enomem := &trial.OpError{Errno: 12, Name: "ENOMEM", Message: "cannot allocate memory"}
	r.boot(1)
	r.canary(1, 1000, nil)
	r.op(1, "load", 1000, 1000, 120*time.Millisecond)
	r.op(1, "get", 1000, 1, 2*time.Millisecond, 4*time.Millisecond)
	r.op(1, "walk", 1000, 1, 10*time.Microsecond)
	r.add(trial.Event{Type: trial.EventSkip, Trial: 1, Kind: trial.StepOp, Size: 1000, Op: "talk", Text: "no key"})
	r.second(1, "walk", 1000, trial.Signals{"offered": 500, "gap": 2e6})
	r.op(1, "load", 2000, 2000, 2500*time.Millisecond)
	r.op(1, "walk", 2000, 1, 11*time.Microsecond)
	r.add(trial.Event{Type: trial.EventDeadline, Trial: 1, Kind: trial.StepOp, Size: 2000, Op: "talk",
		Task: &trial.Task{State: "D", Wchan: "rtnl_lock"}})
	r.end(1, trial.Outcome{Kind: trial.Deadline, Size: 2000, Op: "talk", Text: "still running at its deadline"})
	r.boot(2)
	r.canary(2, 4000, enomem)
	r.add(trial.Event{Type: trial.EventOpError, Trial: 2, Kind: trial.StepOp, Size: 4000, Op: "get", Err: enomem})
	r.second(2, "walk", 4000, trial.Signals{"offered": 1000, "gap": 1.5e9})
	r.second(2, "walk", 4000, trial.Signals{"offered": 1100.5, "gap": 3e6})
	r.add(panics(2, 4000))
	r.add(trial.Event{
		Type:  trial.EventCapture,
		Trial: 2,
		Captures: []trial.Capture{{What: "registers", File: "registers.txt", Bytes: 12},
			{What: "guest files", Err: "no answer"}},
	})
	r.end(
		2,
		trial.Outcome{Kind: trial.Panic, Size: 4000, Op: "walk", Failure: panics(2, 4000).Failure,
			Text: panics(2, 4000).Failure.Title},
	)
	r.boot(3)
	r.end(3, trial.Outcome{Kind: trial.Harness, Text: "QEMU was killed by signal 9 (killed)"})
	return r.summary(head("20260102-030405-fake-6.12.1"), true)
}

func panics(number int, size int64) trial.Event {
	return trial.Event{
		Type:  trial.EventKernel,
		Trial: number,
		Kind:  trial.StepOp,
		Size:  size,
		Op:    "walk",
		Failure: &trial.Failure{Kind: trial.Panic,
			Title: "kernel panic: fake <bug> & \"more\"", Signature: "panic:foo:fake",
			Function: "foo", Subsystem: "fake", Fatal: true,
			Text: "[    1.0] Kernel panic - not syncing: fake <bug> & \"more\"\n" +
				"[    1.1] RIP: 0010:foo+0x12/0x40\n[    1.2] \x1b[31m# Subtest: ]]>\x1b[0m\n"},
	}
}

// healthy is a whole ramp without a finding; every time is the given multiple.
func healthy(h trial.Run, factor time.Duration) summary.Summary {
	r := climbed(h, factor)
	r.end(1, trial.Outcome{Kind: trial.Completed})
	return r.summary(h, true)
}

func climbed(h trial.Run, factor time.Duration) *record {
	r := &record{}
	r.boot(1)
	for _, n := range h.Sizes {
		r.op(1, "load", n, n, factor*time.Duration(n)*time.Microsecond)
		r.op(1, "get", n, 1, factor*time.Millisecond, factor*time.Millisecond)
		r.op(1, "talk", n, 1, factor*time.Millisecond)
		r.op(1, "walk", n, 1, factor*time.Microsecond)
		r.canary(1, n, nil)
	}
	return r
}

// unfinished was interrupted after its first size.
func unfinished() summary.Summary {
	h := head("unfinished")
	h.Sizes = h.Sizes[:1]
	r := climbed(h, 1)
	return r.summary(head("unfinished"), false)
}

// harness has lost all of its trials.
func harness() summary.Summary {
	var r record
	for n := 1; n <= 3; n++ {
		r.boot(n)
		r.end(n, trial.Outcome{Kind: trial.Harness, Text: "QEMU: no memory\non the host"})
	}
	return r.summary(head("harness"), false)
}

// seeded has a planted panic.
func seeded() summary.Summary {
	h := head("seeded")
	h.Seeded = true
	r := climbed(h, 1)
	r.add(panics(1, 4000))
	r.end(1, trial.Outcome{Kind: trial.Panic, Size: 4000, Op: "walk", Failure: panics(1, 4000).Failure, Text: "planted"})
	return r.summary(h, true)
}

// empty is a run of which nothing is known but its head.
func empty() summary.Summary {
	var r record
	return r.summary(head("empty"), false)
}

// runs are all of them.
func runs() []summary.Summary {
	return []summary.Summary{broken(), healthy(head("healthy"), 1), unfinished(), harness(), seeded(), empty(), {}}
}

// filled is a summary whose every field holds something: the text, the number. It may contradict itself.
func filled(text string, number int64) summary.Summary {
	var s summary.Summary
	fill(reflect.ValueOf(&s).Elem(), text, number)
	s.Format, s.V = summary.Format, summary.Version
	for i := range s.Rests {
		s.Rests[i].When, s.Trials[i].Start = "before", trial.StartClone
	}
	for i := range s.Ops {
		s.Ops[i].Points[0].State, s.Ops[i].Points[1].State = summary.OK, summary.Refused
		for j := range s.Ops[i].Points {
			s.Ops[i].Points[j].Size += int64(j)
		}
	}
	return s
}

func fill(v reflect.Value, text string, number int64) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(began))
		return
	case v.Type() == reflect.TypeFor[trial.Clock]():
		v.SetString(string(trial.ClockICount))
		return
	case v.Type() == reflect.TypeFor[scenario.Form]():
		v.SetString(string(scenario.Times))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(number%2 == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(number)
	case reflect.Uint64:
		v.SetUint(uint64(number))
	case reflect.Float64:
		v.SetFloat(float64(number) / 3)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text, number)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf(text), reflect.ValueOf(text))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), text, number)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), text, number)
		}
	default:
		panic("a summary holds a " + v.Type().String() + ", which fill does not know")
	}
}

// searched is a search that began with those sizes.
func searched(low, high int64) *judge.Search {
	return &judge.Search{Verdict: "found", Why: "3100 failed in 3 boots, 3000 passed in 3 boots", Confidence: 0.97,
		Rate: 1, RateLow: 0.5, RateHigh: 1, Boots: 6, Ladder: [2]int64{low, high}}
}
