package wire

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"brink/internal/trial"
)

func TestConsole(t *testing.T) {
	step := trial.Event{Kind: trial.StepOp, Op: "delete", Size: 83}
	with := func(change func(*trial.Event)) trial.Event { e := step; change(&e); return e }
	for name, c := range map[string]struct {
		event trial.Event
		want  []string
	}{
		"hello":  {trial.Event{Type: trial.EventHello, Hello: &trial.Hello{Release: "6.1"}}, []string{"hello 6.1"}},
		"begin":  {with(func(e *trial.Event) { e.Type = trial.EventBegin }), []string{"begin delete 83"}},
		"settle": {trial.Event{Type: trial.EventBegin, Kind: trial.StepSettle, Size: 5}, []string{"begin settle 5"}},
		"end": {with(func(e *trial.Event) {
			e.Type, e.Samples = trial.EventEnd, []trial.Sample{{Count: 83, WallNS: 5}, {Count: 83, WallNS: 6}}
		}), []string{"sample delete 83 83 5", "sample delete 83 83 6"}},
		"canaries": {trial.Event{Type: trial.EventEnd, Kind: trial.StepCanary, Canaries: []trial.Canary{{Name: "fork", NS: 7},
			{Name: "rtnl", Err: &trial.OpError{Name: "EAGAIN", Message: "try\nagain"}}}},
			[]string{"canary fork 7", "canary-failed rtnl EAGAIN try again"}},
		"refused": {with(func(e *trial.Event) { e.Type, e.Err = trial.EventOpError, &trial.OpError{Message: "no"} }), []string{"refused delete 83 - no"}},
		"late": {with(func(e *trial.Event) {
			e.Type, e.Task = trial.EventDeadline, &trial.Task{State: "D", Stack: "[<0>] a+0x1/0x2\n[<0>] b+0x1/0x2\n"}
		}), []string{"at [<0>] a+0x1/0x2", "at [<0>] b+0x1/0x2", "late delete 83 D"}},
		"late, no task": {with(func(e *trial.Event) { e.Type = trial.EventDeadline }), []string{"late delete 83 ?"}},
		"stuck":         {with(func(e *trial.Event) { e.Type, e.Text = trial.EventStuck, "zombie\r\nbrink: done" }), []string{"stuck delete 83 zombie brink: done"}},
		"died": {with(func(e *trial.Event) {
			e.Type, e.Killed, e.Text = trial.EventWorker, &trial.Killed{Signal: "SIGKILL", OOMKills: 2}, "x"
		}), []string{"died SIGKILL 2 x"}},
		"worker": {trial.Event{Type: trial.EventWorker, Text: "load module"}, []string{"died - 0 load module"}},
		"done":   {trial.Event{Type: trial.EventDone}, []string{"done"}},
		"quiet":  {trial.Event{Type: trial.EventProgress}, nil},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, Console(c.event)) })
	}
}
