package minimise

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// trialOf is the record of one trial of a candidate; nil is one that was cut off.
func trialOf(q Question, number int, c Candidate, confirm bool, outcome *trial.Outcome) []Line {
	start := time.Date(2026, 1, 2, 3, 4, number, 0, time.UTC)
	plan := trial.Plan{V: trial.Version, Trial: number, Scenario: "fake", Settings: c.Settings, Steps: c.Steps,
		Probe: &trial.Probe{Size: c.Size, What: q.Target.What, Kind: q.Target.Kind}}
	lines := []Line{{Try: &Try{Target: q.Target, Candidate: c, What: "x", Confirm: confirm},
		Event: trial.Event{V: 1, Type: trial.EventTrial, Trial: number, Step: -1, Plan: &plan, Host: start}}}
	if outcome != nil {
		lines = append(lines, Line{Event: trial.Event{V: 1, Type: trial.EventOutcome, Trial: number, Step: -1, Outcome: outcome, Host: start.Add(4 * time.Second)}})
	}
	return lines
}

func panicOutcome(signature string) *trial.Outcome {
	return &trial.Outcome{Kind: trial.Panic, Size: 100, Op: "put", Text: signature, Failure: &trial.Failure{Kind: trial.Panic, Signature: signature}}
}

// TestReadCollapse: a fresh VM is held against the ladder that the target brought along.
func TestReadCollapse(t *testing.T) {
	q := question()
	q.Spec.Limits = []scenario.Limit{{Name: "livelock", Signal: "processed", Form: scenario.Collapse, Bound: 0.5, Of: "offered"}}
	q.Target.What, q.Target.Kind, q.Target.Rungs = "livelock", judge.OverLimit, []judge.Rung{{Size: 50, Level: 200, Of: 50}}
	var lines []Line
	for n, processed := range []float64{20, 180} {
		own := trialOf(q, n+1, q.Whole, false, &trial.Outcome{Kind: trial.Completed})
		second := own[0]
		second.Event = trial.Event{Type: trial.EventSignals, Trial: n + 1, Kind: trial.StepOp, Op: "put", Size: q.Target.At,
			Signals: trial.Signals{"processed": processed, "offered": 100}}
		lines = append(append(append(lines, own[0]), second), own[1:]...)
	}
	known := Read(q.Spec, trial.Run{}, q.Target, lines)[q.Whole.Key()]
	assert.Equal(t, []int{1, 1}, []int{known.Shown, known.Missed})
}

func TestRead(t *testing.T) {
	q := question()
	whole, less := q.Whole, q.Whole
	less.Args = nil
	other := q
	other.Target.At = 200
	var lines []Line
	for n, own := range [][]Line{
		trialOf(q, 1, whole, false, panicOutcome("panic:f:s")),
		trialOf(q, 2, whole, true, panicOutcome("panic:f:s")),
		trialOf(q, 3, less, false, panicOutcome("panic:other:s")),
		trialOf(q, 4, less, true, &trial.Outcome{Kind: trial.Completed}),
		trialOf(q, 5, less, false, &trial.Outcome{Kind: trial.Harness, Text: "QEMU was killed"}),
		trialOf(q, 6, less, false, nil),
		trialOf(other, 7, whole, false, panicOutcome("panic:f:s")),
	} {
		require.Equal(t, n+1, own[0].Trial)
		lines = append(lines, own...)
	}
	known := Read(q.Spec, trial.Run{}, q.Target, lines)
	assert.Equal(t, Tally{Shown: 2, Confirmed: 1, Confirming: 1}, known[whole.Key()])
	assert.Equal(t, Tally{Missed: 2, Harness: 1, Confirming: 1, Last: "harness: QEMU was killed"}, known[less.Key()])
	assert.Len(t, known, 2)
	assert.Equal(t, 6, Boots(lines, q.Target), "that of another target is not counted, the one that was cut off is")
	assert.Equal(t, 7, LastTrial(lines))
	assert.Equal(t, 20*time.Second, took(lines, q.Target))
	assert.Equal(t, 4*time.Second, Typical(lines, q.Target), "the one that was cut off does not count")
	assert.Zero(t, Typical(nil, q.Target))

	for n, l := range lines {
		text, err := json.Marshal(l)
		require.NoError(t, err)
		got, err := ParseLine(text)
		require.NoError(t, err)
		require.Equal(t, l, got, "line %d", n)
	}
}

// TestReadOverBudget: a failure that is no outcome shows in the samples.
func TestReadOverBudget(t *testing.T) {
	q := question()
	q.Spec.Ops[2].Budget = scenario.Budget{Base: time.Second}
	q.Target.What, q.Target.Kind = "put", judge.Budget
	lines := trialOf(q, 1, q.Whole, false, &trial.Outcome{Kind: trial.Completed})
	slow := Line{Event: trial.Event{V: 1, Type: trial.EventEnd, Trial: 1, Kind: trial.StepOp, Size: 100, Op: "put",
		Samples: []trial.Sample{{Count: 1, WallNS: 2e9}}}}
	assert.Equal(t, 1, Read(q.Spec, trial.Run{}, q.Target, []Line{lines[0], slow, lines[1]})[q.Whole.Key()].Shown)
	slow.Samples[0].WallNS = 1e8
	assert.Equal(t, 1, Read(q.Spec, trial.Run{}, q.Target, []Line{lines[0], slow, lines[1]})[q.Whole.Key()].Missed)
	slow.Samples[0].WallNS = 2e9
	wall := q.Whole
	wall.Machine.Accel, wall.Machine.Clock = "tcg", trial.ClockWall // emulated real time has a larger budget
	lines = trialOf(q, 1, wall, false, &trial.Outcome{Kind: trial.Completed})
	assert.Equal(t, 1, Read(q.Spec, trial.Run{}, q.Target, []Line{lines[0], slow, lines[1]})[wall.Key()].Missed)
}

func TestParseLineRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                                "parse event",
		`{"v":2,"type":"end"}`:             "use a newer brink",
		`{"v":1,"type":"trial","plan":{}}`: "it does not say what is tried",
		`{"v":1,"type":"trial","plan":{"probe":{}}}`: "it does not say what is tried",
		`{"v":1,"type":"trial","plan":{},"try":{}}`:  "it does not say what is tried",
		`{"v":1,"type":"end","try":7}`:               "parse trial",
	} {
		_, err := ParseLine([]byte(text))
		assert.ErrorContains(t, err, want, text)
	}
}

func TestResult(t *testing.T) {
	q := question()
	less := q.candidate(q.whole().without(part{option, 1, ""}, part{arg, 0, ""}, part{device, 0, ""}))
	lines := append(trialOf(q, 1, q.Whole, false, panicOutcome("panic:f:s")), trialOf(q, 2, less, false, panicOutcome("panic:f:s"))...)
	lines = append(lines, trialOf(q, 3, less, true, &trial.Outcome{Kind: trial.Completed})...)
	r := New(q, trial.Run{Kernel: trial.Kernel{Name: "debian:6.12"}}, Report{Best: less, Rate: 0.5, Tally: Tally{Confirming: 1}}, lines)
	assert.Equal(t, 2, r.Plan.Trial, "the plan of a trial that showed the failure")
	assert.Equal(t, scenario.Settings{"b": "20", "c": "30"}, r.Settings)
	assert.Equal(t, []string{"pvpanic", "quiet"}, r.Without)
	assert.Equal(t, []string{"oops=panic", "nokaslr", "sysrq", "loglevel=5"}, less.Args)
	assert.Equal(t, 3, r.Boots)

	text, err := json.Marshal(r)
	require.NoError(t, err)
	got, err := ParseResult(text)
	require.NoError(t, err)
	again, err := json.Marshal(got)
	require.NoError(t, err)
	assert.JSONEq(t, string(text), string(again))
	for text, want := range map[string]string{
		`{`:       "parse minimised reproduction",
		`{"v":2}`: "use a newer brink",
		`{}`:      "it has no version",
		`{"v":1}`: "plan has version 0",
	} {
		_, err := ParseResult([]byte(text))
		assert.ErrorContains(t, err, want, text)
	}
}

func FuzzParseResult(f *testing.F) {
	f.Add([]byte(`{"v":1,"plan":{"v":1,"scenario":"a","steps":[{}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if r, err := ParseResult(text); err == nil && len(r.Plan.Steps) == 0 {
			t.Fatal("a result without a plan")
		}
	})
}

func FuzzParseLine(f *testing.F) {
	f.Add([]byte(`{"v":1,"type":"trial","plan":{"probe":{}},"try":{}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := ParseLine(text)
		if err == nil && l.Type == trial.EventTrial && (l.Try == nil || l.Plan.Probe == nil) {
			t.Fatal("a trial of nothing")
		}
		if err == nil { // a reader of the record never falls over
			_ = Read(question().Spec, trial.Run{}, question().Target, []Line{l})
		}
	})
}
