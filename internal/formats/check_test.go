package formats

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/summary"
	"brink/internal/trial"
)

// results of a run's checks, by their labels.
func results(s summary.Summary) map[string]result {
	all := map[string]result{}
	for _, c := range checks(s) {
		all[c.label()] = c.result
	}
	return all
}

func TestChecks(t *testing.T) {
	all := func(ops, canaries, kernel, run result) map[string]result {
		want := map[string]result{"load": ops, "get": ops, "talk": ops, "walk": ops, "kernel": kernel, "run": run}
		if canaries != 0 {
			want["canary fork"], want["canary timer"] = canaries, canaries
		}
		return want
	}
	oneOfEach := all(failed, passed, failed, passed)
	oneOfEach["canary fork"] = failed
	oneOfEach["limit livelock"], oneOfEach["limit stall"] = passed, failed
	planted := all(passed, passed, failed, passed)
	planted["walk"] = failed
	for name, c := range map[string]struct {
		run  summary.Summary
		want map[string]result
	}{
		"broken":     {broken(), oneOfEach},
		"healthy":    {healthy(head("h"), 1), all(passed, passed, passed, passed)},
		"unfinished": {unfinished(), all(passed, passed, lost, lost)},
		"harness":    {harness(), all(lost, 0, lost, lost)},
		"seeded":     {seeded(), planted},
		"empty":      {empty(), all(lost, 0, lost, lost)},
		"nothing":    {summary.Summary{}, map[string]result{"kernel": lost, "run": lost}},
	} {
		assert.Equal(t, c.want, results(c.run), name)
	}
}

func TestPartsOfAnOp(t *testing.T) {
	parts := map[string][]part{}
	for _, c := range checks(broken()) {
		parts[c.name] = c.parts
	}
	want := map[string][]result{
		"load": {passed, failed, skipped},
		"get":  {passed, skipped, failed},
		"talk": {skipped, failed, skipped},
		"walk": {passed, passed, failed}, // where the guest died in it
	}
	for op, results := range want {
		require.Len(t, parts[op], 3, op)
		for i, r := range results {
			assert.Equal(t, r, parts[op][i].result, "%s at %d", op, parts[op][i].size)
			assert.Equal(t, r != passed, parts[op][i].why != "", "%s at %d says why", op, parts[op][i].size)
		}
	}
}

func TestAFaultOfTheHarnessNamesItself(t *testing.T) {
	for _, c := range checks(harness()) {
		assert.Contains(t, c.why, "harness fault: QEMU: no memory on the host", c.name)
	}
}

// TestARepeatedFaultIsForgotten: what stopped the run is not what went wrong before.
func TestARepeatedFaultIsForgotten(t *testing.T) {
	s := harness()
	s.Trials = append(s.Trials, summary.Trial{Number: 4, Outcome: trial.Outcome{Kind: trial.Completed}})
	for _, c := range checks(s) {
		assert.NotContains(t, c.why, "harness fault", c.name)
	}
}

// TestAWarningDoesNotFailTheOp: only what takes the guest's life fails the op it comes in, besides the op's own
// findings.
func TestAWarningDoesNotFailTheOp(t *testing.T) {
	h := head("warning")
	r := climbed(h, 1)
	warning := panics(1, 4000)
	warning.Failure.Kind, warning.Failure.Fatal = trial.Warning, false
	r.add(warning)
	r.end(1, trial.Outcome{Kind: trial.Completed})
	got := results(r.summary(h, true))
	assert.Equal(t, passed, got["walk"])
	assert.Equal(t, failed, got["kernel"])
}

// TestNarrowedFinding: the search knows the size better, the ladder has the point.
func TestNarrowedFinding(t *testing.T) {
	s := seeded()
	s.Findings[0].Safe, s.Findings[0].Broken = 3000, 3100
	for i := range s.Ops {
		if s.Ops[i].Name == "walk" {
			s.Ops[i].Points = s.Ops[i].Points[:2]
		}
	}
	at := func() []part {
		for _, c := range checks(s) {
			if c.name == "walk" {
				return c.parts
			}
		}
		return nil
	}
	require.Len(t, at(), 4, "without a search the finding's size is one of the ladder")
	s.Findings[0].Search = searched(2000, 4000)
	require.Len(t, at(), 3)
	assert.Equal(t, failed, at()[2].result)
}
