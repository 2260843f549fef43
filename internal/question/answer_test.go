package question

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/bisect"
	"brink/internal/engine"
	"brink/internal/scenario"
	"brink/internal/trial"
	"brink/scenarios/seeded"
)

const size = 40_000

// vm is what one fresh VM does: how long walk takes, and whether it fails there.
type vm struct {
	walk    time.Duration
	fails   *trial.Outcome // in walk
	after   *trial.Outcome // in clear, which comes after walk
	skips   bool           // walk cannot be done
	canary  bool           // fork fails
	harness bool
	late    bool
	at      int64
}

func head() trial.Run {
	return trial.Run{V: trial.Version, ID: "b", Scenario: "seeded", Axis: "entries", Sizes: []int64{size},
		Machine: trial.Machine{Accel: "tcg", Clock: trial.ClockICount, MemoryMB: 512, CPUs: 1}}
}

func planted() *trial.Outcome {
	f := &trial.Failure{Kind: trial.Panic, Title: "planted", Signature: "panic:seeded_panic:seeded"}
	return &trial.Outcome{Kind: trial.Panic, Size: size, Op: "walk", Failure: f, Text: f.Title}
}

func unrelated(op string) *trial.Outcome {
	f := &trial.Failure{Kind: trial.Oops, Title: "elsewhere", Signature: "oops:elsewhere:mm"}
	return &trial.Outcome{Kind: trial.Oops, Size: size, Op: op, Failure: f, Text: f.Title}
}

// events plays the trial.
func (v vm) events(number int) []trial.Event {
	if v.at == 0 {
		v.at = size
	}
	steps := engine.ProbeSteps(seeded.Spec(), v.at)
	plan := trial.Plan{V: trial.Version, Trial: number, Steps: steps, Probe: &trial.Probe{Size: v.at, What: "x", Kind: "x"}}
	all := []trial.Event{{Type: trial.EventTrial, Plan: &plan}}
	end := trial.Outcome{Kind: trial.Completed}
	for i, s := range steps {
		e := trial.Event{Type: trial.EventEnd, Step: i, Kind: s.Kind, Size: s.Size, Op: s.Op}
		if s.Kind == trial.StepCanary {
			e.Health = &trial.Health{}
			e.Canaries = []trial.Canary{{Name: "fork", NS: 1000}}
			if v.canary && s.Size > 0 {
				e.Canaries[0].Err = &trial.OpError{Name: "EAGAIN", Message: "resource temporarily unavailable"}
			}
		}
		for range s.Reps {
			e.Samples = append(e.Samples, trial.Sample{Count: 1, WallNS: 1000})
		}
		if s.Op == "walk" {
			for r := range e.Samples {
				e.Samples[r] = trial.Sample{Count: v.at, WallNS: int64(v.walk) + int64(r)}
			}
			switch {
			case v.skips:
				e = trial.Event{Type: trial.EventSkip, Step: i, Kind: s.Kind, Size: s.Size, Op: s.Op, Text: "no such device"}
			case v.late:
				e = trial.Event{Type: trial.EventDeadline, Step: i, Kind: s.Kind, Size: s.Size, Op: s.Op}
				end = trial.Outcome{Kind: trial.Deadline, Op: s.Op, Size: s.Size}
			case v.fails != nil:
				end = *v.fails
			}
		}
		if s.Op == "clear" && v.after != nil {
			end = *v.after
		}
		if v.harness {
			end = trial.Outcome{Kind: trial.Harness, Text: "QEMU was killed"}
		}
		if end.Kind != trial.Completed && !v.late {
			break
		}
		all = append(all, e)
		if v.late && s.Op == "walk" {
			break
		}
	}
	all = append(all, trial.Event{Type: trial.EventOutcome, Outcome: &end})
	for i := range all {
		all[i].V, all[i].Trial = trial.Version, number
	}
	return all
}

func TestAnswer(t *testing.T) {
	spec := seeded.Spec()
	const sig, fails, cost, canary = "signature:panic:seeded_panic:seeded@40000", "fails:walk@40000", "cost:walk@40000>10ms", "canary:fork@40000"
	deadline := scenario.MinDeadline
	for _, c := range []struct {
		name, question string
		vm             vm
		want           bisect.Answer
		why            string
	}{
		{"shows", sig, vm{fails: planted()}, bisect.Bad, "planted"},
		{"does not show", sig, vm{}, bisect.Good, "it does not show"},
		{"unrelated", sig, vm{fails: unrelated("walk")}, bisect.Other, "oops:elsewhere:mm"},
		{"unrelated, later", sig, vm{after: unrelated("clear")}, bisect.Other, "oops:elsewhere:mm"},
		{"harness", sig, vm{harness: true}, bisect.Skip, "QEMU was killed"},
		{"slow is not that failure", sig, vm{walk: time.Second}, bisect.Good, ""},
		{"over budget", fails, vm{walk: time.Second}, bisect.Bad, "its budget is"},
		{"any failure of the op", fails, vm{fails: unrelated("walk")}, bisect.Bad, "elsewhere"},
		{"within budget", fails, vm{walk: time.Microsecond}, bisect.Good, "within its budget"},
		{"done before the crash", fails, vm{walk: time.Microsecond, after: unrelated("clear")}, bisect.Good, "walk is done"},
		{"skipped", fails, vm{skips: true}, bisect.Skip, "walk cannot be done: no such device"},
		{"late", fails, vm{late: true}, bisect.Bad, "not done after"},
		{"anything", "fails:any@40000", vm{after: unrelated("clear")}, bisect.Bad, "elsewhere"},
		{"not all was tried", "fails:any@40000", vm{skips: true}, bisect.Skip, "walk cannot be done: no such device"},
		{"not tried", "signature:op-error:walk:ENOMEM@40000", vm{skips: true}, bisect.Skip, "walk cannot be done: no such device"},
		{"not tried, and no matter", "signature:op-error:clear:ENOMEM@40000", vm{skips: true}, bisect.Good, ""},
		{"nothing", "fails:any@40000", vm{walk: time.Microsecond}, bisect.Good, ""},
		{"dear", cost, vm{walk: 11 * time.Millisecond}, bisect.Bad, "walk takes 11.0 ms"},
		{"cheap", cost, vm{walk: 9 * time.Millisecond}, bisect.Good, "walk takes 9.00 ms"},
		{"cheap, then another crash", cost, vm{walk: 9 * time.Millisecond, after: unrelated("clear")}, bisect.Good, "walk takes"},
		{"no value", cost, vm{fails: planted()}, bisect.Other, "panic:seeded_panic:seeded"},
		{"cannot be measured", cost, vm{skips: true}, bisect.Skip, "no such device"},
		{"too long to be measured", cost, vm{late: true}, bisect.Bad, "not done after 30.0 s"},
		{"not measured", "cost:walk@40000>1h", vm{late: true}, bisect.Other, "deadline"},
		{"open", "cost:walk@40000>2x", vm{walk: 9 * time.Millisecond}, bisect.Running, "walk takes 9.00 ms"},
		{"open and late", "cost:walk@40000>2x", vm{late: true}, bisect.Running, "not done after"},
		{"canary", canary, vm{canary: true}, bisect.Bad, "canary fork fails"},
		{"canaries live", canary, vm{}, bisect.Good, ""},
		{"canary unknown", canary, vm{fails: planted()}, bisect.Other, "panic:seeded_panic:seeded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, err := Parse(c.question)
			require.NoError(t, err)
			answer, why, value := Answer(q, spec, head(), c.vm.events(1))
			assert.Equal(t, c.want, answer, why)
			assert.Contains(t, why, c.why)
			switch {
			case q.Kind == Cost && c.vm.walk > 0:
				assert.InDelta(t, float64(c.vm.walk), value, 5)
			case q.Kind == Cost && q.Open() && c.vm.late:
				assert.Equal(t, float64(deadline), value)
			default:
				assert.Zero(t, value)
			}
			q.Fixed = !q.Fixed
			same, _, _ := Answer(q, spec, head(), c.vm.events(1))
			assert.Equal(t, answer, same, "fixed plays no part")
		})
	}
	answer, _, _ := Answer(Question{Kind: Fails, What: "walk", Size: size}, spec, head(), nil)
	assert.Equal(t, bisect.Skip, answer, "a trial that was cut off")
}

func TestSettle(t *testing.T) {
	q, err := Parse("cost:walk@40000>1.5x")
	require.NoError(t, err)
	q, err = q.Settle([]float64{1e6, 1.1e6}, []float64{8e6, 9e6})
	require.NoError(t, err)
	assert.InDelta(t, 2.97e6, float64(q.Limit), 0.01e6)
	again, err := Parse(q.String())
	require.NoError(t, err)
	assert.Equal(t, q.Limit, again.Limit)

	down, err := Parse("cost:walk@40000<0.7x")
	require.NoError(t, err)
	settled, err := down.Settle([]float64{8e6, 9e6}, []float64{1e6, 1.1e6})
	require.NoError(t, err)
	assert.Equal(t, q.Limit, settled.Limit)
	_, err = down.Settle([]float64{1e6, 1.1e6}, []float64{8e6, 9e6})
	require.ErrorIs(t, err, ErrTurned)
	_, err = down.Settle([]float64{1.2e6, 1.1e6}, []float64{1e6, 1.1e6})
	require.ErrorIs(t, err, bisect.ErrNoCut)
}
