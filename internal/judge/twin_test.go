package judge

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/trial"
)

// beside adds how the second VM of a trial ended.
func beside(twin trial.Twin) trial.Event {
	return trial.Event{Type: trial.EventTwin, Step: -1, Twin: &twin}
}

var done = trial.Outcome{Kind: trial.Completed}

func TestTwinsOfAFinding(t *testing.T) {
	together := trial.Twin{Outcome: panics(40), Together: true, NS: -800_000, Frames: -3}
	survived := trial.Twin{Outcome: done}
	otherwise := trial.Twin{Outcome: trial.Outcome{Kind: trial.Oops, Size: 40, Op: "get", Text: "bang",
		Failure: &trial.Failure{Kind: trial.Oops, Title: "bang", Signature: "oops:g:s"}}}
	for name, c := range map[string]struct {
		first trial.Outcome
		twin  trial.Twin
		want  string
	}{
		"together":   {panics(40), together, "both VMs failed together, 800 µs and 3 frames apart; together in 1 of 1 trial"},
		"first only": {panics(40), survived, "only one of the twins failed, the other one: completed; together in 0 of 1 trial"},
		"second only": {done, trial.Twin{Outcome: panics(40)},
			"only one of the twins failed, the other one: completed; together in 0 of 1 trial"},
		"otherwise": {panics(40), otherwise, "only one of the twins failed, the other one: oops; together in 0 of 1 trial"},
	} {
		t.Run(name, func(t *testing.T) {
			twin := beside(c.twin)
			twin.Trial = 1
			table := read(climb().add(twin).end(c.first))
			found := table.Findings()
			require.NotEmpty(t, found)
			assert.Equal(t, "panic:f:s", found[0].What)
			assert.Equal(t, int64(40), found[0].Broken)
			require.NotNil(t, found[0].Twin)
			assert.Equal(t, c.want, found[0].Twin.String())
			assert.Equal(t, int64(20), table.Safe(found))
		})
	}
}

// TestTwinsInEveryTrial: the fresh VMs of the search count as well, and one that only the second VM failed in does not pass.
func TestTwinsInEveryTrial(t *testing.T) {
	together := beside(trial.Twin{Outcome: panics(40), Together: true, NS: 1000, Frames: 1})
	r := climb()
	ladder := together
	ladder.Trial = 1
	r.add(ladder).end(panics(40))
	r.probed(2, 40, panics(40), together).probed(3, 30, done, beside(trial.Twin{Outcome: panics(30)})).
		probed(4, 25, done, beside(trial.Twin{Outcome: done}))
	table := searching(r)
	found := table.Findings()
	require.Len(t, found, 1)
	assert.Equal(t, "both VMs failed together, 1.00 µs and 1 frame apart; together in 2 of 3 trials", found[0].Twin.String())
	assert.True(t, table.Probes[1].Shows("panic:f:s", trial.Panic))
	assert.False(t, table.Probes[2].Shows("panic:f:s", trial.Panic))
}

// TestFindingsOfTheFirstVMAlone: nobody has compared them.
func TestFindingsOfTheFirstVMAlone(t *testing.T) {
	twin := beside(trial.Twin{Outcome: done})
	twin.Trial = 1
	found := read(climb().op("get", 40, 1e9).add(twin).end(done)).Findings()
	require.Len(t, found, 1)
	assert.Equal(t, Budget, found[0].Kind)
	assert.Nil(t, found[0].Twin)
}

// TestOpThatOnlyTheSecondVMRefused is called as it would be of the first.
func TestOpThatOnlyTheSecondVMRefused(t *testing.T) {
	twin := beside(trial.Twin{Outcome: trial.Outcome{Kind: trial.OpRefused, Size: 20, Op: "get", Text: "no memory"}})
	twin.Trial = 1
	found := read(climb().add(twin).end(done)).Findings()
	require.Len(t, found, 1)
	assert.Equal(t, "get", found[0].What)
	assert.Equal(t, "no memory (during get) (in the second VM)", found[0].Text)
	assert.Equal(t, trial.Completed, found[0].Twin.Other)
}

// TestFloodsThatWentWrong are kept with the trial's end; the next trial has its own.
func TestFloodsThatWentWrong(t *testing.T) {
	offered := func(number int, err string) trial.Event {
		return trial.Event{Type: trial.EventOffered, Trial: number, Offered: &trial.Offered{ID: number, Err: err}}
	}
	table := read(climb().add(offered(1, "")).add(offered(1, "QEMU took 449")).end(done).start(2).end(done))
	require.Len(t, table.Ends, 2)
	assert.Equal(t, []trial.Offered{{ID: 1, Err: "QEMU took 449"}}, table.Ends[0].Floods)
	assert.Empty(t, table.Ends[1].Floods)
}
