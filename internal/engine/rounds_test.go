package engine

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"brink/internal/scenario"
	"brink/internal/trial"
)

func TestRoundSteps(t *testing.T) {
	op := func(name string, from, to scenario.State) scenario.Op {
		return scenario.Op{Name: name, From: from, To: to}
	}
	names := func(steps []trial.Step) (names []string) {
		for _, s := range steps {
			names = append(names, s.Name())
		}
		return names
	}
	load, read, walk := op("load", scenario.Empty, scenario.Full), op("read", scenario.Full, scenario.Full), op("walk", scenario.Full, scenario.Full)
	grow, clear := op("grow", scenario.Smaller, scenario.Full), op("clear", scenario.Full, scenario.Empty)

	steps, repeat := RoundSteps(scenario.Spec{Ops: []scenario.Op{grow, load, read, walk}}, 100, time.Second, time.Hour)
	assert.Equal(t, []string{"canary", "load", "read", "walk", "canary"}, names(steps))
	assert.Equal(t, &trial.Repeat{From: 2, For: time.Hour}, repeat, "it stays loaded")
	assert.Zero(t, steps[1].For)
	assert.Equal(t, time.Second, steps[2].For)
	assert.EqualValues(t, 100, steps[2].Size)

	steps, repeat = RoundSteps(scenario.Spec{Ops: []scenario.Op{load, read, clear}}, 100, time.Second, time.Hour)
	assert.Equal(t, []string{"canary", "load", "read", "canary", "clear"}, names(steps))
	assert.Equal(t, 1, repeat.From, "each round loads anew")
}
