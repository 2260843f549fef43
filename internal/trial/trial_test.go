package trial

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/scenario"
)

func TestParseEvent(t *testing.T) {
	want := Event{V: Version, Type: EventEnd, Trial: 3, Host: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), GuestNS: 7, Step: 2,
		Kind: StepOp, Size: 1024, Op: "load", Samples: []Sample{{Rep: 0, Count: 1024, WallNS: 9, CPUNS: 5, SysNS: 4}},
		Health: &Health{Threads: 80, KernelLines: []string{"a\nb"}}}
	line, err := json.Marshal(want)
	require.NoError(t, err)
	assert.NotContains(t, string(line), "\n", "one event is one line")
	got, err := ParseEvent(line)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestParseEventRefuses(t *testing.T) {
	for line, want := range map[string]string{
		``:                         "parse event",
		`null`:                     "it has no type",
		`{"v":1}`:                  "it has no type",
		`{"v":1,"type":"done"`:     "parse event",
		`[1]`:                      "parse event",
		`{"v":1,"type":5}`:         "parse event",
		`{"v":2,"type":"done"}`:    "event has version 2, this build knows 1: use a newer brink",
		`{"v":99,"type":"future"}`: "use a newer brink",
		// These would make a reader trip that trusts the type.
		`{"v":1,"type":"hello"}`:                  "hello lacks what it is about",
		`{"v":1,"type":"op-error","op":"load"}`:   "op-error lacks what it is about",
		`{"v":1,"type":"op-error","err":null}`:    "op-error lacks what it is about",
		`{"v":1,"type":"trial","trial":1}`:        "trial lacks what it is about",
		`{"v":1,"type":"kernel","trial":1}`:       "kernel lacks what it is about",
		`{"v":1,"type":"outcome","outcome":null}`: "outcome lacks what it is about",
	} {
		e, err := ParseEvent([]byte(line))
		require.ErrorContains(t, err, want, line)
		assert.Equal(t, Event{}, e, line)
	}
}

func TestParseEventTakesUnknownTypesAndFields(t *testing.T) {
	e, err := ParseEvent([]byte(`{"v":1,"type":"novel","more":{"a":1}}`))
	require.NoError(t, err)
	assert.Equal(t, EventType("novel"), e.Type)
}

func TestPlanCheck(t *testing.T) {
	good := Plan{V: Version, Trial: 4, Scenario: "fake", Steps: []Step{{Kind: StepCanary}}}
	require.NoError(t, good.Check())
	for name, c := range map[string]struct {
		spoil func(*Plan)
		want  string
	}{
		"newer":       {func(p *Plan) { p.V++ }, fmt.Sprintf("plan has version %d, this build knows %d", Version+1, Version)},
		"no version":  {func(p *Plan) { p.V = 0 }, "plan has version 0"},
		"no scenario": {func(p *Plan) { p.Scenario = "" }, "plan of trial 4 names no scenario"},
		"no steps":    {func(p *Plan) { p.Steps = nil }, "has no steps"},
	} {
		t.Run(name, func(t *testing.T) {
			p := good
			c.spoil(&p)
			require.ErrorContains(t, p.Check(), c.want)
		})
	}
}

func TestPlanSurvivesJSON(t *testing.T) {
	want := Plan{V: Version, Run: "r", Trial: 1, Scenario: "fake", Axis: "peers", Seed: 1<<64 - 1,
		Settings: scenario.Settings{"hot": "64"}, Clock: ClockICount, Heartbeat: 5 * time.Second,
		Steps: []Step{{Kind: StepOp, Size: 1 << 40, Op: "load", Reps: 2, Untimed: true, Deadline: time.Hour}}}
	text, err := json.Marshal(want)
	require.NoError(t, err)
	var got Plan
	require.NoError(t, json.Unmarshal(text, &got))
	assert.Equal(t, want, got)
}

func TestKills(t *testing.T) {
	for kind, want := range map[Kind]bool{
		Panic: true, Oops: true, SoftLockup: true, HardLockup: true, HungTask: true, RCUStall: true, OOM: true,
		StuckTask: true, Corruption: true, Unresponsive: true, VMDied: true,
		Completed: false, Warning: false, KernelError: false, OpRefused: false, Deadline: false, Harness: false, "": false,
	} {
		assert.Equal(t, want, kind.Kills(), "%q", kind)
	}
}

func TestStepName(t *testing.T) {
	assert.Equal(t, "load", Step{Kind: StepOp, Op: "load"}.Name())
	assert.Equal(t, "canary", Step{Kind: StepCanary}.Name())
}

func TestOffCPU(t *testing.T) {
	assert.Equal(t, 7*time.Nanosecond, Sample{WallNS: 10, CPUNS: 3}.OffCPU())
	assert.Zero(t, Sample{WallNS: 3, CPUNS: 10}.OffCPU(), "two threads use more CPU than time passes")
}
