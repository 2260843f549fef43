package explain

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

var spec = scenario.Spec{Name: "fake", Ops: []scenario.Op{
	{Name: "get", From: scenario.Full, To: scenario.Full, Budget: scenario.Budget{Base: time.Second}},
	{Name: "put", From: scenario.Full, To: scenario.Full, Budget: scenario.Budget{Base: time.Second}},
}}

// record writes lines as the command does: one trial an outcome.
type record struct {
	lines []Line
	n     int
}

func (r *record) trial(s Setup, o trial.Outcome, more ...trial.Event) {
	r.n++
	add := func(e trial.Event) {
		e.V, e.Trial = trial.Version, r.n
		l := Line{Arm: s.Name, Event: e}
		if e.Type == trial.EventTrial {
			l.Setup = &s
		}
		r.lines = append(r.lines, l)
	}
	add(trial.Event{Type: trial.EventTrial, Plan: &trial.Plan{Probe: &trial.Probe{Size: s.Size, What: s.Target.What, Kind: s.Target.Kind}}})
	for _, e := range more {
		add(e)
	}
	if o.Kind != "" {
		add(trial.Event{Type: trial.EventOutcome, Outcome: &o})
	}
}

func took(op string, d time.Duration) trial.Event {
	return trial.Event{Type: trial.EventEnd, Kind: trial.StepOp, Size: 100, Op: op, Samples: []trial.Sample{{Count: 1, WallNS: int64(d)}}}
}

func setup(name string, f Factor, target Target) Setup {
	return Setup{Name: name, Factor: f, Target: target, Size: 100}
}

func TestRead(t *testing.T) {
	target := Target{What: "panic:f", Kind: trial.Panic, Op: "get", Safe: 90, Broken: 100}
	panics := func(signature string) trial.Outcome {
		return trial.Outcome{Kind: trial.Panic, Size: 100, Op: "get", Failure: &trial.Failure{Kind: trial.Panic, Signature: signature}}
	}
	same, old := setup("same", Same, target), setup("old", Version, target)
	r := &record{}
	r.trial(same, panics("panic:f"))
	r.trial(same, panics("panic:g"))
	r.trial(same, trial.Outcome{Kind: trial.Harness, Text: "QEMU was killed"})
	r.trial(same, trial.Outcome{}) // cut off
	r.trial(old, trial.Outcome{Kind: trial.Completed})
	r.trial(old, trial.Outcome{Kind: trial.Completed}, took("put", time.Minute)) // slow elsewhere
	moved := target
	moved.Broken = 99
	r.trial(setup("same", Same, moved), panics("panic:f"))

	arms := Read(spec, trial.Run{}, Setups(r.lines, target), r.lines)
	require.Len(t, arms, 2)
	assert.Equal(t, []int{1, 0, 1, 1}, []int{arms[0].Failed, arms[0].Passed, arms[0].Other, arms[0].Harness})
	assert.Equal(t, []string{"panic:g"}, arms[0].Others)
	assert.Equal(t, "QEMU was killed", arms[0].Fault)
	assert.Equal(t, []int{0, 2, 0, 0}, []int{arms[1].Failed, arms[1].Passed, arms[1].Other, arms[1].Harness})
	last, ok := Last(r.lines)
	assert.True(t, ok)
	assert.Equal(t, moved, last)
	assert.Equal(t, 7, LastTrial(r.lines))
}

// TestReadBudget: an op that is too slow is judged by the budget of its machine; the same op failing in another way is
// no pass.
func TestReadBudget(t *testing.T) {
	target := Target{What: "get", Kind: judge.Budget, Op: "get", Broken: 100}
	s := setup("same", Same, target)
	slow := setup("wall", Environment, target)
	slow.Machine = trial.Machine{Accel: "tcg", Clock: trial.ClockWall}
	r := &record{}
	r.trial(s, trial.Outcome{Kind: trial.Completed}, took("get", 2*time.Second))
	r.trial(s, trial.Outcome{Kind: trial.Completed}, took("get", time.Millisecond))
	r.trial(s, trial.Outcome{Kind: trial.Completed}, trial.Event{Type: trial.EventOpError, Kind: trial.StepOp, Size: 100, Op: "get", Err: &trial.OpError{Name: "EIO"}})
	r.trial(slow, trial.Outcome{Kind: trial.Completed}, took("get", 2*time.Second))
	arms := Read(spec, trial.Run{}, Setups(r.lines, target), r.lines)
	assert.Equal(t, []int{1, 1, 1}, []int{arms[0].Failed, arms[0].Passed, arms[0].Other})
	assert.Equal(t, []string{"op-error:get:EIO"}, arms[0].Others)
	assert.Equal(t, 1, arms[1].Passed)
}

// TestReadCollapse: a fresh VM of one size is held against the ladder that the target brought along, and the record keeps it.
func TestReadCollapse(t *testing.T) {
	flood := spec
	flood.Limits = []scenario.Limit{{Name: "livelock", Signal: "processed", Form: scenario.Collapse, Bound: 0.5, Of: "offered"}}
	target := Target{What: "livelock", Kind: judge.OverLimit, Op: "get", Safe: 50, Broken: 100, At: 100,
		Rungs: []judge.Rung{{Size: 25, Level: 100, Of: 25}, {Size: 50, Level: 200, Of: 50}, {Size: 100, Level: 20, Of: 100}}}
	r := &record{}
	level := func(processed float64) trial.Event {
		return trial.Event{Type: trial.EventSignals, Kind: trial.StepOp, Size: 100, Op: "get", Signals: trial.Signals{"processed": processed, "offered": 100}}
	}
	for _, processed := range []float64{20, 30, 180} {
		r.trial(setup("same", Same, target), trial.Outcome{Kind: trial.Completed}, level(processed), took("get", 1))
	}
	var lines []Line
	for _, l := range r.lines {
		text, err := json.Marshal(l)
		require.NoError(t, err)
		again, err := ParseLine(text)
		require.NoError(t, err)
		lines = append(lines, again)
	}
	last, ok := Last(lines)
	require.True(t, ok)
	assert.Equal(t, target, last)
	arms := Read(flood, trial.Run{}, Setups(lines, last), lines)
	require.Len(t, arms, 1)
	assert.Equal(t, []int{2, 1, 0}, []int{arms[0].Failed, arms[0].Passed, arms[0].Other})
}

// TestReadNumbers: the number of a signal or an op, and the guest's facts, come from trials that did everything.
func TestReadNumbers(t *testing.T) {
	limited := spec
	limited.Signals = []scenario.Signal{{Name: "ratio", Unit: "times"}, {Name: "delay", Unit: "ns"}, {Name: "idle", Unit: "ns"}}
	limited.Limits = []scenario.Limit{{Name: "slow", Signal: "ratio", Form: scenario.Above, Bound: 3},
		{Name: "late", Signal: "delay", Form: scenario.Times, Bound: 3, Of: "idle"}}
	second := func(size int64, ratio, delay float64) trial.Event {
		return trial.Event{Type: trial.EventSignals, Kind: trial.StepOp, Size: size, Op: "get",
			Signals: trial.Signals{"ratio": ratio, "delay": delay, "idle": 1}}
	}
	for _, c := range []struct {
		kind trial.Kind
		what string
		want []float64
		said string
	}{
		{judge.OverLimit, "slow", []float64{6.5}, "ratio 6.5 times"}, // the worst second
		{judge.OverLimit, "late", []float64{4e6}, "delay 4.00 ms"},   // the median
		{judge.Budget, "get", []float64{2e9}, "get 2.00 s"},          // the median sample
		{judge.Budget, "canary fork", nil, ""}, {trial.Panic, "get", nil, ""}, {judge.OverLimit, "none", nil, ""},
	} {
		target := Target{What: c.what, Kind: c.kind, Op: "get", Broken: 100, At: 100, Measure: MeasureOf(limited, c.kind, c.what)}
		s, r := setup("same", Same, target), &record{}
		fact := func(text string) trial.Event { return trial.Event{Type: trial.EventFact, Name: "cpu", Text: text} }
		done := took("get", 2*time.Second)
		r.trial(s, trial.Outcome{Kind: trial.Completed}, fact("avx"), second(50, 9, 9e9), second(100, 6, 3e6), second(100, 6.5, 4e6), second(100, 6.1, 5e6), done)
		r.trial(s, trial.Outcome{Kind: trial.Completed}, second(100, -1, 0), took("get", 0))
		r.trial(s, trial.Outcome{Kind: trial.Panic, Size: 100}, fact("lost"), second(100, 9, 9e6), done)
		r.trial(s, trial.Outcome{Kind: trial.Harness}, second(100, 9, 9e6), done)
		arms := Read(limited, trial.Run{}, Setups(r.lines, target), r.lines)
		require.Len(t, arms, 1)
		assert.Equal(t, c.want, arms[0].Numbers, c.what)
		assert.Equal(t, map[string]string{"cpu": "avx"}, arms[0].Facts)
		if m := target.Measure; assert.Equal(t, c.want != nil, m != nil, c.what) && m != nil {
			assert.Equal(t, c.said, m.Say(c.want[0]))
		}
	}
}

func TestSetupsKeepWhatWasTried(t *testing.T) {
	target := Target{What: "x", Broken: 100}
	no := setup("load", Load, target)
	no.Skipped = "no rate"
	r := &record{lines: []Line{{Arm: "load", Setup: &no, Event: trial.Event{Type: trial.EventSkip}}}}
	r.trial(setup("same", Same, target), trial.Outcome{Kind: trial.Completed})
	all := Setups(r.lines, target)
	require.Len(t, all, 2)
	assert.Equal(t, "same", all[0].Name, "the control comes first")
	assert.Equal(t, "no rate", all[1].Skipped)
	r.trial(setup("load", Load, target), trial.Outcome{Kind: trial.Completed})
	assert.Empty(t, Setups(r.lines, target)[1].Skipped)
}

func TestParseLine(t *testing.T) {
	r := &record{}
	r.trial(setup("same", Same, Target{What: "x", Broken: 100}), trial.Outcome{Kind: trial.Completed}, took("get", 5))
	for _, l := range r.lines {
		text, err := json.Marshal(l)
		require.NoError(t, err)
		again, err := ParseLine(text)
		require.NoError(t, err)
		assert.Equal(t, l, again)
	}
	for text, want := range map[string]string{
		`{`: "parse event", `{"v":1,"type":"end"}`: "does not say which one", `{"v":9,"type":"end","arm":"a"}`: "use a newer brink",
		`{"v":1,"type":"trial","arm":"a","plan":{}}`:             "does not say which one",
		`{"v":1,"type":"trial","arm":"a","plan":{},"setup":{}}`:  "does not say which one",
		`{"v":1,"type":"end","arm":7}`:                           "parse arm",
		`{"v":1,"type":"end","arm":"a","setup":{"size":"many"}}`: "parse arm",
	} {
		_, err := ParseLine([]byte(text))
		assert.ErrorContains(t, err, want, text)
	}
}

func FuzzParseLine(f *testing.F) {
	f.Add([]byte(`{"v":1,"type":"trial","arm":"a","plan":{"probe":{}},"setup":{}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := ParseLine(text)
		if err != nil {
			return
		}
		lines := []Line{l, l}
		if target, ok := Last(lines); ok {
			Judge(Read(spec, trial.Run{}, Setups(lines, target), lines))
		}
	})
}
