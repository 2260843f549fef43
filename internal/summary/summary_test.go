package summary

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/explain"
	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

func spec() scenario.Spec {
	op := func(name string) scenario.Op {
		return scenario.Op{Name: name, Title: "do " + name, From: scenario.Full, To: scenario.Full, Growth: scenario.Constant,
			Budget: scenario.Budget{Base: 5 * time.Millisecond}, Deadline: time.Minute}
	}
	return scenario.Spec{Name: "fake", Title: "made up", Axes: []scenario.Axis{{Name: "peers", Unit: "peer"}},
		Ops:     []scenario.Op{op("get"), op("talk")},
		Options: []scenario.Option{{Name: "hot", Default: "64"}, {Name: "ipv6", Default: "0"}}}
}

func head() trial.Run {
	return trial.Run{ID: "one", Scenario: "fake", Axis: "peers", Sizes: []int64{1000, 2000, 4000, 8000, 16_000, 32_000},
		Settings: map[string]string{"hot": "128", "ipv6": "0"}}
}

// climb is a ladder whose samples take the given time, up to a size.
func climb(upTo int64, wall time.Duration) []trial.Event {
	events := []trial.Event{{Type: trial.EventTrial, Trial: 1, Plan: &trial.Plan{}, Start: trial.StartBoot}}
	for _, n := range head().Sizes {
		for _, op := range []string{"get", "talk"} {
			e := trial.Event{Type: trial.EventEnd, Trial: 1, Kind: trial.StepOp, Size: n, Op: op}
			for i := range 8 {
				e.Samples = append(e.Samples,
					trial.Sample{Rep: i, Count: 1, WallNS: int64(wall) + int64(i), CPUNS: int64(wall) / 4})
			}
			if n <= upTo {
				events = append(events, e)
			}
		}
	}
	return events
}

func end(number int, o trial.Outcome) trial.Event {
	return trial.Event{Type: trial.EventOutcome, Trial: number, Outcome: &o}
}

func summaryOf(events []trial.Event, x *explain.Explanation) Summary {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range events {
		events[i].Host = at.Add(time.Duration(i) * time.Second)
	}
	return New(judge.Read(spec(), head(), events), events, true, x)
}

func panics() *trial.Failure {
	return &trial.Failure{Kind: trial.Panic, Title: "kernel panic: fake", Signature: "panic:grow:fake", Function: "grow",
		Subsystem: "fake", Text: "Kernel panic - not syncing: fake\r\nRIP: 0010:grow+0x12/0x40\n outgrow+0x1/0x2\n"}
}

func TestHealthyRun(t *testing.T) {
	events := append(climb(32_000, time.Millisecond), end(1, trial.Outcome{Kind: trial.Completed}))
	s := summaryOf(events, nil)
	assert.Equal(t, Verdict{Safe: 32_000, Trials: 1, Text: "no failure up to 32,000 peers (1 of 1 trials)"}, s.Verdict)
	assert.Equal(t, map[string]string{"hot": "128"}, s.Scenario.Changed)
	assert.Equal(t, events[0].Host, s.Start)
	assert.Equal(t, s.Start.Add(time.Duration(len(events)-1)*time.Second), s.End)
	require.Len(t, s.Ops, 2)
	get := s.Ops[0]
	require.Len(t, get.Points, 6)
	assert.Equal(t, OK, get.Points[0].State)
	assert.InDelta(t, 1e6, get.Points[0].MedianNS, 8)
	assert.EqualValues(t, 5e6, get.Points[0].BudgetNS)
	assert.True(t, get.Waits, "three quarters are off the CPU")
	require.NotNil(t, get.Model)
	assert.Equal(t, "constant", get.Model.Class)
	require.Len(t, get.Model.Curve, curveDots)
	assert.InDelta(t, 1000, get.Model.Curve[0].Size, 1e-6)
	assert.InDelta(t, 32_000, get.Model.Curve[curveDots-1].Size, 1e-6)
}

func TestPanic(t *testing.T) {
	f := panics()
	events := append(
		climb(2000, time.Millisecond),
		trial.Event{Type: trial.EventKernel, Trial: 1, Size: 4000, Op: "talk", Failure: f},
		trial.Event{Type: trial.EventCapture, Trial: 1,
			Captures: []trial.Capture{{What: "registers", File: "registers.txt"}}},
		end(1, trial.Outcome{Kind: trial.Panic, Size: 4000, Op: "talk", Failure: f, Text: f.Title}),
	)
	s := summaryOf(events, &explain.Explanation{Class: explain.Rare, Proven: true})
	assert.Equal(t, Verdict{Failed: true, Safe: 2000, Broken: 4000, Class: "rare", Proven: true, Trials: 1,
		Text: "panic at 4,000 peers (not at 2,000): kernel panic: fake (during talk)"}, s.Verdict)
	require.Len(t, s.Findings, 1)
	found := s.Findings[0]
	assert.Equal(t, "fake", found.Subsystem)
	assert.Equal(t, "trials/001/console.log", found.Log)
	assert.Equal(t, "registers.txt", found.Captures[0].File)
	assert.Equal(t,
		[]Line{{"Kernel panic - not syncing: fake", false}, {"RIP: 0010:grow+0x12/0x40", true}, {" outgrow+0x1/0x2", false}},
		found.Console)
	require.Len(t, s.Trials, 1)
	assert.EqualValues(t, 7*time.Second, s.Trials[0].HostNS)
}

func TestStates(t *testing.T) {
	events := climb(1000, 9*time.Millisecond)
	events[0].Plan.Steps = []trial.Step{{Deadline: time.Minute}}
	enomem := &trial.OpError{Name: "ENOMEM", Message: "cannot allocate memory"}
	events = append(events,
		trial.Event{Type: trial.EventSkip, Trial: 1, Kind: trial.StepOp, Size: 2000, Op: "get", Text: "no key"},
		trial.Event{Type: trial.EventOpError, Trial: 1, Kind: trial.StepOp, Size: 2000, Op: "talk", Err: enomem},
		trial.Event{Type: trial.EventDeadline, Trial: 1, Kind: trial.StepOp, Size: 4000, Op: "get"},
		end(1, trial.Outcome{Kind: trial.Deadline, Size: 4000, Op: "get"}))
	s := summaryOf(events, nil)
	var states []string
	for _, op := range s.Ops {
		for _, p := range op.Points {
			states = append(states, op.Name+" "+p.State+" "+p.Text)
		}
	}
	assert.Equal(
		t,
		[]string{"get over-budget ", "get skipped no key", "get late not done after 60.0 s", "talk over-budget ",
			"talk refused cannot allocate memory"},
		states,
	)
}

// TestHarnessFaultsAreCountedApart: they are no trials of the kernel, and a run of nothing else has found nothing.
func TestHarnessFaultsAreCountedApart(t *testing.T) {
	s := summaryOf(
		[]trial.Event{
			{Type: trial.EventTrial, Trial: 1, Plan: &trial.Plan{}},
			end(1, trial.Outcome{Kind: trial.Harness, Text: "no memory"}),
		},
		nil,
	)
	assert.Equal(t, Verdict{Harness: 1, Text: "nothing was measured to its end, and nothing failed"}, s.Verdict)
	assert.Empty(t, s.Findings)
}

// TestWriteOfAnEmptyRun: what a reader loops over is a list even if it is empty.
func TestWriteOfAnEmptyRun(t *testing.T) {
	var text strings.Builder
	require.NoError(t, Write(&text, summaryOf(nil, nil)))
	var doc map[string]any
	require.NoError(t, json.Unmarshal([]byte(text.String()), &doc))
	for _, list := range []string{"findings", "ops", "signals", "rests", "trials"} {
		assert.IsType(t, []any{}, doc[list], list)
	}
	assert.Equal(t, Format, doc["format"])
	assert.NotContains(t, doc, "start", "of a run without an event")
}
