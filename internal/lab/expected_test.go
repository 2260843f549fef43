package lab

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// TestExpectedReport: what the scenario brings about is on record, and ends no trial; the same report without that expectation does.
func TestExpectedReport(t *testing.T) {
	for has, is := range map[string]bool{"Killed process 71": true, "Memory cgroup": false} {
		var events []trial.Event
		record := func(e trial.Event) error { events = append(events, e); return nil }
		w, err := newWatch(&fakeVM{t: t}, t.TempDir(), limits, "6.1.0", record)
		require.NoError(t, err)
		defer w.close()
		w.hello, w.expects = true, []scenario.Expect{{Kind: string(trial.OOM), Has: has}}
		_, err = w.parser.Write([]byte(oom))
		require.NoError(t, err)
		w.parser.Flush()
		require.NotEmpty(t, events)
		for _, e := range events {
			assert.Equal(t, trial.EventKernel, e.Type)
			assert.Equal(t, is, e.Failure.Expected, "has %q", has)
		}
		assert.Equal(t, is, len(w.failures) == 0, "has %q", has)
		assert.Equal(t, is, w.outcome(trial.Outcome{Kind: trial.Completed}).Kind == trial.Completed, "has %q", has)
	}
}
